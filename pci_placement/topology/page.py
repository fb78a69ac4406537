"""The picture as one page of HTML: nothing is loaded, nothing runs, and it is read by night too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pci_placement.text.markup import Style, marked_up, page, table, tag, within

from .nouns import MEANINGS, Bus, Card, Cell, CellState, Group, Node, Topology
from .palette import DARK, LIGHT, Paint
from .words import column_titles, counts_of, summary, told_of, total_rows

_LAYOUT = """
h3{font:600 .78rem ui-monospace,monospace;margin:0 0 .4rem;color:var(--faint)}
h4{font:600 .85rem ui-monospace,monospace;margin:0}
.legend,.buses,.cards{display:flex;flex-wrap:wrap;gap:.6rem;padding:0;margin:0;list-style:none}
.legend{gap:.2rem 1.2rem;margin:.7rem 0}.legend li{display:flex;align-items:center;gap:.4rem}
.node{background:var(--node);border:1px solid var(--line);border-radius:.6rem;padding:.8rem;
margin:0 0 .8rem}
.bus{border:1px dashed var(--line);border-radius:.5rem;padding:.6rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem;
width:16rem}
.cells{display:flex;flex-wrap:wrap;gap:2px;margin:.25rem 0 .4rem;width:14.6rem}
i{display:inline-block;flex:none;width:.78rem;height:.78rem;border-radius:2px;
border:1px solid var(--ink);background:var(--ground)}
.drained{background:repeating-linear-gradient(135deg,var(--ground) 0 3px,var(--ink) 3px 4.5px)}
.held{background:repeating-linear-gradient(45deg,transparent 0 3px,var(--ink) 3px 4px),
repeating-linear-gradient(135deg,var(--ground) 0 3px,var(--ink) 3px 4px)}
.unreadable{background:repeating-linear-gradient(var(--ground) 0 2px,var(--ink) 2px 3px)}
.offered{background:radial-gradient(var(--ink) 0 2px,var(--ground) 2.5px)}
.ignored{border-style:dotted}
"""


def as_page(topology: Topology) -> str:
    """One document; whatever was written by others is text in it, and nothing else."""
    body = [
        tag("h1", topology.host),
        tag("p", summary(topology)),
        _legend(topology.shown),
        *map(_node, topology.nodes),
        table(("", *column_titles(topology)), total_rows(topology)),
        *(tag("p", note, "faint") for note in topology.notes),
    ]
    style = Style(_LAYOUT, _colours(LIGHT), _colours(DARK))
    return page(f"{topology.host}: PCI devices", body, style)


def _colours(cells: dict[CellState, Paint]) -> str:
    return "".join(
        f".{state}{{--ground:{paint.ground};--ink:{paint.ink}}}" for state, paint in cells.items()
    )


def _legend(states: Iterable[CellState]) -> str:
    entries = (f'<li><i class="{s}"></i>{marked_up(MEANINGS[s])}</li>' for s in states)
    return within("ul", "legend", entries)


def _node(node: Node) -> str:
    buses = within("div", "buses", map(_bus, node.buses))
    return within("section", "node", [tag("h2", node.title), buses])


def _bus(bus: Bus) -> str:
    cards = within("div", "cards", map(_card, bus.cards))
    others = [tag("p", f"on no list: {len(bus.others)}", "faint"), _cells(bus.others)]
    return within("div", "bus", [tag("h3", bus.name), cards, *(others if bus.others else [])])


def _card(card: Card) -> str:
    named = "  ".join(filter(None, (*card.devnames, card.driver)))
    lines = [tag("h4", str(card.address)), tag("p", card.name), tag("p", named, "faint")]
    return within("article", "card", [*lines, *map(_group, card.groups)])


def _group(group: Group) -> str:
    lines = [tag("p", t, "faint") for t in (group.title, counts_of(group), group.note) if t]
    return "".join([*lines, _cells(group.cells)])


def _cells(cells: Sequence[Cell]) -> str:
    return within("div", "cells", map(_cell, cells))


def _cell(cell: Cell) -> str:
    told = marked_up(told_of(cell))
    return f'<i class="{cell.state}" title="{told}" role="img" aria-label="{told}"></i>'
