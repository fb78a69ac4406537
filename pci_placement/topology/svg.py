"""The picture as SVG: by day and by night, without a font or a script of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pci_placement.text.markup import DAY, NIGHT, Sheet, marked_up

from .flow import Box, beside, flow, over
from .nouns import MEANINGS, Bus, Card, Cell, CellState, Group, Node, Topology
from .palette import DARK, LIGHT, Paint
from .words import column_titles, counts_of, summary, told_of, total_rows

WIDTH = 1200
_CELL, _PITCH, _IN_A_ROW = 13, 16, 16
_CARD, _EDGE, _GAP, _LINE = 276, 10, 10, 15
_TIED = "\xa0"
"""A space at which no line ends."""
_LETTER = 6.1
"""How wide a letter is, about: nobody can measure text without the reader's fonts."""


class Style(NamedTuple):
    """A kind of line of text: its class, and how wide its letters are."""

    name: str
    letter: float = _LETTER


_PLAIN, _FAINT = Style("t"), Style("t f")
_STRONG, _TITLE = Style("t b", 6.7), Style("t h", 8.5)

_SHAPES = {
    CellState.FREE: "",
    CellState.USED: "",
    CellState.DRAINED: '<path d="M0 6L6 0M-1 1L1 -1M5 7L7 5" class="i-{0}"/>',
    CellState.OFFERED: '<circle cx="3" cy="3" r="1.1" class="d-{0}"/>',
    CellState.HELD: '<path d="M0 0L6 6M0 6L6 0" class="i-{0}"/>',
    CellState.UNREADABLE: '<path d="M0 1.5H6M0 4.5H6" class="i-{0}"/>',
    CellState.IGNORED: "",
}


_FONTS = (
    ".t{font:10px ui-monospace,monospace}.b{font-weight:bold;font-size:11px}"
    ".h{font-size:14px;font-weight:bold}"
)
_DOTTED = f".cell.i-{CellState.IGNORED}{{stroke-dasharray:2 2}}"
"""An edge that is no line, so that it looks empty and not free."""


def as_svg(topology: Topology) -> str:
    """One document; whatever was written by others is text in it, and nothing else."""
    room = WIDTH - 2 * _EDGE
    parts = [
        _text(topology.host, _TITLE, room),
        _text(summary(topology), _PLAIN, room),
        _legend(topology),
        *(_node(node) for node in topology.nodes),
        _totals(topology),
        *(_text(note, _FAINT, room) for note in topology.notes),
    ]
    drawn = over(parts, _GAP)
    height = drawn.height + 2 * _EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="{marked_up(topology.host)}">\n'
        f"<style>{_style()}</style>\n<defs>{_patterns()}</defs>\n"
        f'<rect class="page" width="{WIDTH}" height="{height}"/>\n'
        f"{drawn.at(_EDGE, _EDGE)}\n</svg>\n"
    )


def _style() -> str:
    night = f"@media (prefers-color-scheme: dark){{{_colours(NIGHT, DARK)}}}"
    return f"{_FONTS}.box,.cell{{stroke-width:1}}{_DOTTED}{_colours(DAY, LIGHT)}{night}"


def _colours(sheet: Sheet, cells: dict[CellState, Paint]) -> str:
    plain = (
        f".page{{fill:{sheet.page}}}.box{{stroke:{sheet.line}}}.node{{fill:{sheet.node}}}"
        f".card{{fill:{sheet.card}}}.bus{{fill:none}}.t{{fill:{sheet.text}}}.f{{fill:{sheet.faint}}}"
    )
    return plain + "".join(
        f".g-{s}{{fill:{p.ground}}}.i-{s}{{stroke:{p.ink};fill:none}}.d-{s}{{fill:{p.ink}}}"
        for s, p in cells.items()
    )


def _patterns() -> str:
    return "".join(
        f'<pattern id="p-{state}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect class="g-{state}" width="6" height="6"/>{shape.format(state)}</pattern>'
        for state, shape in _SHAPES.items()
    )


def _text(text: str, style: Style, room: int) -> Box:
    """A line, cut where there is no room for it; then the whole is told to who points at it."""
    letters = int(room / style.letter)
    shown = text if len(text) <= letters else f"{text[: letters - 1]}…"
    title = f"<title>{marked_up(text)}</title>" if shown != text else ""
    drawn = (
        f'<text class="{style.name}" y="11" xml:space="preserve">{marked_up(shown)}{title}</text>'
    )
    return Box(room, _LINE, drawn)


def _wrapped(text: str, room: int) -> list[str]:
    """As many faint lines as a text takes; a word that is too long for one stays whole."""
    letters = int(room / _FAINT.letter)
    lines = textwrap.wrap(text, letters, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_TIED, " ") for line in lines]


def _framed(kind: str, inner: Box) -> Box:
    width, height = inner.width + 2 * _EDGE, inner.height + 2 * _EDGE
    size = f'width="{width - 1}" height="{height - 1}"'
    frame = f'<rect class="box {kind}" x="0.5" y="0.5" rx="6" {size}/>'
    return Box(width, height, f"{frame}{inner.at(_EDGE, _EDGE)}")


def _node(node: Node) -> Box:
    room = WIDTH - 4 * _EDGE
    inside = over([_text(node.title, _STRONG, room), flow(map(_bus, node.buses), room, _GAP)], 4)
    return _framed("node", Box(room, inside.height, inside.drawn))


def _bus(bus: Bus) -> Box:
    room = WIDTH - 6 * _EDGE
    cards = flow(map(_card, bus.cards), room, _GAP)
    others = [_others(bus.others)] if bus.others else []
    width = max(cards.width, _CARD - 2 * _EDGE)
    inside = over([_text(bus.name, _FAINT, width), cards, *others], 4)
    return _framed("bus", Box(width, inside.height, inside.drawn))


def _others(cells: Sequence[Cell]) -> Box:
    room = _CARD - 2 * _EDGE
    return over([_text(f"on no list: {len(cells)}", _FAINT, room), _cells(cells)], 2)


def _card(card: Card) -> Box:
    room = _CARD - 2 * _EDGE
    named = "  ".join(filter(None, (*card.devnames, card.driver)))
    lines = [
        _text(str(card.address), _STRONG, room),
        _text(card.name, _PLAIN, room),
        _text(named, _FAINT, room),
    ]
    return _framed("card", over([*lines, *(_group(group, room) for group in card.groups)], 2))


def _group(group: Group, room: int) -> Box:
    counts = counts_of(group).replace(" ", _TIED).replace(f",{_TIED}", ", ")
    lines = [line for text in (group.title, counts, group.note) for line in _wrapped(text, room)]
    return over([*(_text(line, _FAINT, room) for line in lines), _cells(group.cells)], 2)


def _cells(cells: Sequence[Cell]) -> Box:
    rows = -(-len(cells) // _IN_A_ROW)
    drawn = "".join(
        _cell(cell.state, number % _IN_A_ROW * _PITCH, number // _IN_A_ROW * _PITCH, told_of(cell))
        for number, cell in enumerate(cells)
    )
    return Box(_IN_A_ROW * _PITCH, rows * _PITCH, drawn)


def _cell(state: CellState, x: int, y: int, told: str) -> str:
    size = f'x="{x + 0.5}" y="{y + 0.5}" rx="2" width="{_CELL}" height="{_CELL}"'
    title = f"<title>{marked_up(told)}</title>"
    return f'<rect class="cell i-{state}" style="fill:url(#p-{state})" {size}>{title}</rect>'


def _legend(topology: Topology) -> Box:
    return flow(map(_meaning, topology.shown), WIDTH - 2 * _EDGE, 2 * _GAP)


def _meaning(state: CellState) -> Box:
    meaning = MEANINGS[state]
    sign = Box(_PITCH, _LINE, _cell(state, 0, 1, meaning))
    return beside([sign, _text(meaning, _PLAIN, int(len(meaning) * _LETTER) + 1)], 4)


def _totals(topology: Topology) -> Box:
    rows = [("", *column_titles(topology)), *total_rows(topology)]
    return over([_total(row) for row in rows], 0)


def _total(row: Iterable[str]) -> Box:
    name, *numbers = row
    return beside([_text(name, _PLAIN, 420), *(_number(n) for n in numbers)], 0)


def _number(text: str) -> Box:
    return Box(
        90, _LINE, f'<text class="t" text-anchor="end" x="86" y="11">{marked_up(text)}</text>'
    )
