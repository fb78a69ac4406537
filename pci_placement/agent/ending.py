"""Passes that want nothing: what is made, or planned, of a node that is retired."""

from __future__ import annotations

from pci_placement.model import LastPass
from pci_placement.plan.left_over import left_by, left_over
from pci_placement.sync import Reconciler

from .answers import PassAnswer, Preview, Standing
from .turn import Turn


def end(mine: Turn, standing: Standing, last_pass: LastPass) -> PassAnswer:
    """Make a pass that wants nothing."""
    made = mine.make(Reconciler.retire, last_pass)
    left = left_over(made.report.planned.observed, made.report.last_pass.providers)
    return PassAnswer(standing, made, retires=True, left=left)


def preview_end(
    reconciler: Reconciler, last_pass: LastPass, standing: Standing | None = None
) -> Preview:
    """Plan such a pass, without writing."""
    planned = reconciler.look_at_the_end(last_pass)
    left = left_by(planned.plan, planned.observed)
    return Preview(planned, standing, retires=True, left=left)
