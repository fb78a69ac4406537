"""`plan` and `sync`: what would be written to Placement, and writing it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from pci_placement.advice import advise_host
from pci_placement.conf import Settings
from pci_placement.model import Severity
from pci_placement.sync import Prospect

from . import exits, plan_rows
from .base import PciLister
from .passes import NOTHING_TO_DO, PassCommand, say_held

DISABLED = "[pci_placement] enabled = false: sync does nothing on this host"
RETIRED = (
    "this node was retired at {}: sync removes what is left of ours, and offers nothing; "
    "`pci-placement retire --undo` ends that"
)
RETIRED_CLEAN = "nothing to do: nothing of ours is left in Placement"


class Plan(PassCommand):
    """Show what sync would write to Placement, and why; write nothing."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add --detailed-exitcode."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            "--detailed-exitcode", action="store_true", help="exit 3 if there is something to do"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Look, and show the plan."""
        settings = self.settings()
        prospect = self.look(settings)
        if parsed_args.detailed_exitcode and prospect.plan.actions:
            self.exit_code = exits.CHANGES
        return self.show(prospect)

    def look(self, settings: Settings, full: bool = False, force: bool = False) -> Prospect:
        """Plan what sync would do if it were asked."""
        self.inform(*self.restraints(settings))
        reconciler = self.reconciler(settings, force)
        remembered = self.remembered(settings, full)
        if self.state(settings).retired_since():
            return reconciler.look_at_the_end(remembered)
        prospect = reconciler.look(remembered)
        self.advise(settings, prospect)
        return prospect

    def restraints(self, settings: Settings) -> Iterable[str]:
        """Why sync does not offer what this host has."""
        if not settings.enabled:
            yield DISABLED
        retired = self.state(settings).retired_since()
        if retired:
            yield RETIRED.format(retired)

    def advise(self, settings: Settings, prospect: Prospect) -> None:
        """Tell what of the lists has no effect on this host; what is held is told anyway."""
        host = prospect.host
        found = advise_host(host.snapshot, settings.whitelist, settings.aliases, host.matching)
        told = (Severity.WARNING, Severity.NOTE) if self.is_verbose else (Severity.WARNING,)
        self.warn(p for p in found if p.severity in told and p.source)

    def show(self, prospect: Prospect) -> tuple[Any, Any]:
        """Give the plan as a table, and what it leaves alone on stderr."""
        self.warn(prospect.warnings)
        say_held(prospect)
        if not prospect.plan.actions:
            self.inform(NOTHING_TO_DO)
        return self.table(plan_rows.PLAN, plan_rows.plan_rows(prospect.plan))


class Sync(Plan):
    """Make Placement true to the PCI devices of this host: one pass."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Replace the options of plan."""
        parser: argparse.ArgumentParser = PciLister.get_parser(self, prog_name)
        parser.add_argument("--dry-run", action="store_true", help="the same as plan")
        parser.add_argument("--full", action="store_true", help="read everything again")
        parser.add_argument(
            "--force", action="store_true", help="remove also what is more than max_removals"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Make one pass, or show what it would do."""
        settings = self.settings()
        if parsed_args.dry_run:
            return self.show(self.look(settings, parsed_args.full, parsed_args.force))
        self.inform(*self.restraints(settings))
        if not settings.enabled:
            return self.table(plan_rows.RESULT, [])
        reconciler = self.reconciler(settings, parsed_args.force)
        retired = self.state(settings).retired_since()
        run = reconciler.retire if retired else reconciler.run_once
        report = self.carry_out(settings, reconciler, run, parsed_args.full)
        if not retired:
            self.advise(settings, report.prospect)
        idle = RETIRED_CLEAN if retired else NOTHING_TO_DO
        return self.report(report, reconciler.client.sent, idle)
