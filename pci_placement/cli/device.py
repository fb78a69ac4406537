"""`device …`: the PCI devices of this host, and what became of each."""

from __future__ import annotations

import argparse
from typing import Any

from pci_placement.errors import RequestError
from pci_placement.model import PciAddress, State

from . import rows
from .base import PciLister, PciShowOne


class DeviceList(PciLister):
    """List the devices that this host offers or holds, and with --all every other one.

    Needs no Placement.
    """

    auth_required = False

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
        host = self.host(settings)
        shown = {State.OFFERED, State.HELD}
        return self.table(
            rows.DEVICE,
            [
                row
                for row in rows.device_rows(host, settings.root_provider_name, settings.aliases)
                if parsed_args.all or row["state"] in shown
            ],
        )


class DeviceShow(PciShowOne):
    """Show one device of this host and what became of it. Needs no Placement."""

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add the address."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("address", metavar="ADDRESS", help="such as 0000:81:00.0")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Scan once and pick the device."""
        try:
            wanted = str(PciAddress.parse(parsed_args.address))
        except ValueError as error:
            raise RequestError(str(error)) from error
        settings = self.settings()
        host = self.host(settings)
        for row in rows.device_rows(host, settings.root_provider_name, settings.aliases):
            if row["address"] == wanted:
                return self.thing(row)
        raise RequestError(f"this host has no PCI device {wanted}; see device list --all")
