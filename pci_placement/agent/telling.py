"""What is to be told of a pass beside what it did: a line each, for a person and for a log."""

from __future__ import annotations

from collections.abc import Iterator

from pci_placement.desired import Desired
from pci_placement.mapping.lint import lint_host
from pci_placement.mapping.lint_effect import nothing_listed
from pci_placement.model import DeleteResourceClass, DeleteTrait, Problem, Severity
from pci_placement.model.outcome import Done, Result
from pci_placement.passes.values import PassReport, PlannedPass
from pci_placement.settings import Settings

from .answers import Standing
from .words import about

DISABLED = "[pci_placement] enabled = false: sync does nothing on this host"
RETIRED_SINCE = (
    "this node was retired at {}: sync removes what is left of ours, and offers nothing; "
    "`pci-placement retire --undo` ends that"
)
REMOVALS_WITHHELD = (
    "withheld: to remove {} is more than one pass may do: they stay, with nothing left to claim; "
    "if they are to go, say sync --force, or raise [pci_placement] max_removals"
)
SHOWN = 3


def restraints(standing: Standing) -> Iterator[str]:
    """Why sync does not offer what this host has."""
    if not standing.enabled:
        yield DISABLED
    if standing.retired_since:
        yield RETIRED_SINCE.format(standing.retired_since)


def held_back(planned: PlannedPass) -> Iterator[str]:
    """What was left alone though the whitelist names it, and what is there still to remove."""
    tree = planned.host.tree
    yield from (f"left as it is: {card}: {why}" for card, why in sorted(tree.held.items()))
    yield from (f"not ours to give: {card}: {why}" for card, why in sorted(tree.not_ours.items()))
    yield from (f"held back: {what}: {why}" for what, why in sorted(planned.plan.blocked.items()))
    withheld = planned.plan.withheld
    if withheld:
        more = f" and {len(withheld) - SHOWN} more" if len(withheld) > SHOWN else ""
        yield REMOVALS_WITHHELD.format(", ".join(withheld[:SHOWN]) + more)


def advice(settings: Settings, host: Desired, notes: bool = False) -> Iterator[Problem]:
    """What of the lists has no effect on this host, or a strange one; what is held is told anyway.

    notes: also what need not be wrong.
    """
    told = (Severity.WARNING, Severity.NOTE) if notes else (Severity.WARNING,)
    yield from nothing_listed(settings.whitelist)
    found = lint_host(host.snapshot, settings.whitelist, settings.aliases, host.matching)
    yield from (problem for problem in found if problem.severity in told and problem.source)


def not_done(report: PassReport) -> Iterator[str]:
    """Which actions came to nothing, and why."""
    for done in report.outcome.results:
        if done.why and not _is_used_elsewhere(done):
            yield f"{done.action.verb} {about(done.action)}: {done.why}"


def _is_used_elsewhere(done: Done) -> bool:
    """Whether a name stays because other providers have it: on most clouds that is so."""
    return done.result is Result.SKIPPED and isinstance(
        done.action, DeleteResourceClass | DeleteTrait
    )
