"""What all commands share that write to Placement: the lock, the cache, and the report."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from pci_placement.conf import Settings
from pci_placement.model import DeleteResourceClass, DeleteTrait, Problem, Remembered, Severity
from pci_placement.placement.apply import Done, Result
from pci_placement.sync import PassReport, Prospect, Reconciler

from . import exits, left_over, plan_rows
from .base import PciLister
from .output import say

NOTHING_TO_DO = "nothing to do: Placement is true to this host"
NOTHING_ELSE = "nothing else to do"
WITHHELD = (
    "withheld: to remove {} is more than one pass may do: they stay, with nothing left to claim; "
    "if they are to go, say sync --force, or raise [pci_placement] max_removals"
)
SHOWN = 3


class PassCommand(PciLister):
    """A command that writes, alone, and remembers what it left."""

    def carry_out(
        self,
        settings: Settings,
        reconciler: Reconciler,
        run: Callable[[Remembered], PassReport],
        full: bool = False,
        create_root: bool = False,
    ) -> PassReport:
        """Run something while no other pass runs, and save what it leaves."""
        with self._alone(settings):
            if create_root:
                reconciler.ensure_root()
            report = run(self.remembered(settings, full))
            self.keeper(settings)(report.remembered)
        return report

    @contextlib.contextmanager
    def _alone(self, settings: Settings) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self.state(settings).lock())
            except OSError as error:
                self.warn([_no_state(settings, error)])
            yield

    def show(self, prospect: Prospect, idle: str = NOTHING_TO_DO) -> tuple[Any, Any]:
        """Give a plan as a table, and what it leaves alone on stderr."""
        self.warn(prospect.warnings)
        say_held(prospect)
        if not prospect.plan.actions:
            self.inform(idle_text(prospect, idle))
        return self.table(plan_rows.PLAN, plan_rows.plan_rows(prospect.plan))

    def show_retirement(self, prospect: Prospect) -> tuple[Any, Any]:
        """Show what a pass that wants nothing would do, and what cannot go yet."""
        there = left_over.there_after(prospect.plan, prospect.observed)
        left = left_over.left_over(prospect.observed, there)
        say(left)
        return self.show(prospect, left_over.WAITING if left else left_over.CLEAN)

    def report_retirement(self, report: PassReport, sent: int) -> tuple[Any, Any]:
        """Tell the same of a pass that wants nothing, and what could not go yet."""
        left = left_over.left_over(report.prospect.observed, report.remembered.providers)
        say(left)
        shown = self.report(report, sent, left_over.WAITING if left else left_over.CLEAN)
        if left and not self.exit_code:
            self.exit_code = exits.PARTLY
        return shown

    def report(self, report: PassReport, sent: int, idle: str = NOTHING_TO_DO) -> tuple[Any, Any]:
        """Tell what was done, what was not and why, and how many requests it took."""
        self.exit_code = exits.code_of_pass(report)
        self.warn(report.prospect.warnings)
        say_held(report.prospect)
        results = report.outcome.results
        say(
            f"{plan_rows.verb(d.action)} {plan_rows.about(d.action)}: {d.why}"
            for d in results
            if d.why and not _is_used_elsewhere(d)
        )
        counts = Counter(done.result for done in results)
        told = ", ".join(f"{counts[result]} {result}" for result in Result if counts[result])
        self.inform(f"{told or idle_text(report.prospect, idle)} ({sent} requests)")
        return self.table(plan_rows.RESULT, [plan_rows.result_row(done) for done in results])


def _is_used_elsewhere(done: Done) -> bool:
    """Whether a name stays because other providers have it: on most clouds that is so."""
    return done.result is Result.SKIPPED and isinstance(
        done.action, DeleteResourceClass | DeleteTrait
    )


def idle_text(prospect: Prospect, idle: str = NOTHING_TO_DO) -> str:
    """What to say where nothing was to be done: not that all is well, if something was left."""
    return NOTHING_ELSE if prospect.held or prospect.plan.withheld else idle


def say_held(prospect: Prospect) -> None:
    """Tell what was left alone though the whitelist names it, and what is there still to remove."""
    say(f"left as it is: {card}: {why}" for card, why in sorted(prospect.host.tree.held.items()))
    say(f"held back: {what}: {why}" for what, why in sorted(prospect.plan.blocked.items()))
    withheld = prospect.plan.withheld
    if withheld:
        more = f" and {len(withheld) - SHOWN} more" if len(withheld) > SHOWN else ""
        say([WITHHELD.format(", ".join(withheld[:SHOWN]) + more)])


def _no_state(settings: Settings, error: OSError) -> Problem:
    return Problem(
        f"cannot keep state in {settings.state_dir}: {error.strerror}",
        "set [pci_placement] state_dir to a folder that can be written; going on without a cache",
        severity=Severity.WARNING,
    )
