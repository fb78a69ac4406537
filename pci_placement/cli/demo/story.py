"""What happens in the demo, in order; every step is the real command against a real Placement."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pci_placement import placement
from pci_placement.cli import main
from pci_placement.desired import make_desired
from pci_placement.discovery.sysfs import Sysfs
from pci_placement.embedded import EmbeddedPlacement
from pci_placement.errors import DiscoveryError, ExitCode, PciPlacementError
from pci_placement.mapping import request
from pci_placement.mapping.questions import Question, first_answer, questions
from pci_placement.model import ObservedTree
from pci_placement.settings import ConfigPath, Settings, load

from . import screen
from .hosts import DemoHost, captured_host, own_config

WRITES = ("POST", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Stage:
    """A host on the stage: its configuration file, and how commands are run for it."""

    host: DemoHost
    file: Path
    server: EmbeddedPlacement

    @classmethod
    def set_up(cls, host: DemoHost, folder: Path, server: EmbeddedPlacement) -> Stage:
        """Register the compute node as zun-compute would, and write its configuration."""
        server.create_compute_node(host.name)
        file = folder / f"{host.name}.conf"
        file.write_text(_header(host.name, folder, server.url) + host.config)
        return cls(host, file, server)

    def run(self, command: str, most: int = 40) -> None:
        """Run a command of pci-placement and show it with its output."""
        arguments = ["--config-file", str(self.file), "--sysfs", str(self.host.sysfs)]
        with screen.captured() as output:
            code = main.main([*arguments, *command.split()])
        screen.command(
            f"pci-placement --config-file {self.file.name} {command}", output.getvalue(), most
        )
        if code not in (ExitCode.DONE, ExitCode.PARTLY):
            raise PciPlacementError(f"the demo's own command {command!r} ended with {code}")

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


def play(server: EmbeddedPlacement, folder: Path) -> Stage:
    """Show both hosts, and give the one that is worth a further look."""
    screen.tell(
        """Placement is OpenStack's ledger of what can be claimed in a cloud. It keeps a tree of
        resource providers for each compute node; a provider has inventories (so many of a
        resource class) and traits (what is true of it). Schedulers ask it for candidates and
        write claims into it. pci-placement puts the PCI devices of a node into that tree."""
    )
    _own_machine(server, folder)
    return _sriov_host(server, folder)


def _own_machine(server: EmbeddedPlacement, folder: Path) -> None:
    screen.heading("1. This machine")
    try:
        snapshot = Sysfs().read()
    except DiscoveryError as error:
        screen.tell(f"This machine shows no PCI devices ({error}), so this part is left out.")
        return
    listed = own_config(snapshot)
    screen.tell(
        f"""This machine has {len(snapshot.devices)} PCI functions. The demo made a whitelist (what
        may be given away) and aliases (what the kinds are called) of all that are no bridges.
        It only reads /sys; nothing on this machine is touched. What the machine itself lives on
        is held, though it is listed."""
    )
    stage = Stage.set_up(DemoHost("this-machine", Path("/sys"), listed), folder, server)
    stage.run("device list --all", most=24)
    stage.run("sync", most=8)
    screen.tell("Its tree in Placement now:")
    screen.tree(stage.observed())


def _sriov_host(server: EmbeddedPlacement, folder: Path) -> Stage:
    screen.heading("2. A host with SR-IOV (a captured /sys of Linux 6.12)")
    screen.progress("Unpacking the capture")
    stage = Stage.set_up(captured_host(folder / "capture"), folder, server)
    screen.done("done.")
    screen.tell("Its operator wrote these lists, in the syntax of nova.conf and zun.conf:")
    screen.block(stage.host.config)
    screen.tell(
        """An SR-IOV card has a physical function (PF) and many virtual ones (VFs); the VFs are what
        is given away. The devices taken, and why:"""
    )
    _taken(stage)
    screen.tell("One pass of sync writes them to Placement:")
    stage.run("sync", most=8)
    screen.tree(stage.observed())
    _schedule(stage)
    _sync_again(stage)
    return stage


def _taken(stage: Stage) -> None:
    host = make_desired(stage.settings(), Sysfs(stage.host.sysfs).read())
    cards = Counter(
        (m.device.card_addr, m.aliases, m.entry.physical_network or "-", m.entry.source.entry)
        for m in host.matching.matches
    )
    screen.block(
        "\n".join(
            f"{count:>2} VFs of {card}  {'/'.join(aliases):<12} {network:<9}"
            f" device_spec, entry {entry}"
            for (card, aliases, network, entry), count in sorted(cards.items())
        )
    )
    total, taken = len(host.snapshot.devices), len(host.matching.matches)
    screen.tell(
        f"""{taken} of {total} functions are offered; `device list --all` says of each of the others
        why it is not. For one of them:"""
    )
    stage.run("device show 0000:83:00.0 -c address -c dev_type -c devname -c state -c reason")


def _schedule(stage: Stage) -> None:
    screen.heading("3. A container wants QuickAssist:2")
    screen.tell(
        """A scheduler turns the wish into queries, and asks one after the other until Placement
        answers who can serve it: two devices of one provider first, any two last."""
    )
    stage.run("request show QuickAssist:2 -c queries")
    stage.run("request candidates QuickAssist:2 -c resources")
    observed = stage.observed()
    classes = stage.questions("QuickAssist:2")[0].resource_classes
    screen.block(
        "\n".join(
            f"{provider.uuid} is {provider.name}"
            for provider in observed.providers.values()
            if classes & set(provider.inventories)
        )
    )
    screen.tell(
        """So two VFs of either card would do. One of each would too: that would be asked for if
        no card had two."""
    )
    claim(stage, "QuickAssist:2")
    screen.tell("The demo claimed the first candidate, as Zun's scheduler would. What is left:")
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
    screen.heading("4. Sync again")
    before = len(stage.server.requests)
    stage.run("sync")
    sent = stage.server.requests[before:]
    writes = [request for request in sent if request.method in WRITES]
    screen.tell(
        f"""Nothing changed on the host, so nothing was written: {len(sent)} requests, of them
        {len(writes)} writes. The claim is untouched."""
    )
