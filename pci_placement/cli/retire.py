"""`retire`: take everything of ours off this node."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Iterator
from typing import Any

from pci_placement.errors import PciPlacementError
from pci_placement.settings import Settings

from . import plan_rows
from .base import PciLister
from .passes import PassCommand
from .restraints import retired_since

RETIRED = (
    "this node is retired: a later sync goes on with it and offers nothing, until "
    "`pci-placement retire --undo`"
)
UNDONE = "the next sync offers what this host has"
NOT_RETIRED = "nothing to undo: this node is not retired"
NOT_KEPT = (
    "cannot write {}: {}; a later sync would bring everything back: set [pci_placement] state_dir "
    "to a folder that can be written, or enabled = false"
)
STILL_RETIRED = "cannot write {}: {}; this node stays retired"


class Retire(PassCommand):
    """Take everything of ours off this node: drain what is used, delete what is free.

    Say it again until nothing is left; a later sync goes on with it and offers nothing.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add --dry-run and --undo."""
        parser: argparse.ArgumentParser = PciLister.get_parser(self, prog_name)
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--dry-run", action="store_true", help="show what it would do")
        either.add_argument("--undo", action="store_true", help="let sync offer devices again")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Make one pass that wants nothing."""
        settings = self.settings()
        if parsed_args.undo:
            return self._undo(settings)
        reconciler = self.reconciler(settings)
        if parsed_args.dry_run:
            return self.show_retirement(reconciler.look_at_the_end(self.last_pass(settings)))
        self._keep(settings)
        report = self.carry_out(settings, reconciler, reconciler.retire)
        if settings.enabled:
            self.inform(RETIRED)
        return self.report_retirement(report, reconciler.client.sent)

    def _undo(self, settings: Settings) -> tuple[Any, Any]:
        state = self.state(settings)
        retired = retired_since(settings, state)
        if retired:
            with _told(STILL_RETIRED, settings):
                state.end_retirement()
        self.inform(UNDONE if retired else NOT_RETIRED)
        return self.table(plan_rows.RESULT, [])

    def _keep(self, settings: Settings) -> None:
        """Before anything is taken away, or a pass in between would bring it back."""
        try:
            with _told(NOT_KEPT, settings):
                self.state(settings).retire(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        except PciPlacementError:
            if settings.enabled:  # or there are no passes that could
                raise


@contextlib.contextmanager
def _told(message: str, settings: Settings) -> Iterator[None]:
    """Say where it is that nothing can be written, and what follows from it."""
    try:
        yield
    except OSError as error:
        raise PciPlacementError(message.format(settings.state_dir, error.strerror)) from error
