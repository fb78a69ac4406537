"""A report as one page of HTML: totals of the cloud, and a line a node and class with a bar."""

from __future__ import annotations

from collections.abc import Iterator

from pci_placement.text.markup import Style, marked_table, marked_up, page, table, tag, within

from .nouns import Line, Report
from .words import COUNTED, Total, summary, totals

TITLE = "PCI devices in Placement"
_UNKNOWN = "–"
_LEGEND = f"solid: in use; striped: nobody new gets it; empty: free; {_UNKNOWN}: not known"
_LAYOUT = """
table{font-variant-numeric:tabular-nums}
h2{margin-top:1rem}
.nodes th:nth-child(2),.nodes td:nth-child(2){text-align:left;font-family:ui-monospace,monospace}
.nodes td:first-child,.nodes td:last-child{white-space:nowrap}
.nodes td:nth-child(2){overflow-wrap:anywhere}
.nodes th:nth-last-child(-n+2),.nodes td:nth-last-child(-n+2){text-align:left}
.bar{display:flex;width:9rem;height:.75rem;border:1px solid var(--faint);border-radius:2px}
.bar span{display:block;height:100%}
.used{background:var(--used)}
.away{background:repeating-linear-gradient(135deg,transparent 0 3px,var(--away) 3px 4.5px)}
@media(max-width:50rem){.bar{width:4rem}}
"""
_DAY = ":root{--used:#1f5fa8;--away:#b26a00}"
_NIGHT = ":root{--used:#6db3f2;--away:#ffb74d}"


def as_page(report: Report, note: str = "") -> str:
    """One document; whatever was written by others is text in it, and nothing else."""
    by_class = table(("resource_class", "nodes", *COUNTED), map(_total, totals(report)))
    by_node = marked_table(
        ("node", "resource_class", *COUNTED, "", "marks"), map(_line, report.lines)
    )
    body = [
        tag("h1", TITLE),
        tag("p", summary(report)),
        *([tag("p", note, "faint")] if note else []),
        tag("h2", "By resource class"),
        by_class,
        tag("h2", "By node"),
        tag("p", _LEGEND, "faint"),
        within("div", "nodes", [by_node]),
    ]
    return page(TITLE, body, Style(_LAYOUT, _DAY, _NIGHT))


def _total(total: Total) -> tuple[str, ...]:
    return (total.resource_class, str(total.nodes), *total.amounts)


def _line(line: Line) -> Iterator[str]:
    yield marked_up(line.node)
    yield marked_up(line.resource_class or _UNKNOWN)
    for name in COUNTED:
        number = getattr(line, name)
        yield _UNKNOWN if number is None else str(number)
    yield _bar(line)
    yield marked_up("; ".join(line.marks))


def _bar(line: Line) -> str:
    """How much is in use and how much cannot be had, drawn and said."""
    if not line.total or line.used is None or line.free is None:
        return ""
    used = min(100 * line.used // line.total, 100)
    away = max(100 * (line.total - line.used - line.free) // line.total, 0)
    told = f"{line.used} of {line.total} in use, {line.free} free"
    parts = "".join(
        f'<span class="{kind}" style="width:{share}%"></span>'
        for kind, share in (("used", used), ("away", away))
    )
    return f'<div class="bar" role="img" aria-label="{told}" title="{told}">{parts}</div>'
