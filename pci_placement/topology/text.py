"""The picture for a terminal: a sign for each function, eighty columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from pci_placement.text.visible import visible

from .nouns import MEANINGS, Bus, Card, Cell, CellState, Group, Topology
from .words import column_titles, counts_of, summary, total_rows

SIGNS = {
    CellState.FREE: ".",
    CellState.USED: "#",
    CellState.DRAINED: "/",
    CellState.OFFERED: "o",
    CellState.HELD: "!",
    CellState.UNREADABLE: "?",
    CellState.IGNORED: "-",
}
COLOURS = {
    CellState.FREE: "32",
    CellState.USED: "1;34",
    CellState.DRAINED: "33",
    CellState.OFFERED: "36",
    CellState.HELD: "1;31",
    CellState.UNREADABLE: "1;31",
    CellState.IGNORED: "2",
}
WIDTH = 80
_RUN, _LINE = 8, 64
"""Signs without a gap, and signs on a line."""

Paint = Callable[[CellState, str], str]


def plain(_state: CellState, text: str) -> str:
    """No colour."""
    return text


def coloured(state: CellState, text: str) -> str:
    """In the colour of a state, as terminals have it."""
    return f"\033[{COLOURS[state]}m{text}\033[0m"


def as_text(topology: Topology, paint: Paint = plain) -> str:
    """Lines of at most 80 columns, as far as names allow; nothing in them but paint is an order."""
    return "".join(f"{line}\n" for line in _lines(topology, paint))


def _lines(topology: Topology, paint: Paint) -> Iterator[str]:
    yield _cut(f"{topology.host}: {summary(topology)}")
    for node in topology.nodes:
        yield from ("", _cut(node.title))
        for bus in node.buses:
            yield from _bus(bus, paint)
    yield from ("", *_totals(topology), "")
    yield from (f"{paint(state, SIGNS[state])} {MEANINGS[state]}" for state in topology.shown)
    for note in topology.notes:
        yield from textwrap.wrap(visible(note), WIDTH)


def _bus(bus: Bus, paint: Paint) -> Iterator[str]:
    yield _cut(f"  {bus.name}")
    for card in bus.cards:
        yield from _card(card, paint)
    if bus.others:
        yield f"    on no list: {len(bus.others)}"
        yield from _signs(bus.others, paint)


def _card(card: Card, paint: Paint) -> Iterator[str]:
    yield _cut("    " + "  ".join(filter(None, (str(card.address), *card.devnames, card.name))))
    for group in card.groups:
        yield from _group(group, paint)


def _group(group: Group, paint: Paint) -> Iterator[str]:
    told = f"{group.title}: {counts_of(group)}"
    if len(group.cells) == 1:
        state = group.cells[0].state
        yield f"      {paint(state, SIGNS[state])} {_cut(told, WIDTH - 8)}"
    else:
        yield _cut(f"      {told}")
    for line in textwrap.wrap(visible(group.note), WIDTH - 8):
        yield f"        {line}"
    if len(group.cells) > 1:
        yield from _signs(group.cells, paint)


def _signs(cells: Sequence[Cell], paint: Paint) -> Iterator[str]:
    for line in _parts(cells, _LINE):
        yield "      " + " ".join("".join(_painted(run, paint)) for run in _parts(line, _RUN))


def _painted(cells: Iterable[Cell], paint: Paint) -> Iterator[str]:
    return (paint(cell.state, SIGNS[cell.state]) for cell in cells)


def _parts(cells: Sequence[Cell], size: int) -> Iterator[Sequence[Cell]]:
    return (cells[begin : begin + size] for begin in range(0, len(cells), size))


def _totals(topology: Topology) -> Iterator[str]:
    rows = [("", *column_titles(topology)), *total_rows(topology)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    first = min(widths[0], WIDTH - sum(width + 2 for width in widths[1:]))
    for name, *numbers in rows:
        told = "".join(f"  {n:>{width}}" for n, width in zip(numbers, widths[1:], strict=True))
        yield f"{_cut(name, first):<{first}}{told}".rstrip()


def _cut(text: str, width: int = WIDTH) -> str:
    shown = visible(text)
    return shown if len(shown) <= width else f"{shown[: width - 3]}..."
