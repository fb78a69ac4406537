"""Whatever a node is called, a report is one page, and says what there is."""

from html.parser import HTMLParser

import pytest

from pci_placement.report.nouns import Line, Report
from pci_placement.report.page import as_page

EVIL = "</td></table><script>alert(1)</script>\"'><img src=x>\033[31m\u202e"


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.names, self.styles, self._open = set(), [], []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.styles += [value for name, value in attrs if name == "style"]
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag


def page(*lines: Line, note: str = "") -> str:
    return as_page(Report(lines, 1, 1, 0), note)


def line(node="node", name="CUSTOM_GPU", **numbers) -> Line:
    plain = dict.fromkeys(("total", "used", "reserved", "free", "held", "draining"))
    return Line(node, name, **{**plain, **numbers}, marks=("why",))


def test_names_of_others_are_text_in_it():
    evil = page(line(EVIL, EVIL), note=EVIL)
    assert Elements(evil).names == Elements(page(line(), note="x")).names
    assert all(c.isprintable() or c == "\n" for c in evil)


@pytest.mark.parametrize(
    ("total", "used", "free", "widths"),
    [
        (8, 2, 6, (25, 0)),
        (8, 2, 2, (25, 50)),
        (4, 9, 0, (100, 0)),
        (3, 1, 1, (33, 33)),
        (8, 3, 5, (37, 0)),
    ],
)
def test_a_bar_is_as_long_as_its_numbers(total, used, free, widths):
    drawn = Elements(page(line(total=total, used=used, free=free)))
    assert drawn.styles == [f"width:{width}%" for width in widths]


@pytest.mark.parametrize("unknown", ["total", "used", "free"])
def test_of_what_is_not_known_nothing_is_drawn(unknown):
    numbers = {"total": 8, "used": 2, "free": 6, unknown: None}
    assert Elements(page(line(**numbers))).styles == []
