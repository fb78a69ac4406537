"""Exit codes: what a shell, cron or systemd learns from a run."""

from __future__ import annotations

from pci_placement.errors import (
    ConfigError,
    GenerationConflict,
    Locked,
    PciPlacementError,
    RequestError,
    RootNotFound,
    Unreachable,
    Unsettled,
)
from pci_placement.sync import PassReport

DONE = 0
ERROR = 1
USAGE = 2
CHANGES = 3
WITHHELD = 4
PARTLY = 5
TRY_AGAIN = 75

_BY_ERROR: dict[type[PciPlacementError], int] = {
    ConfigError: USAGE,
    RequestError: USAGE,
    GenerationConflict: TRY_AGAIN,
    Locked: TRY_AGAIN,
    RootNotFound: TRY_AGAIN,
    Unreachable: TRY_AGAIN,
    Unsettled: TRY_AGAIN,
}


def code_of_error(error: PciPlacementError) -> int:
    """The exit code for an error that ended a command."""
    return next((code for kind, code in _BY_ERROR.items() if isinstance(error, kind)), ERROR)


def code_of_pass(report: PassReport) -> int:
    """The exit code for a pass that was carried out."""
    if report.outcome.stopped:
        return code_of_error(report.outcome.stopped)
    if report.planned.plan.withheld:
        return WITHHELD
    return PARTLY if report.outcome.failed or report.planned.held else DONE
