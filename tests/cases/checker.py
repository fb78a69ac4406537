"""What a command left behind, against what a case expects of it; each complaint is a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from support.command import Run

from .case import Columns, Expect, Rows
from .wanted import all_fit, fits

BROKEN = "this should not happen"
"""What the program says of an error in itself."""


class Wrong(AssertionError):
    """The program did not do what a case expects of it."""


def complaints(run: Run, expect: Expect) -> list[str]:
    """Everything that is not as expected of a command."""
    found = [*_of_code(run, expect), *_of_text(run.out + run.err, expect)]
    if expect.rows or expect.norows:
        found += _of_output(run.out, expect)
    return found


def breakdowns(run: Run) -> Iterator[str]:
    """An error in the program itself is as expected of no command."""
    if BROKEN in run.err:
        yield f"it broke: {run.err.strip()}"


def _of_code(run: Run, expect: Expect) -> Iterator[str]:
    if expect.codes and run.code not in expect.codes:
        yield f"it ended with {run.code}, not {' or '.join(map(str, expect.codes))}"


def _of_text(text: str, expect: Expect) -> Iterator[str]:
    for pattern in expect.text:
        if not pattern.search(text):
            yield f"nothing that it says matches {pattern.pattern!r}"
    for pattern in expect.notext:
        if found := pattern.search(text):
            yield f"it says {found.group()!r}"


def _of_output(out: str, expect: Expect) -> Iterator[str]:
    try:
        rows = _rows(out)
    except ValueError:
        yield f"not rows, but {out!r}"
        return
    for wanted in expect.rows:
        yield from _of_rows(rows, wanted)
    for unwanted in expect.norows:
        yield from _of_no_row(rows, unwanted)


def _rows(out: str) -> list[dict[str, Any]]:
    """Rows of a list; what shows a single thing has one."""
    found = json.loads(out)
    return found if isinstance(found, list) else [found]


def _of_rows(rows: Iterable[Mapping[str, Any]], wanted: Rows) -> Iterator[str]:
    chosen = [row for row in rows if all_fit(row, wanted.where)]
    if not chosen:
        yield f"no row fits {wanted.where}"
    for row in chosen:
        yield from _of_columns(row, wanted)


def _of_columns(row: Mapping[str, Any], wanted: Rows) -> Iterator[str]:
    for column, value in wanted.wanted.items():
        if not all_fit(row, {column: value}):
            yield f"{column} is {row.get(column)!r}, not {value!r}, in the row of {wanted.where}"


def _of_no_row(rows: Iterable[Mapping[str, Any]], unwanted: Columns) -> Iterator[str]:
    for row in rows:
        # a column that was renamed would let every row pass
        if absent := unwanted.keys() - row.keys():
            yield f"no column {', '.join(sorted(absent))} in {row}"
        elif all_fit(row, unwanted):
            yield f"a row fits {unwanted}: {row}"


def of_provider(name: str, found: Mapping[str, Any] | None, wanted: Any) -> Iterator[str]:
    """What is not as wanted of a provider in Placement; None is one that is not there."""
    if not fits(found, wanted):
        yield f"{name} is {found}, not {wanted}"
