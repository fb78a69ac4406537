"""Boxes of SVG: over each other, beside each other, and in rows as long as there is room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """What is drawn, from 0, 0 on, and how wide and high it is, in pixels."""

    width: int
    height: int
    drawn: str

    def at(self, x: int, y: int) -> str:
        """The same somewhere else."""
        return f'<g transform="translate({x} {y})">{self.drawn}</g>'


def over(boxes: Iterable[Box], gap: int) -> Box:
    """Boxes from top to bottom."""
    width = y = 0
    drawn: list[str] = []
    for box in boxes:
        y += gap if drawn else 0
        drawn.append(box.at(0, y))
        width, y = max(width, box.width), y + box.height
    return Box(width, y, "".join(drawn))


def beside(boxes: Iterable[Box], gap: int) -> Box:
    """Boxes from left to right."""
    height = x = 0
    drawn: list[str] = []
    for box in boxes:
        x += gap if drawn else 0
        drawn.append(box.at(x, 0))
        height, x = max(height, box.height), x + box.width
    return Box(x, height, "".join(drawn))


def flow(boxes: Iterable[Box], room: int, gap: int) -> Box:
    """Boxes from left to right, and in a new row where there is no room for the next."""
    rows: list[list[Box]] = []
    left = 0
    for box in boxes:
        left -= box.width + gap
        if left < 0:
            rows.append([])
            left = room - box.width
        rows[-1].append(box)
    return over([beside(row, gap) for row in rows], gap)
