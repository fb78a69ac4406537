"""`host capture`: what discovery reads of this host, in a file."""

from __future__ import annotations

import argparse

from pci_placement.discovery.capture import write_capture
from pci_placement.discovery.scan import look
from pci_placement.text.counts import counted

from .base import PciCommand
from .helps import LOCAL

KEPT_IN_A_FILE = "{}: {}; config validate, device list and plan --offline take it as --sysfs"


class HostCapture(PciCommand):
    """Write what discovery reads of this host into a file, without serial numbers.

    Others check lists with it: `--sysfs FILE`.
    """

    auth_required = False
    only_reads = True
    example = "node-1.json.gz"
    codes = LOCAL

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the file."""
        parser.add_argument("file", metavar="FILE", help="a file that is not there yet")

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Read once, and keep it."""
        host = look(self._options.pci_sysfs)
        write_capture(host, parsed_args.file)
        self.inform(
            KEPT_IN_A_FILE.format(parsed_args.file, counted(len(host.functions), "PCI function"))
        )
