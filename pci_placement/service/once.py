"""One pass, for cron and for a timer."""

from __future__ import annotations

import argparse

from pci_placement.errors import PciPlacementError

from .logs import start_logging
from .report import Report
from .work import Work


def once(arguments: argparse.Namespace) -> int:
    """Make one pass; gives the exit code that `sync` would end with."""
    start_logging(arguments)
    report = Report()
    try:
        work = Work(arguments, report)
    except PciPlacementError as error:
        report.refused(error)
        return int(error.exit_code)
    return int(work.run().exit_code)
