"""What happens in the demo, in order; every step is the real command against a real Placement."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from pci_placement import placement
from pci_placement.cli import main
from pci_placement.desired import make_desired
from pci_placement.discovery.scan import LIVE_SYSFS
from pci_placement.discovery.sysfs import Sysfs
from pci_placement.embedded import EmbeddedPlacement
from pci_placement.errors import DiscoveryError, ExitCode, PciPlacementError
from pci_placement.mapping import request
from pci_placement.mapping.questions import Question, first_answer, questions
from pci_placement.model import ObservedTree
from pci_placement.settings import ConfigPath, Settings, load
from pci_placement.text.counts import counted

from . import screen
from .hosts import DemoHost, captured_host, own_config, without_comments

WRITES = ("POST", "PUT", "DELETE")
_WHOLE, _FEW, _LEAST = 40, 5, 2
"""Of how many lines a pass may take to be told."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A host on the stage: its configuration file, and how commands are run for it.

    All of it lies below the folder in which the story is played, and is named from there.
    """

    host: DemoHost
    file: Path
    server: EmbeddedPlacement

    @classmethod
    def set_up(cls, host: DemoHost, folder: Path, server: EmbeddedPlacement) -> Stage:
        """Register the compute node as zun-compute would, and write its configuration."""
        server.create_compute_node(host.name)
        file = Path(f"{host.name}.conf")
        (folder / file).write_text(_header(host.name, folder, server.url) + host.config)
        return cls(host, file, server)

    def typed(self, command: str) -> str:
        """A command as somebody types it in that folder."""
        is_live = str(self.host.sysfs) == LIVE_SYSFS
        sysfs = [] if is_live else ["--sysfs", str(self.host.sysfs)]
        return " ".join(["pci-placement", "--config-file", str(self.file), *sysfs, command])

    def run(self, command: str, most: int = 40, wrapped: bool = False) -> None:
        """Run a command of pci-placement and show it with its output."""
        line = self.typed(command)
        more = ["--max-width", str(screen.room())] if wrapped else []
        with screen.captured() as output:
            code = main.main([*line.split()[1:], *more])
        screen.command(line, output.getvalue(), most)
        if code not in (ExitCode.DONE, ExitCode.PARTLY):
            raise PciPlacementError(f"the demo's own command {command!r} ended with {code}")

    def output(self, command: str) -> str:
        """What a command prints, for a file."""
        with screen.captured() as output:
            main.main(self.typed(command).split()[1:])
        return output.getvalue()

    def settings(self) -> Settings:
        """The configuration of this host."""
        return load([ConfigPath(str(self.file))])

    def questions(self, usage: str) -> tuple[Question, ...]:
        """What a wish means to Placement."""
        return questions(request.parse_alternatives(usage), self.settings().aliases)

    def client(self) -> placement.Client:
        """A session to the demo's Placement."""
        return placement.Client(placement.connect(self.settings().conf))

    def observed(self) -> ObservedTree:
        """The compute node's tree, with all consumers."""
        client, settings = self.client(), self.settings()
        keys = [p.key for p in make_desired(settings, Sysfs(self.host.sysfs).read()).tree.providers]
        tree = client.observe(placement.RootWanted(settings.root_provider_name), keys)
        return client.with_consumers(tree, tree.providers)


def _header(name: str, folder: Path, url: str) -> str:
    return (
        f"[pci_placement]\nroot_provider_name = {name}\nstate_dir = {folder}/{name}.state\n"
        f"[placement]\nauth_type = admin_token\nendpoint = {url}\ntoken = admin\n"
    )


def play(server: EmbeddedPlacement, folder: Path, everything: bool) -> Stage:
    """Show a host with SR-IOV, and with everything first this machine; give the host."""
    screen.tell(
        """Placement is OpenStack's ledger of what can be claimed in a cloud: a tree of resource
        providers for each compute node, with inventories (so many of a resource class) and traits
        (what is true of it). pci-placement puts the PCI devices of a node into that tree."""
    )
    if everything:
        _own_machine(server, folder)
    stage = _sriov_host(server, folder, everything)
    _schedule(stage, everything)
    _sync_again(stage)
    return stage


def _own_machine(server: EmbeddedPlacement, folder: Path) -> None:
    screen.heading("This machine")
    try:
        snapshot = Sysfs().read()
    except DiscoveryError as error:
        screen.tell(f"This machine shows no PCI devices ({error}), so this part is left out.")
        return
    listed = own_config(snapshot)
    screen.tell(
        f"""This machine has
        {counted(len(snapshot.devices), "PCI function")}. The demo made a whitelist (what
        may be given away) and aliases (what the kinds are called) of all that are no bridges.
        It only reads /sys; nothing on this machine is touched. What the machine itself lives on
        is held, though it is listed."""
    )
    stage = Stage.set_up(DemoHost("this-machine", Path(LIVE_SYSFS), listed), folder, server)
    stage.run("device list --all", most=24)
    stage.run("sync", most=8)
    screen.tell("Its tree in Placement now:")
    screen.tree(stage.observed())


def _sriov_host(server: EmbeddedPlacement, folder: Path, everything: bool) -> Stage:
    screen.heading("A host with SR-IOV (a captured /sys of Linux 6.12)")
    stage = Stage.set_up(captured_host(folder), folder, server)
    screen.tell("Its operator wrote these lists, in the syntax of nova.conf and zun.conf:")
    screen.block(stage.host.config if everything else without_comments(stage.host.config))
    stage.run("device list")
    if everything:
        _taken(stage)
    screen.tell("One pass writes it to Placement:")
    stage.run("sync", most=_WHOLE if everything else _FEW)
    screen.tree(stage.observed())
    return stage


def _taken(stage: Stage) -> None:
    host = make_desired(stage.settings(), Sysfs(stage.host.sysfs).read())
    total, taken = len(host.snapshot.devices), len(host.matching.matches)
    screen.tell(
        f"""{taken} of {total} functions are offered; `device show` says of each of the others why
        it is not, and what to write:"""
    )
    shown = "-c address -c dev_type -c devname -c state -c reason -c hint"
    stage.run(f"device show 0000:83:00.0 {shown}", wrapped=True)


def _schedule(stage: Stage, everything: bool) -> None:
    screen.heading("A container wants QuickAssist:2")
    screen.tell(
        """A scheduler turns the wish into queries, and asks one after the other until Placement
        answers who can serve it: two devices of one provider first, any two last."""
    )
    if everything:
        stage.run("request show QuickAssist:2 -c queries", wrapped=True)
    stage.run("request candidates QuickAssist:2")
    claim(stage, "QuickAssist:2")
    screen.tell("The demo claimed the first, as Zun's scheduler would. What is left in the cloud:")
    stage.run("report")
    if everything:
        screen.tree(stage.observed())


def claim(stage: Stage, usage: str) -> None:
    """Claim the first candidate for a new consumer."""
    client = stage.client()
    _, (first, *_) = first_answer(
        stage.questions(usage),
        lambda asked: client.allocation_candidates(asked.query, request.MICROVERSION),
    )
    body = {
        "allocations": {u: {"resources": dict(r)} for u, r in first.allocations.items()},
        "project_id": "demo",
        "user_id": "demo",
        "consumer_generation": None,
        "consumer_type": "CONTAINER",
    }
    client.send("PUT", f"/allocations/{uuid.uuid4()}", body)


def _sync_again(stage: Stage) -> None:
    screen.heading("Sync again")
    before = len(stage.server.requests)
    stage.run("sync", most=_LEAST)
    sent = stage.server.requests[before:]
    writes = [request for request in sent if request.method in WRITES]
    screen.tell(
        f"""Nothing changed on the host, so nothing was written: {counted(len(sent), "request")},
        of them {counted(len(writes), "write")}. The claim is untouched."""
    )
