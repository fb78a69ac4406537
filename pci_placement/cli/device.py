"""`device …`: the PCI devices of this host, and what became of each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from pci_placement.errors import ExitCode, RequestError
from pci_placement.model import ObservedTree, PciAddress, State
from pci_placement.plan.drain import offering

from . import rows
from .base import PciLister, PciShowOne
from .helps import ASKING, LOCAL
from .output import say
from .passes import PassCommand

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

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add --all."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "--all", action="store_true", help="also devices that are ignored or unreadable"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Scan once and say what the whitelist makes of it."""
        settings = self.settings()
        agent = self.agent(settings)
        self.hear(agent.standing())
        host, left = self.host(settings), agent.last_pass()
        shown = {State.OFFERED, State.HELD}
        return self.table(
            rows.DEVICE,
            [
                rows.with_drain(row, left)
                for row in rows.device_rows(host, settings.root_provider_name, settings.aliases)
                if parsed_args.all or row["state"] in shown
            ],
        )


class DeviceShow(PciShowOne):
    """Show one device of this host and what became of it. Needs no Placement."""

    auth_required = False
    only_reads = True
    columns = rows.DEVICE
    example = "0000:81:00.0"
    codes = LOCAL

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add the address."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("address", metavar="ADDRESS", help="such as 0000:81:00.0")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Scan once and pick the device."""
        wanted = str(_address(parsed_args.address))
        settings = self.settings()
        host = self.host(settings)
        for row in rows.device_rows(host, settings.root_provider_name, settings.aliases):
            if row["address"] == wanted:
                return self.thing(rows.with_drain(row, self.agent(settings).last_pass()))
        raise RequestError(f"this host has no PCI device {wanted}; see device list --all")


def _address(text: str) -> PciAddress:
    try:
        return PciAddress.parse(text)
    except ValueError as error:
        raise RequestError(str(error)) from error


class DrainCommand(PassCommand):
    """A command that takes a device out of service, or back."""

    drains: bool
    idle: str
    example = "0000:81:00.0"
    codes = (*ASKING, ExitCode.PARTLY)

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add the address."""
        parser: argparse.ArgumentParser = PciLister.get_parser(self, prog_name)
        parser.add_argument(
            "address", metavar="ADDRESS", help="a plain device, a whole PF, or the PF of VFs"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Change what is on offer of the device, and nothing else."""
        address = _address(parsed_args.address)
        settings = self.settings()
        made = self.agent(settings).set_drained(address, self.drains)
        if self.drains:
            say(_holders(made.report.planned.observed, address))
        return self.report(made, self.idle)


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
