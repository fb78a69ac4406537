"""A report in words, and its totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from pci_placement.text.counts import counted

from .nouns import Line, Report

NOBODY_YET = "no provider of this cloud is ours: no agent has made a pass yet"
RESERVED_NOT_ASKED = (
    "of {} what is reserved was not asked: there reserved is empty, and total without it; "
    "--read {} asks"
)
COUNTED = ("total", "used", "reserved", "free", "draining")
"""What is added up."""


def summary(report: Report) -> str:
    """One line: how much the report is about."""
    if not report.providers:
        return NOBODY_YET
    return f"{counted(report.providers, 'provider')} of ours on {counted(report.nodes, 'node')}"


def caveat(report: Report, most_read: int) -> str:
    """What to know of cells that are empty; nothing where all is known."""
    if not report.uncertain:
        return ""
    unread = report.uncertain
    return RESERVED_NOT_ASKED.format(counted(unread, "provider"), most_read + unread)


@dataclass(frozen=True, slots=True)
class Total:
    """What the cloud has of one class, in words; of what is not known of all, at least how much."""

    resource_class: str
    nodes: int
    amounts: tuple[str, ...]


def totals(report: Report) -> Iterator[Total]:
    """A total a class, in the order of their names."""
    of_class: dict[str, list[Line]] = {}
    for line in report.lines:
        if line.resource_class:
            of_class.setdefault(line.resource_class, []).append(line)
    for name, lines in sorted(of_class.items()):
        yield Total(name, len(lines), tuple(_amounts(lines)))


def _amounts(lines: Sequence[Line]) -> Iterator[str]:
    for name in COUNTED:
        yield _sum(map(attrgetter(name), lines))


def _sum(numbers: Iterable[int | None]) -> str:
    numbers = list(numbers)
    known = sum(n for n in numbers if n is not None)
    return f"≥ {known}" if None in numbers else str(known)
