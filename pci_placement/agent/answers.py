"""What an agent answers: values for a command to print, for a log and for metrics."""

from __future__ import annotations

from dataclasses import dataclass

from pci_placement.errors import ExitCode
from pci_placement.model import Problem
from pci_placement.passes.values import PassReport, PlannedPass
from pci_placement.plan.left_over import LeftOver


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether this host is to offer what it has: not where it is disabled, or was retired."""

    enabled: bool
    retired_since: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a pass would do, and where it wants nothing (it retires this host) what it would leave.

    standing is None where the plan does not depend on it.
    """

    planned: PlannedPass
    standing: Standing | None = None
    retires: bool = False
    left: tuple[LeftOver, ...] = ()


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass that was made, how many requests it took, and why its state could not be kept.

    unchanged tells that it left what it found, in Placement and in what is remembered.
    """

    report: PassReport
    requests: int
    state_problem: Problem | None = None
    unchanged: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """How a program ends that made this pass."""
        outcome, planned = self.report.outcome, self.report.planned
        if outcome.stopped:
            return outcome.stopped.exit_code
        if planned.plan.withheld:
            return ExitCode.WITHHELD
        return ExitCode.PARTLY if outcome.failed or planned.held else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class PassAnswer:
    """What became of the wish for a pass; made is None where this host is disabled.

    left is what of ours stays for now though the pass wants nothing, because the host is retired.
    """

    standing: Standing
    made: Pass | None = None
    retires: bool = False
    left: tuple[LeftOver, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """How a program ends that asked for this."""
        code = self.made.exit_code if self.made else ExitCode.DONE
        return ExitCode.PARTLY if self.left and code is ExitCode.DONE else code
