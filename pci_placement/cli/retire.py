"""`retire`: take everything of ours off this node."""

from __future__ import annotations

import argparse
import time
from typing import Any

from pci_placement.conf import Settings
from pci_placement.errors import PciPlacementError
from pci_placement.sync import PassReport

from . import exits, plan_rows
from .base import PciLister, say
from .passes import PassCommand
from .sync import RETIRED_CLEAN

IN_USE = "still in use, and drained: {} (by {}); say retire again when they are free"
UNDONE = "the next sync offers what this host has"
NOT_KEPT = (
    "cannot write {}: {}; a later sync would bring everything back: set [pci_placement] state_dir "
    "to a folder that can be written, or enabled = false"
)


class Retire(PassCommand):
    """Take everything of ours off this node: drain what is used, delete what is free.

    Say it again until nothing is left; a later sync goes on with it and offers nothing.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add --dry-run and --undo."""
        parser: argparse.ArgumentParser = PciLister.get_parser(self, prog_name)
        parser.add_argument("--dry-run", action="store_true", help="show what it would do")
        parser.add_argument("--undo", action="store_true", help="let sync offer devices again")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Make one pass that wants nothing."""
        settings = self.settings()
        if parsed_args.undo:
            self.state(settings).end_retirement()
            self.inform(UNDONE)
            return self.table(plan_rows.RESULT, [])
        reconciler = self.reconciler(settings)
        if parsed_args.dry_run:
            prospect = reconciler.look_at_the_end(self.remembered(settings))
            return self.table(plan_rows.PLAN, plan_rows.plan_rows(prospect.plan))
        self._keep(settings)
        report = self.carry_out(settings, reconciler, reconciler.retire)
        shown = self.report(report, reconciler.client.sent, RETIRED_CLEAN)
        self._tell_rest(report)
        return shown

    def _keep(self, settings: Settings) -> None:
        """Before anything is taken away, or a pass in between would bring it back."""
        try:
            self.state(settings).retire(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        except OSError as error:
            reason = NOT_KEPT.format(settings.state_dir, error.strerror)
            raise PciPlacementError(reason) from error

    def _tell_rest(self, report: PassReport) -> None:
        """Say what could not go yet, and on whose account."""
        left = [p for p in report.remembered.providers.values() if p.used]
        say(IN_USE.format(p.name, ", ".join(sorted(p.consumers or ()))) for p in left)
        if left and not self.exit_code:
            self.exit_code = exits.PARTLY
