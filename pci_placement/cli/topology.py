"""`topology`: a picture of this host."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping

from pci_placement.agent import Agent
from pci_placement.agent.offline import observe_offline
from pci_placement.agent.ours import look_at_ours
from pci_placement.desired import Desired
from pci_placement.discovery.pci_ids import product_names
from pci_placement.discovery.raw.buses import root_buses
from pci_placement.errors import PciPlacementError, RequestError
from pci_placement.mapping.claims import counted
from pci_placement.model import PciAddress
from pci_placement.settings import Settings
from pci_placement.text.visible import Ours
from pci_placement.topology.dot import as_dot
from pci_placement.topology.make import Here, make_topology
from pci_placement.topology.nouns import Topology
from pci_placement.topology.page import as_page
from pci_placement.topology.standing import Use
from pci_placement.topology.svg import as_svg
from pci_placement.topology.text import as_text, coloured

from .base import PciCommand
from .helps import LOCAL
from .reviewed import NO_PROVIDERS, read_rows

USE_NOT_KNOWN = "what is used is not known: {}"
CAPTURE_IS_ELSEWHERE = (
    "{} is a capture, and may be of another host: Placement is not asked what is used; --observed "
    "takes what provider list -f json printed there"
)
RENDERERS: Mapping[str, Callable[[Topology], str]] = {
    "text": as_text,
    "svg": as_svg,
    "html": as_page,
    "dot": as_dot,
}


class ShowTopology(PciCommand):
    """Draw this host: NUMA nodes, PCIe roots, cards, and a cell for each function.

    Where Placement gives no answer, it draws what would be offered.
    """

    auth_required = False
    only_reads = True
    example = "--format html > node-1.html"
    codes = LOCAL

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --format and --observed."""
        parser.add_argument(
            "-f", "--format", choices=RENDERERS, default="text", help="the default is text"
        )
        parser.add_argument(
            "--observed",
            metavar="FILE",
            help="what `provider list -f json` printed where this host is, in place of Placement",
        )

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Look at the host and ask Placement, then draw."""
        settings = self.settings()
        agent, host = self.agent(settings), self.host(settings)
        self.hear(agent.standing())
        if parsed_args.observed:
            use: Use | None = self._printed(settings, host, parsed_args.observed)
        else:
            use = self._use(agent, host)
        topology = make_topology(self._here(settings, host), use)
        self.progress.end()
        if parsed_args.format == "text" and self._has_colours():
            self.app.stdout.write(Ours(as_text(topology, coloured)))
        else:
            self.app.stdout.write(RENDERERS[parsed_args.format](topology))

    def _here(self, settings: Settings, host: Desired) -> Here:
        found = host.snapshot
        cards = {device.card_addr for device in found.devices} | found.unreadable.keys()
        buses = root_buses(self._options.pci_sysfs, cards)
        ids = {(d.vendor_id, d.product_id) for d in found.devices if not d.parent_addr}
        named = {PciAddress(*address): bus for address, bus in buses.items()}
        return Here(host, settings.root_provider_name, named, product_names(ids))

    def _printed(self, settings: Settings, host: Desired, file: str) -> Use:
        """What a file says, of which claims nobody knows the devices."""
        try:
            tree = observe_offline(settings, host, read_rows(file))
        except (AttributeError, KeyError, TypeError) as error:
            raise RequestError(NO_PROVIDERS.format(file)) from error
        return Use(tree, counted(host.tree))

    def _use(self, agent: Agent, host: Desired) -> Use | None:
        if os.path.isfile(self._options.pci_sysfs):
            self.inform(CAPTURE_IS_ELSEWHERE.format(self._options.pci_sysfs))
            return None
        try:
            ours = look_at_ours(agent, host)
        except PciPlacementError as error:
            self.inform(USE_NOT_KNOWN.format(error))
            return None
        return Use(ours.tree, ours.counts, agent.last_pass().given)

    def _has_colours(self) -> bool:
        return self.app.stdout.isatty() and "NO_COLOR" not in os.environ
