"""What a pass is made of: the plan with all that it rests on, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from pci_placement.desired import Desired
from pci_placement.model import LastPass, ObservedTree, Outcome, Plan, Problem
from pci_placement.plan.check import Breach


@dataclass(frozen=True, slots=True)
class PlannedPass:
    """A plan, and everything that it was made from.

    faults are those of this program for which cards are held that could not be planned, breaches
    those that the judge found, for which a part of the plan was taken out.
    """

    host: Desired
    observed: ObservedTree
    plan: Plan
    warnings: tuple[Problem, ...] = ()
    faults: tuple[Exception, ...] = ()
    breaches: tuple[Breach, ...] = ()

    @property
    def held(self) -> dict[str, str]:
        """What was left alone though it is listed, and why: cards by address, providers by name."""
        return {str(card): why for card, why in self.host.kept.items()} | dict(self.plan.blocked)


@dataclass(frozen=True, slots=True)
class PassReport:
    """A pass that was carried out: outcomes of all its tries, the last plan last."""

    planned: PlannedPass
    outcome: Outcome
    last_pass: LastPass
