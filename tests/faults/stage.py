"""One step of a scenario, to be played again and again from the same start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from requests.adapters import HTTPAdapter
from support import hosts, scenarios
from support.database import Database, World
from support.placements import ROOT, Real

from pci_placement import identity
from pci_placement.errors import PciPlacementError
from pci_placement.model import PciAddress, Provider, ProviderTree, Snapshot
from pci_placement.passes.values import PassReport
from pci_placement.placement import Client
from pci_placement.settings import Settings
from pci_placement.state.store import StateFile
from pci_placement.sync import Reconciler

from .devices import Cards, Counted, Seats
from .known import Known, State
from .wire import Wire, client_over

PLACEMENT = "[placement]\nauth_type = admin_token\nendpoint = {}\ntoken = admin\n"

TRUSTING = "full_sync_interval = 1e12\n"
"""So that a process trusts the cache as a pass in this process does, and asks for as much."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that a pass of this step starts from.

    before is which devices the providers counted up to now; cards knows the card of each device
    that was ever here.
    """

    name: str
    settings: Settings
    snapshot: Snapshot
    folder: Path
    config_files: tuple[Path, ...]
    url: str
    known: Known
    cache: Mapping[str, bytes]
    before: Counted
    cards: Cards
    seats: Seats

    def reset(self) -> None:
        """Bring everything back to the moment before the pass."""
        self.restore(self.known.start, self.cache)

    def restore(self, state: State, cache: Mapping[str, bytes]) -> None:
        self.known.go(state)
        write_cache(self.state_folder, cache)

    @property
    def state_folder(self) -> Path:
        return Path(self.settings.state_dir)

    @property
    def state(self) -> StateFile:
        """The cache that the command line would use."""
        return StateFile(self.settings.state_dir, ROOT.uuid)

    def reconciler(self, client: Client) -> Reconciler:
        return Reconciler(self.settings, lambda: self.snapshot, client, [].append)

    def sys_tree(self) -> Path:
        """The host of this step as a /sys tree."""
        tree = self.folder / f"sys-{self.name}"
        return tree if tree.exists() else hosts.write_tree(tree, self.snapshot)


@dataclass(frozen=True, slots=True)
class Pass:
    """What became of a pass: its report, or the error that ended it."""

    report: PassReport | None
    error: PciPlacementError | None = None


def make_pass(stage: Stage, wire: Wire) -> Pass:
    """Make one pass with cache and lock, as `pci-placement sync` does."""
    with stage.state.lock(), client_over(wire, stage.url) as client:
        try:
            report = stage.reconciler(client).run_once(stage.state.load())
        except PciPlacementError as error:
            return Pass(None, error)
        assert report.planned.breaches == ()
        stage.state.save(report.last_pass)
        return Pass(report)


@dataclass(frozen=True, slots=True)
class Clean:
    """A step without faults: the requests of its pass, what was wanted, and what came of it."""

    asked: tuple[str, ...]
    moments: tuple[World, ...]
    tree: ProviderTree
    end: World

    @property
    def wants(self) -> dict[str, Provider]:
        """The desired providers by uuid."""
        return {identity.provider_uuid(ROOT.uuid, p.key): p for p in self.tree.providers}

    @property
    def writes(self) -> bool:
        return bool(self.moments)


def rehearse(stage: Stage) -> Clean:
    """Play a step without a fault."""
    stage.reset()
    wire = Wire(stage.known)
    done = make_pass(stage, wire)
    assert done.report, done.error
    return Clean(
        asked=tuple(wire.asked),
        moments=tuple(wire.moments),
        tree=done.report.planned.host.tree,
        end=stage.known.now.world,
    )


@dataclass(slots=True)
class _Past:
    """What the steps so far have shown."""

    counted: dict[str, Mapping[PciAddress, str]] = field(default_factory=dict)
    cards: dict[PciAddress, PciAddress] = field(default_factory=dict)
    seats: dict[str, frozenset[PciAddress]] = field(default_factory=dict)

    def seat(self, world: World) -> None:
        """Give everybody new the devices that are counted now where they claimed."""
        found: dict[str, set[PciAddress]] = {}
        for uuid, row in world.items():
            for consumer, held in row.claims.items():
                counted = self.counted.get(uuid, {})
                found.setdefault(consumer, set()).update(a for a, c in counted.items() if c in held)
        for consumer, devices in found.items():
            self.seats.setdefault(consumer, frozenset(devices))


def stages(
    scenario: dict, folder: Path, url: str, database: Database
) -> Iterator[tuple[Stage, Clean]]:
    """Play a scenario without faults; each step is given out before the next one is played."""
    past = _Past()
    with client_over(HTTPAdapter(), url) as everybody_else:
        real = Real(everybody_else)
        for number, (step, snapshot, config) in enumerate(scenarios.steps(scenario), 1):
            scenarios.act(step, real)
            past.cards |= {device.address: device.card_addr for device in snapshot.devices}
            stage = _stage(f"step{number}", (folder, config, url, database), snapshot, past)
            clean = rehearse(stage)
            end, cache = stage.known.now, read_cache(stage.state_folder)
            yield stage, clean
            stage.restore(end, cache)
            stage.known.load()
            past.counted |= {uuid: p.addresses for uuid, p in clean.wants.items()}


def _stage(name: str, where: tuple, snapshot: Snapshot, past: _Past) -> Stage:
    folder, config, url, database = where
    state = folder / "state"
    state.mkdir(exist_ok=True)
    own = scenarios.write_config(folder, config)
    placement = folder / "placement.conf"
    more = f"[pci_placement]\nstate_dir = {state}\n{TRUSTING}"
    placement.write_text(PLACEMENT.format(url) + more)
    files = (own, placement)
    known = Known(database)
    past.seat(known.start.world)
    return Stage(
        name=name,
        settings=scenarios.read_config(*files),
        snapshot=snapshot,
        folder=folder,
        config_files=files,
        url=url,
        known=known,
        cache=read_cache(state),
        before=dict(past.counted),
        cards=dict(past.cards),
        seats=dict(past.seats),
    )


PASSED_OVER = (".claims", ".lock", ".login", ".root")


def read_cache(folder: Path) -> dict[str, bytes]:
    """The files of the state folder but for locks, the login, which root it is and who has what."""
    kept = [file for file in folder.iterdir() if file.suffix not in PASSED_OVER]
    return {file.name: file.read_bytes() for file in kept}


def write_cache(folder: Path, cache: Mapping[str, bytes]) -> None:
    for file in folder.iterdir():
        file.unlink()
    for name, content in cache.items():
        (folder / name).write_bytes(content)
