"""A row is a line: what does not fit a terminal is cut, and what is empty is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cliff.columns import FormattableColumn

CUT = "…"
NARROWEST = 8
"""How narrow a column may become, unless its name is wider."""
_EDGES, _EDGE = 3, 1
"""What a table draws for each column, and once more."""

Rows = list[list[Any]]


def fitted(columns: Sequence[str], rows: Iterable[Sequence[Any]], width: int) -> tuple[Any, Rows]:
    """Columns and rows that fit so many columns of a terminal; numbers are never cut."""
    cells = [[_text(cell) for cell in row] for row in rows]
    kept = [n for n, _ in enumerate(columns) if n == 0 or any(row[n] != "" for row in cells)]
    columns, cells = [columns[n] for n in kept], [[row[n] for n in kept] for row in cells]
    widths = [_width(name, [row[n] for row in cells]) for n, name in enumerate(columns)]
    least = [max(len(name), NARROWEST) for name in columns]
    widths = _narrowed(widths, least, width - _EDGE - _EDGES * len(columns))
    return columns, [[_cut(c, w) for c, w in zip(row, widths, strict=True)] for row in cells]


def _text(cell: Any) -> Any:
    return cell.human_readable() if isinstance(cell, FormattableColumn) else cell


def _width(name: str, cells: Iterable[Any]) -> int:
    lines = [line for cell in cells for line in str(cell).split("\n")]
    return max(map(len, [name, *lines]))


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
    return "\n".join(cut(line, width) for line in cell.split("\n"))


def cut(line: str, width: int) -> str:
    """A line of at most this width.

    Of words the beginning counts, of a name the end as well, and of what is said of a name both.
    """
    if len(line) <= width:
        return line
    name, colon, said = line.partition(": ")
    if colon and " " not in name:
        shown = _begin(said, width // 2 - len(colon))
        return _ends(name, width - len(colon) - len(shown)) + colon + shown
    return _begin(line, width) if " " in line else _ends(line, width)


def _begin(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + CUT


def _ends(text: str, width: int) -> str:
    tail = (width - 1) * 2 // 3
    return text if len(text) <= width else text[: width - 1 - tail] + CUT + text[len(text) - tail :]
