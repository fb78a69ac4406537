"""Sentences that have no room in a row: they stand in full below the table, and a row is a line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pci_placement.text.folding import wrapped

from .fitting import (
    MORE,
    NARROWEST,
    Rows,
    cut,
    edges,
    fitted,
    in_a_line,
    needed,
    text_of,
    without_empty,
)

ROOM = 24
"""So wide a column of sentences must be at least, or the table does without."""
NAMED = 3
"""So many of the rows that say the same are named."""
_ITEMS = 8
_INDENT = "  "

Row = Mapping[str, str]


def laid_out(
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    width: int,
    sentences: Sequence[str],
    label: Callable[[Row], str],
    whole: Collection[str] = (),
    aside: Collection[str] = (),
) -> tuple[Sequence[str], Rows, list[str]]:
    """Columns and cells of a table that fits, and the lines below it; `whole` is never cut.

    Of several columns of sentences only the first is in the table, where not all fit. Those aside
    are never in it: labels are made of them.
    """
    inside = [name for name in names if name not in aside]
    table = _only(names, rows, inside)
    told = _told(inside, table, width, sentences)
    staying = _staying(inside, table, width, told)
    columns, cells = fitted(staying, _only(inside, table, staying), width, whole)
    wholes = [{n: in_a_line(text_of(c)) for n, c in zip(names, r, strict=True)} for r in rows]
    shown = [dict(zip(columns, row, strict=True)) for row in cells]
    return columns, cells, list(_beneath(wholes, shown, told, label, width))


def fields(names: Sequence[str], data: Sequence[Any], width: int) -> tuple[list[Any], list[str]]:
    """The values of one thing, an item a line and none too long; and in full those that were."""
    room = max(width - edges(("Field", "Value")) - max(map(len, names)), NARROWEST)
    cells, beneath = [], []
    for name, value in zip(names, map(text_of, data), strict=True):
        items = str(value).split("\n")
        cells.append("\n".join(cut(item, room) for item in items))
        beneath += [p for i in items if len(i) > room for p in paragraph(name, i, width)]
    return cells, beneath


def few(cell: Any) -> Any:
    """The first items of a long list, and how many more there are; any other cell as it is."""
    items = str(text_of(cell)).split("\n")
    more = len(items) - _ITEMS
    return "\n".join([*items[:_ITEMS], MORE.format(more)]) if more > 0 else cell


def paragraph(label: str, text: str, width: int, indent: str = "") -> list[str]:
    """A sentence in as many lines as it takes; a word is never broken, so that it can be copied."""
    return wrapped(f"{label}: {text}", width, indent)


def _told(
    names: Sequence[str], rows: Sequence[Sequence[Any]], width: int, sentences: Sequence[str]
) -> list[str]:
    """The columns of sentences; none where all have room."""
    if needed(names, rows) <= width:
        return []
    filled, _ = without_empty(names, rows)
    return [name for name in sentences if name in filled]


def _staying(
    names: Sequence[str], rows: Sequence[Sequence[Any]], width: int, told: Sequence[str]
) -> list[str]:
    others = [name for name in names if name not in told]
    has_room = needed(others, _only(names, rows, others)) + ROOM <= width
    return [name for name in names if name in others or (has_room and name == told[0])]


def _only(
    names: Sequence[str], rows: Sequence[Sequence[Any]], wanted: Collection[str]
) -> list[list[Any]]:
    return [[c for n, c in zip(names, row, strict=True) if n in wanted] for row in rows]


def _beneath(
    wholes: Sequence[Row],
    shown: Sequence[Mapping[str, Any]],
    told: Sequence[str],
    label: Callable[[Row], str],
    width: int,
) -> Iterator[str]:
    """What rows do not say in full; of rows that say the same once."""
    groups: dict[tuple[tuple[str, str], ...], dict[str, None]] = {}
    for whole, row in zip(wholes, shown, strict=True):
        if any(whole[name] != row.get(name, "") for name in told):
            said = tuple((name, whole[name]) for name in told if whole[name])
            groups.setdefault(said, {})[label(whole)] = None
    for ((_, first), *others), labels in groups.items():
        yield from paragraph(_first(list(labels)), first, width)
        for name, text in others:
            yield from paragraph(name, text, width, _INDENT)


def _first(labels: Sequence[str]) -> str:
    return ", ".join(
        [*labels[:NAMED], *([MORE.format(len(labels) - NAMED)] * (len(labels) > NAMED))]
    )
