"""HTML in one page: nothing is loaded, nothing runs, and it is read by night too.

Whatever was written by others is text in it, and nothing else.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .visible import visible


class Sheet(NamedTuple):
    """What everything but cells is drawn with."""

    page: str
    node: str
    card: str
    line: str
    text: str
    faint: str


DAY = Sheet("#ffffff", "#f4f6f8", "#ffffff", "#c9ced6", "#1b1f24", "#57606a")
NIGHT = Sheet("#0f1318", "#171c22", "#1f252d", "#3a424d", "#e6e9ee", "#a2abb8")

_LAYOUT = """
*{box-sizing:border-box}
body{margin:0;padding:1.2rem 1.5rem;background:var(--page);color:var(--text);
font:14px/1.45 system-ui,sans-serif}
h1{font-size:1.4rem;margin:0}h2{font-size:1rem;margin:0 0 .5rem}
p{margin:.15rem 0}.faint{color:var(--faint);font-size:.8rem;overflow-wrap:anywhere}
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


class Style(NamedTuple):
    """What a page has beside the colours of all: its layout, and rules by day and by night."""

    layout: str = ""
    day: str = ""
    night: str = ""


def page(title: str, body: Iterable[str], style: Style) -> str:
    """One document; style is our own, the parts of the body are markup already."""
    night = f"@media (prefers-color-scheme: dark){{{_colours(NIGHT)}{style.night}}}"
    styles = f"{_colours(DAY)}{style.day}\n{night}{_LAYOUT}{style.layout}"
    return _PAGE.format(title=marked_up(title), style=styles, body="\n".join(body))


def _colours(sheet: Sheet) -> str:
    plain = ";".join(f"--{name}:{colour}" for name, colour in sheet._asdict().items())
    return f":root{{{plain}}}"


def marked_up(text: str) -> str:
    """A text as HTML, SVG and dot take it, between tags and in attributes; not one order in it."""
    return html.escape(visible(text))


def tag(name: str, text: str, kind: str = "") -> str:
    """A text as one element."""
    marked = f' class="{kind}"' if kind else ""
    return f"<{name}{marked}>{marked_up(text)}</{name}>"


def within(name: str, kind: str, inner: Iterable[str]) -> str:
    """Markup within one element."""
    return f'<{name} class="{kind}">{"".join(inner)}</{name}>'


def table(titles: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Texts in rows; the first of a row names it."""
    return marked_table(titles, (map(marked_up, row) for row in rows))


def marked_table(titles: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """The same of cells that are markup already."""
    head = "".join(tag("th", title) for title in titles)
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    lines = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
