"""`doctor`: whether this node can do its job."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
from typing import Any

from pci_placement.agent.checkup import examine
from pci_placement.discovery.scan import scan
from pci_placement.quiet.note import QUIET
from pci_placement.state.claims import CLAIMING, CLAIMS
from pci_placement.state.folder import Folder
from pci_placement.state.older import HINT
from pci_placement.state.store import LOCK, RETIRED, STATE

from .base import PciLister

COLUMNS = ("check", "state", "detail", "cure")
OURS = (STATE, LOCK, RETIRED, CLAIMS, CLAIMING, HINT, QUIET)
"""How the names of files in state_dir end."""


class Doctor(PciLister):
    """Say whether this node can do its job, a line each with the cure. Changes nothing.

    With --upgrade it ends with 1 for a warning and 2 for a problem, as `nova-status upgrade check`.
    """

    only_reads = True
    columns = COLUMNS
    sentences = ("detail", "cure")
    labels = ("check",)
    example = "-f json"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --upgrade."""
        parser.add_argument(
            "--upgrade", action="store_true", help="end with 1 for a warning and 2 for a problem"
        )

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Ask, and list the answers."""
        settings = self.settings(strict=False)
        folder = Folder(settings.state_dir)
        found = examine(
            self.agent(settings),
            partial(scan, self._options.pci_sysfs),
            folder.why_unwritable(),
            folder.odd(OURS),
        )
        self.exit_code = found.upgrade_code if parsed_args.upgrade else found.exit_code
        return self.table(COLUMNS, map(asdict, found.checks))
