"""Exit codes: what a shell, cron or systemd learns from a pass."""

from __future__ import annotations

from pci_placement.errors import ExitCode
from pci_placement.sync import PassReport


def code_of_pass(report: PassReport) -> ExitCode:
    """The exit code for a pass that was carried out."""
    if report.outcome.stopped:
        return report.outcome.stopped.exit_code
    if report.planned.plan.withheld:
        return ExitCode.WITHHELD
    return ExitCode.PARTLY if report.outcome.failed or report.planned.held else ExitCode.DONE
