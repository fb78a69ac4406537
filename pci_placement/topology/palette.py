"""The colours of states, by day and by night; each state has a pattern of its own beside them."""

from __future__ import annotations

from typing import NamedTuple

from .nouns import CellState


class Paint(NamedTuple):
    """What a cell is filled with, and what its edge and its pattern are drawn with."""

    ground: str
    ink: str


LIGHT = {
    CellState.FREE: Paint("#dcf3e0", "#2e7d32"),
    CellState.USED: Paint("#1f5fa8", "#123f73"),
    CellState.DRAINED: Paint("#fff0cc", "#b26a00"),
    CellState.OFFERED: Paint("#ffffff", "#00796b"),
    CellState.HELD: Paint("#ffe3e0", "#c62828"),
    CellState.UNREADABLE: Paint("#f3e5f5", "#7b1fa2"),
    CellState.IGNORED: Paint("#f2f3f5", "#9aa1ab"),
}
DARK = {
    CellState.FREE: Paint("#173d22", "#6fcf80"),
    CellState.USED: Paint("#6db3f2", "#a9d3fa"),
    CellState.DRAINED: Paint("#3d2e0c", "#ffb74d"),
    CellState.OFFERED: Paint("#14181d", "#4db6ac"),
    CellState.HELD: Paint("#421616", "#ff8a80"),
    CellState.UNREADABLE: Paint("#33193b", "#ce93d8"),
    CellState.IGNORED: Paint("#22272e", "#6b7380"),
}
