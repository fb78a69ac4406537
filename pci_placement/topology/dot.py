"""The picture for graphviz: clusters of nodes and roots, and a card as a table of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from pci_placement.text.markup import marked_up

from .nouns import MEANINGS, Bus, Card, Cell, CellState, Group, Topology
from .palette import LIGHT
from .text import SIGNS
from .words import counts_of, summary

_IN_A_ROW = 16
_DARK = {CellState.USED}
"""What is so dark that a black sign cannot be seen on it."""
_LEFT = ' align="left"'


def as_dot(topology: Topology) -> str:
    """A graph; its names are ours, and what others wrote is in labels, as text."""
    return "\n".join(["graph topology {", *_lines(topology), "}", ""])


def _lines(topology: Topology) -> Iterator[str]:
    numbers = count()
    told = [f"{topology.host}: {summary(topology)}", *topology.notes]
    yield "  graph [rankdir=LR, fontname=monospace, labelloc=t];"
    yield "  node [shape=plain, fontname=monospace, fontsize=10];"
    yield f"  label={_label(*told)};"
    for node in topology.nodes:
        yield f"  subgraph cluster_{next(numbers)} {{ label={_label(node.title)};"
        for bus in node.buses:
            yield f"    subgraph cluster_{next(numbers)} {{ style=dashed; label={_label(bus.name)};"
            yield from (f"      n{next(numbers)} [label={t}];" for t in _tables(bus))
            yield "    }"
        yield "  }"
    if topology.shown:
        yield f"  legend [label={_table(_legend(topology))}];"


def _label(*lines: str) -> str:
    return f"<{'<br/>'.join(map(marked_up, lines))}>"


def _tables(bus: Bus) -> Iterator[str]:
    for card in bus.cards:
        yield _table(_card(card))
    if bus.others:
        yield _table([_row(f"on no list: {len(bus.others)}"), _cells(bus.others)])


def _table(rows: Sequence[str]) -> str:
    return f'<<table border="1" cellborder="0" cellspacing="2">{"".join(rows)}</table>>'


def _row(text: str) -> str:
    return f"<tr><td{_LEFT}>{marked_up(text)}</td></tr>"


def _card(card: Card) -> list[str]:
    named = "  ".join(filter(None, (str(card.address), *card.devnames, card.name)))
    return [_row(named), *(row for group in card.groups for row in _group(group))]


def _group(group: Group) -> Iterator[str]:
    yield from (_row(text) for text in (group.title, counts_of(group), group.note) if text)
    yield _cells(group.cells)


def _cells(cells: Sequence[Cell]) -> str:
    rows = (cells[begin : begin + _IN_A_ROW] for begin in range(0, len(cells), _IN_A_ROW))
    drawn = "".join(f"<tr>{''.join(_cell(cell.state) for cell in row)}</tr>" for row in rows)
    return (
        f'<tr><td{_LEFT}><table border="0" cellborder="1" cellspacing="1">{drawn}</table></td></tr>'
    )


def _cell(state: CellState) -> str:
    paint = LIGHT[state]
    sign = f'<font color="white">{SIGNS[state]}</font>' if state in _DARK else SIGNS[state]
    return f'<td bgcolor="{paint.ground}" color="{paint.ink}">{sign}</td>'


def _legend(topology: Topology) -> list[str]:
    return [f"<tr>{_cell(s)}<td{_LEFT}>{marked_up(MEANINGS[s])}</td></tr>" for s in topology.shown]
