"""`device …`: the PCI devices of this host, and what became of each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from pci_placement.agent import Agent
from pci_placement.agent.ours import look_at_ours
from pci_placement.desired import Desired
from pci_placement.discovery.pci_ids import product_names
from pci_placement.errors import ExitCode, PciPlacementError, RequestError
from pci_placement.mapping.find import NO_DEVICE_HERE, find_device, whole_address
from pci_placement.model import ObservedTree, PciAddress, State
from pci_placement.plan.drain import offering
from pci_placement.settings import Settings

from . import rows
from .base import PciLister, PciShowOne, is_for_people, is_our_table
from .beneath import Row
from .columns import UsersCell
from .grouped import GROUPED, MIDDLE, WIDE, columns_for, grouped, without_why
from .helps import ASKING, LOCAL
from .hints import hint
from .output import say, terminal_width
from .passes import PassCommand

ADDRESSES = "such as 0000:81:00.0, 81:00.0 or ens1f0"
STAYS = "{} stays with those who have it: {}"


class DeviceList(PciLister):
    """List the devices that this host offers or holds, and with --all every other one.

    Needs no Placement.
    """

    auth_required = False
    only_reads = True
    columns = rows.DEVICE
    example = "--all"
    codes = LOCAL

    brief = rows.DEVICE_BRIEF
    sentences = ("reason",)
    by_card = is_terse = False

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --all and --flat."""
        parser.add_argument(
            "--all", action="store_true", help="also devices that are ignored or unreadable"
        )
        parser.add_argument(
            "--flat", action="store_true", help="a row a function, as in all formats but the table"
        )

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show a person a row a card, unless they ask for functions or for columns."""
        sorts_functions = set(parsed_args.sort_columns) - set(GROUPED)
        self.by_card = is_our_table(parsed_args) and not (parsed_args.flat or sorts_functions)
        if self.by_card:
            self.brief = columns_for(terminal_width(), parsed_args.all)
            narrow = terminal_width() < WIDE and is_for_people(parsed_args)
            self.is_terse = narrow and not parsed_args.all
            self.columns = GROUPED
        elif terminal_width() < MIDDLE:
            self.brief = rows.DEVICE_NARROW
        return super().run(parsed_args)

    def label(self, row: Row) -> str:
        """The card, or the function."""
        return row["card"] if self.by_card else row["address"]

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Scan once and say what the whitelist makes of it."""
        settings = self.settings()
        agent = self.agent(settings)
        self.hear(agent.standing())
        host, left = self.host(settings), agent.last_pass()
        shown = {State.OFFERED, State.HELD}
        found = [
            rows.with_drain(self._as_shown(row), left)
            for row in rows.device_rows(host, settings.root_provider_name, settings.aliases)
            if parsed_args.all or row["state"] in shown
        ]
        if not self.by_card:
            return self.table(rows.DEVICE, found)
        ids = {(row["vendor_id"], row["product_id"]) for row in found if row["vendor_id"]}
        return self.table(GROUPED, grouped(found, product_names(ids)))

    def _as_shown(self, row: rows.Row) -> rows.Row:
        return without_why(row) if self.is_terse else row


class DeviceShow(PciShowOne):
    """Show one device of this host, what became of it, and who uses it.

    Where Placement gives no answer, that alone is left out.
    """

    auth_required = False
    only_reads = True
    columns = rows.SHOWN_DEVICE
    example = "0000:81:00.0"
    codes = LOCAL

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the address."""
        parser.add_argument("address", metavar="ADDRESS", help=ADDRESSES)

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Scan once and pick the device."""
        settings = self.settings()
        host, agent = self.host(settings), self.agent(settings)
        wanted = find_device(parsed_args.address, host.snapshot)
        for row in rows.device_rows(host, settings.root_provider_name, settings.aliases):
            if row["address"] == str(wanted):
                row = rows.with_drain(row, agent.last_pass())
                users = self._consumers(agent, host, wanted)
                return self.thing({**row, "consumers": users, "hint": hint(settings, host, wanted)})
        raise RequestError(NO_DEVICE_HERE.format(wanted, ""))

    def _consumers(self, agent: Agent, host: Desired, address: PciAddress) -> UsersCell | None:
        """Who holds the device, or may; None where Placement cannot be asked."""
        try:
            return rows.users_cell(look_at_ours(agent, host, address).users_of_device(address))
        except PciPlacementError as error:
            self.inform(f"who uses it is not known: {error}")
            return None


class DrainCommand(PassCommand):
    """A command that takes a device out of service, or back."""

    drains: bool
    idle: str
    example = "0000:81:00.0"
    codes = (*ASKING, ExitCode.PARTLY)

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the address."""
        parser.add_argument(
            "address",
            metavar="ADDRESS",
            help=f"a plain device, a PF, or the PF of VFs: {ADDRESSES}",
        )

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Change what is on offer of the device, and nothing else."""
        self.refuse_capture()
        settings = self.settings()
        address = self._address(settings, parsed_args.address)
        made = self.agent(settings).set_drained(address, self.drains)
        if self.drains:
            say(_holders(made.report.planned.observed, address))
        return self.report(made, self.idle)

    def _address(self, settings: Settings, text: str) -> PciAddress:
        """What is gone may be drained too: only less than an address needs a look at the host."""
        return whole_address(text) or find_device(text, self.host(settings).snapshot)


def _holders(observed: ObservedTree, address: PciAddress) -> Iterator[str]:
    """Who has something of a card, and keeps it."""
    for have in offering(observed, address):
        if have.consumers:
            yield STAYS.format(have.name, ", ".join(sorted(have.consumers)))


class DeviceDrain(DrainCommand):
    """Take a device out of service: nothing new gets it, and who has it keeps it.

    It stays so, whatever later passes find, until `device undrain`.
    """

    drains = True
    idle = "nothing to do: it is out of service already"


class DeviceUndrain(DrainCommand):
    """Take a device back into service that an operator drained, or that was used once."""

    drains = False
    idle = "nothing to do: no operator took it out of service"
