"""What all commands share that make a pass or show one: the table, and what is told beside it."""

from __future__ import annotations

import argparse
import traceback
from collections import Counter
from typing import Any

from pci_placement.agent import Pass, PassAnswer, Preview
from pci_placement.agent.offline import UNKNOWN_ROOT
from pci_placement.agent.telling import held_back, not_done
from pci_placement.model.outcome import Result
from pci_placement.passes.values import PlannedPass
from pci_placement.plan.summary import summary
from pci_placement.text.counts import counted

from . import plan_rows
from .base import PciLister
from .beneath import Row
from .output import say
from .steps import PLANNED

NOTHING_TO_DO = "nothing to do: Placement is true to this host"
NOTHING_ELSE = "nothing else to do"
ROOT_GONE = "nothing to do: the compute node is gone from Placement, and all of ours with it"
NOTHING_LEFT = "nothing to do: nothing of ours is left in Placement"


class PassCommand(PciLister):
    """A command that shows a pass, or makes one."""

    brief = plan_rows.RESULT
    columns = plan_rows.RESULT
    sentences = ("reason", "consumers")

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show a person of a plan what fits a terminal."""
        if vars(parsed_args).get("dry_run"):
            self.brief, self.columns = plan_rows.PLAN_BRIEF, plan_rows.PLAN
        return super().run(parsed_args)

    def label(self, row: Row) -> str:
        """What is done; and to whom, where somebody uses it."""
        return f"{row['action']} {row['provider']}" if row["consumers"] else row["action"]

    def show(self, preview: Preview) -> tuple[Any, Any]:
        """Give a plan as a table, and on stderr what it leaves alone and what cannot go yet."""
        planned = preview.planned
        self.steps.reached(PLANNED.format(counted(len(planned.plan.actions), "action")))
        self._say_faults(planned)
        say(preview.left)
        self.warn(planned.warnings)
        say(held_back(planned))
        if planned.plan.actions:
            self.inform(summary(planned.plan, planned.observed.providers))
        else:
            self.inform(idle_text(planned, _idle(preview)))
        rows = plan_rows.plan_rows(planned.plan, planned.observed)
        if planned.observed.root.uuid == UNKNOWN_ROOT:
            rows = [row | {"uuid": None} for row in rows]
        return self.table(plan_rows.PLAN, rows)

    def _say_faults(self, planned: PlannedPass) -> None:
        if self._options.debug:
            for fault in planned.faults:
                traceback.print_exception(fault)

    def report_answer(self, answer: PassAnswer) -> tuple[Any, Any]:
        """Tell what became of a pass, and what could not go yet; nothing where none was made."""
        if not answer.made:
            if answer.retires:
                self.inform(ROOT_GONE)
            return self.table(plan_rows.RESULT, [])
        say(answer.left)
        shown = self.report(answer.made, _idle(answer))
        self.exit_code = answer.exit_code
        return shown

    def report(self, made: Pass, idle: str) -> tuple[Any, Any]:
        """Tell what was done, what was not and why, and how many requests it took."""
        self.exit_code = made.exit_code
        planned, results = made.report.planned, made.report.outcome.results
        self._say_faults(planned)
        self.warn(planned.warnings)
        say(held_back(planned))
        say(not_done(made.report))
        counts = Counter(done.result for done in results)
        told = ", ".join(f"{counts[result]} {result}" for result in Result if counts[result])
        self.inform(f"{told or idle_text(planned, idle)} ({counted(made.requests, 'request')})")
        return self.table(plan_rows.RESULT, [plan_rows.result_row(done) for done in results])


def _idle(found: Preview | PassAnswer) -> str:
    """What to say where nothing was to be done."""
    if not found.retires:
        return NOTHING_TO_DO
    return NOTHING_ELSE if found.left else NOTHING_LEFT


def idle_text(planned: PlannedPass, idle: str) -> str:
    """What to say where nothing was to be done: not that all is well, if something was left."""
    return NOTHING_ELSE if planned.held or planned.plan.withheld else idle
