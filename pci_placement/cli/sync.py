"""`plan` and `sync`: what would be written to Placement, and writing it."""

from __future__ import annotations

import argparse
import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pci_placement.advice import advise_host
from pci_placement.conf import Settings
from pci_placement.model import Problem, Severity
from pci_placement.placement.apply import Result
from pci_placement.sync import PassReport, Prospect

from . import exits, plan_rows
from .base import PciLister, say

NOTHING_TO_DO = "nothing to do: Placement is true to this host"


class Plan(PciLister):
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
        prospect = self.reconciler(settings).look(self.remembered(settings))
        self._advise(settings, prospect)
        if parsed_args.detailed_exitcode and prospect.plan.actions:
            self.exit_code = exits.CHANGES
        return self.show(prospect)

    def _advise(self, settings: Settings, prospect: Prospect) -> None:
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
        parser.add_argument("--full", action="store_true", help="ignore the cache")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Make one pass, or show what it would do."""
        settings = self.settings()
        reconciler = self.reconciler(settings)
        remembered = self.remembered(settings, parsed_args.full)
        if parsed_args.dry_run:
            prospect = reconciler.look(remembered)
            self._advise(settings, prospect)
            return self.show(prospect)
        with self._alone(settings):
            if settings.create_root:
                reconciler.ensure_root()
            report = reconciler.run_once(remembered)
            self._save(settings, report)
        self._advise(settings, report.prospect)
        return self._report(report, reconciler.client.sent)

    @contextlib.contextmanager
    def _alone(self, settings: Settings) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self.state(settings).lock())
            except OSError as error:
                self.warn([_no_state(settings, error)])
            yield

    def _save(self, settings: Settings, report: PassReport) -> None:
        with contextlib.suppress(OSError):  # the lock has said so already
            self.state(settings).save(report.remembered)

    def _report(self, report: PassReport, sent: int) -> tuple[Any, Any]:
        self.exit_code = exits.code_of_pass(report)
        self.warn(report.prospect.warnings)
        say_held(report.prospect)
        results = report.outcome.results
        say(f"{plan_rows.verb(d.action)} {d.action.name}: {d.why}" for d in results if d.why)
        counts = Counter(done.result for done in results)
        told = ", ".join(f"{counts[result]} {result}" for result in Result if counts[result])
        self.inform(f"{told or NOTHING_TO_DO} ({sent} requests)")
        return self.table(plan_rows.RESULT, [plan_rows.result_row(done) for done in results])


def say_held(prospect: Prospect) -> None:
    """Tell what was left alone though the whitelist names it."""
    say(f"left as it is: {what}: {why}" for what, why in sorted(prospect.held.items()))


def _no_state(settings: Settings, error: OSError) -> Problem:
    return Problem(
        f"cannot keep state in {settings.state_dir}: {error.strerror}",
        "set [pci_placement] state_dir to a folder that can be written; going on without a cache",
        severity=Severity.WARNING,
    )
