"""A row is a line: what does not fit a terminal is cut, and what is empty is left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from cliff.columns import FormattableColumn

CUT = "…"
NARROWEST = 8
"""How narrow a column may become, unless its name is wider."""
_NAME, _LEAST_OF_NAME = 16, 10
"""So long a word is a name, of which so much must be left."""
_EDGES, _EDGE = 3, 1
"""What a table draws for each column, and once more."""

MORE = "… +{}"
"""What stands for so many items of a list that have no room."""

Rows = list[list[Any]]


def fitted(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    width: int,
    whole: Collection[str] = (),
) -> tuple[Any, Rows]:
    """Columns and rows that fit so many columns of a terminal; numbers are never cut.

    Nor are the columns of `whole`: what is in them is to be copied.
    """
    columns, cells = without_empty(columns, rows)
    widths = _widths(columns, cells)
    least = [
        now if name in whole else max(len(name), NARROWEST)
        for name, now in zip(columns, widths, strict=True)
    ]
    widths = _narrowed(widths, least, width - edges(columns))
    return columns, [[_cut(c, w) for c, w in zip(row, widths, strict=True)] for row in cells]


def without_empty(
    columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> tuple[Sequence[str], Rows]:
    """The columns with something in them, and the first; cells as a person reads them."""
    cells = [list(map(text_of, row)) for row in rows]
    kept = [n for n, _ in enumerate(columns) if n == 0 or any(row[n] != "" for row in cells)]
    return [columns[n] for n in kept], [[row[n] for n in kept] for row in cells]


def needed(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """How wide a table is in which nothing is cut."""
    columns, cells = without_empty(columns, rows)
    return sum(_widths(columns, cells)) + edges(columns)


def edges(columns: Sequence[str]) -> int:
    """How much of a terminal the lines between so many columns take."""
    return _EDGE + _EDGES * len(columns)


def text_of(cell: Any) -> Any:
    """A cell as a person reads it, a list an item a line; numbers stay numbers."""
    return cell.human_readable() if isinstance(cell, FormattableColumn) else cell


def in_a_line(cell: Any) -> str:
    """All items of a list one behind the other."""
    return ", ".join(str(cell).split("\n"))


def _widths(columns: Sequence[str], cells: Rows) -> list[int]:
    return [max(map(len, map(in_a_line, each))) for each in zip(columns, *cells, strict=True)]


def _narrowed(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """So much of each column that all have room: the widest gives way first."""
    narrowed = list(widths)
    while sum(narrowed) > room:
        spare = [n for n, width in enumerate(narrowed) if width > least[n]]
        if not spare:
            break
        narrowed[max(spare, key=lambda n: narrowed[n])] -= 1
    return narrowed


def _cut(cell: Any, width: int) -> Any:
    if not isinstance(cell, str):
        return cell
    whole = in_a_line(cell)
    return whole if len(whole) <= width else _first_of(cell.split("\n"), width)


def _first_of(items: Sequence[str], width: int) -> str:
    """As many items as have room, and how many have not; of one only, what of it has room."""
    for number in range(len(items) - 1, 0, -1):
        shown = ", ".join([*items[:number], MORE.format(len(items) - number)])
        if len(shown) <= width:
            return shown
    more = f", {MORE}".format(len(items) - 1) if len(items) > 1 else ""
    return cut(items[0], width - len(more)) + more


def cut(line: str, width: int) -> str:
    """A line of at most this width.

    Of words the beginning counts, of a name the end as well, and of what is said of a name both.
    """
    if len(line) <= width:
        return line
    name, colon, said = line.partition(": ")
    if width >= NARROWEST and colon and " " not in name:
        shown = _cut_words(said, max(width // 2, width - len(name)) - len(colon))
        return _ends(name, width - len(colon) - len(shown)) + colon + shown
    return _cut_words(line, width)


def _cut_words(text: str, width: int) -> str:
    """What is too long of words: in the middle of a long name among them, where that is enough."""
    longest = max(text.split(" "), key=len)
    room = len(longest) - (len(text) - width)
    if len(longest) >= _NAME and _LEAST_OF_NAME <= room < len(longest):
        return text.replace(longest, _ends(longest, room), 1)
    return _begin(text, width) if " " in text else _ends(text, width)


def _begin(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + CUT


def _ends(text: str, width: int) -> str:
    tail = (width - 1) * 2 // 3
    return text if len(text) <= width else text[: width - 1 - tail] + CUT + text[len(text) - tail :]
