"""The picture as one page of HTML: nothing is loaded, nothing runs, and it is read by night too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .nouns import MEANINGS, Bus, Card, Cell, CellState, Group, Node, Topology
from .palette import DARK, DAY, LIGHT, NIGHT, Paint, Sheet
from .words import column_titles, counts_of, marked_up, summary, told_of, total_rows

_LAYOUT = """
*{box-sizing:border-box}
body{margin:0;padding:1.2rem 1.5rem;background:var(--page);color:var(--text);
font:14px/1.45 system-ui,sans-serif}
h1{font-size:1.4rem;margin:0}h2{font-size:1rem;margin:0 0 .5rem}
h3{font:600 .78rem ui-monospace,monospace;margin:0 0 .4rem;color:var(--faint)}
h4{font:600 .85rem ui-monospace,monospace;margin:0}
p{margin:.15rem 0}.faint{color:var(--faint);font-size:.8rem;overflow-wrap:anywhere}
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
table{border-collapse:collapse;margin:.4rem 0 .8rem}
th,td{padding:.2rem .9rem .2rem 0;text-align:right;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{text-align:left;font-family:ui-monospace,monospace}
"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def as_page(topology: Topology) -> str:
    """One document; whatever was written by others is text in it, and nothing else."""
    body = [
        _tag("h1", topology.host),
        _tag("p", summary(topology)),
        _legend(topology.shown),
        *map(_node, topology.nodes),
        _totals(topology),
        *(_tag("p", note, "faint") for note in topology.notes),
    ]
    title = marked_up(f"{topology.host}: PCI devices")
    return _PAGE.format(title=title, style=_style(), body="\n".join(body))


def _style() -> str:
    night = f"@media (prefers-color-scheme: dark){{{_colours(NIGHT, DARK)}}}"
    return f"{_colours(DAY, LIGHT)}\n{night}{_LAYOUT}"


def _colours(sheet: Sheet, cells: dict[CellState, Paint]) -> str:
    plain = ";".join(f"--{name}:{colour}" for name, colour in sheet._asdict().items())
    return f":root{{{plain}}}" + "".join(
        f".{state}{{--ground:{paint.ground};--ink:{paint.ink}}}" for state, paint in cells.items()
    )


def _tag(name: str, text: str, kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f"<{name}{marked}>{marked_up(text)}</{name}>"


def _within(name: str, kind: str, inner: Iterable[str]) -> str:
    return f'<{name} class="{kind}">{"".join(inner)}</{name}>'


def _legend(states: Iterable[CellState]) -> str:
    entries = (f'<li><i class="{s}"></i>{marked_up(MEANINGS[s])}</li>' for s in states)
    return _within("ul", "legend", entries)


def _node(node: Node) -> str:
    buses = _within("div", "buses", map(_bus, node.buses))
    return _within("section", "node", [_tag("h2", node.title), buses])


def _bus(bus: Bus) -> str:
    cards = _within("div", "cards", map(_card, bus.cards))
    others = [_tag("p", f"on no list: {len(bus.others)}", "faint"), _cells(bus.others)]
    return _within("div", "bus", [_tag("h3", bus.name), cards, *(others if bus.others else [])])


def _card(card: Card) -> str:
    named = "  ".join(filter(None, (*card.devnames, card.driver)))
    lines = [_tag("h4", str(card.address)), _tag("p", card.name), _tag("p", named, "faint")]
    return _within("article", "card", [*lines, *map(_group, card.groups)])


def _group(group: Group) -> str:
    lines = [_tag("p", t, "faint") for t in (group.title, counts_of(group), group.note) if t]
    return "".join([*lines, _cells(group.cells)])


def _cells(cells: Sequence[Cell]) -> str:
    return _within("div", "cells", map(_cell, cells))


def _cell(cell: Cell) -> str:
    told = marked_up(told_of(cell))
    return f'<i class="{cell.state}" title="{told}" role="img" aria-label="{told}"></i>'


def _totals(topology: Topology) -> str:
    titles = "".join(_tag("th", title) for title in ("", *column_titles(topology)))
    rows = ("".join(_tag("td", text) for text in row) for row in total_rows(topology))
    lines = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"
