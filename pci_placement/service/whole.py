"""One pass the long way, and the note by which the next one may be spared."""

from __future__ import annotations

import argparse
import contextlib
import logging
from collections.abc import Iterator

from pci_placement.agent.noting import Noting
from pci_placement.errors import PciPlacementError
from pci_placement.quiet.invocation import Invocation

from .logs import LOGGER
from .metrics.observer import Metrics
from .report import Report
from .work import Work, paths_of


def whole(arguments: argparse.Namespace, invocation: Invocation | None) -> int:
    """Make the pass; gives its exit code."""
    report, noting = Report(), Noting(invocation) if invocation else None
    metrics = Metrics(report, serves=False)
    with _listening() as said:
        try:
            work = Work(arguments, report, metrics)
        except PciPlacementError as error:
            report.refused(error)
            metrics.refused(paths_of(arguments))
            return int(error.exit_code)
        ended = work.run()
    # what goes wrong with that is for now alone: who is spared a pass finds it out anew
    metrics.publish()
    if noting and ended.answer:
        noting.leave(work.agent, ended.answer, int(ended.exit_code), said)
    return int(ended.exit_code)


@contextlib.contextmanager
def _listening() -> Iterator[list[tuple[int, str]]]:
    """What is logged in this context, by level and line."""
    said: list[tuple[int, str]] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(  # type: ignore[method-assign]  # one method is all of it
        (record.levelno, record.getMessage())
    )
    LOGGER.addHandler(handler)
    try:
        yield said
    finally:
        LOGGER.removeHandler(handler)
