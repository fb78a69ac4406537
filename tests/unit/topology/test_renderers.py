"""Whatever a device is called, a picture is one of its format, and says what there is."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from support.build import address

from pci_placement.topology.dot import as_dot
from pci_placement.topology.nouns import Bus, Card, Cell, CellState, Group, Node, Topology
from pci_placement.topology.page import as_page
from pci_placement.topology.svg import as_svg
from pci_placement.topology.text import SIGNS, as_text, coloured
from pci_placement.topology.words import NO_CARDS, counts_of

EVIL = [
    "</title></style></svg><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>&amp;&#0;",
    "\033[31mred\033[0m\r\nnew line\0\x85\u202e\ud800",
    "}]; digraph { a -> b } \\N <b>",
    "x" * 300,
]
MARKUP = [as_svg, as_page, as_dot]
ALL = [as_text, *MARKUP]


def cells(*states: CellState) -> tuple[Cell, ...]:
    return tuple(Cell(address(f"0000:81:00.{n % 8}"), state) for n, state in enumerate(states))


def picture(name: str, *groups: Group, others=()) -> Topology:
    """Every text that comes from elsewhere is this name."""
    card = Card(address("0000:81:00.0"), name, (name, name), name, groups)
    return Topology(name, (Node(None, (Bus(name, (card,), others),)),), True, (name,))


def evil(name: str) -> Topology:
    group = Group("VF", name, name, name, cells(*CellState))
    return picture(name, group, Group("PF", name, "", name, cells(CellState.HELD)))


FREE, USED = CellState.FREE, CellState.USED
PLAIN = picture("nic", Group("VF", "CUSTOM_NIC", "physnet1", "", cells(*[USED] * 3, *[FREE] * 61)))
EVERY = picture("nic", Group("VF", "CUSTOM_NIC", "", "why", cells(*CellState)), others=cells(FREE))
NOTHING = Topology("compute-1", (), False, ("why",))


class Elements(HTMLParser):
    """The elements and attributes of a page, and its text; what is not closed in order is told."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names, self.attributes, self.text, self._open = set(), set(), "", []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data


def shape(page: str) -> tuple[set, set]:
    found = Elements(page)
    return found.names, found.attributes


def tags(svg: str) -> set:
    root = ElementTree.fromstring(svg)  # noqa: S314  it is our own
    return {(e.tag, *sorted(e.attrib)) for e in root.iter()}


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("render", ALL)
def test_a_name_gives_no_orders(render, name):
    shown = render(evil(name))
    assert all(c.isprintable() or c == "\n" for c in shown)
    assert len(shown.splitlines()) == len(render(evil("x")).splitlines()) or render is as_text


@pytest.mark.parametrize("name", EVIL)
def test_a_name_adds_nothing_to_a_page(name):
    assert shape(as_page(evil(name))) == shape(as_page(evil("x")))


@pytest.mark.parametrize("name", EVIL)
def test_a_name_adds_nothing_to_an_svg(name):
    assert tags(as_svg(evil(name))) == tags(as_svg(evil("x" * 300)))


def laid_out(dot: str) -> str:
    done = subprocess.run(
        ["dot", "-Tplain"], input=dot, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.skipif(not shutil.which("dot"), reason="graphviz is not installed")
@pytest.mark.parametrize("name", [*EVIL, ""])
def test_graphviz_takes_it_and_sees_no_other_nodes(name):
    shown = laid_out(as_dot(evil(name)))
    assert re.findall(r"^node (\w+) ", shown, re.M) == ["n2", "legend"]
    assert "edge" not in shown


@pytest.mark.parametrize("render", ALL)
@pytest.mark.parametrize("topology", [PLAIN, EVERY, NOTHING])
def test_it_says_what_there_is(render, topology):
    shown = render(topology)
    assert topology.host in shown
    assert all(note in shown for note in topology.notes)
    for words in ("CUSTOM_NIC", "physnet1", "61 free, 3 used") if topology is PLAIN else ():
        assert words in shown


@pytest.mark.parametrize("render", ALL)
def test_a_host_of_which_nothing_is_listed_says_so(render):
    assert NO_CARDS in render(NOTHING)


@pytest.mark.parametrize("name", EVIL)
def test_text_has_eighty_columns(name):
    assert max(map(len, as_text(evil(name)).splitlines())) <= 80
    assert max(map(len, as_text(PLAIN).splitlines())) <= 80


def test_sixty_four_vfs_are_one_line_of_signs():
    assert "      ###..... " + " ".join(["." * 8] * 7) in as_text(PLAIN).splitlines()


def test_every_state_has_a_sign_of_its_own():
    assert len({*SIGNS.values()}) == len(CellState)


def test_colours_are_around_signs_alone():
    shown = as_text(EVERY, coloured)
    assert re.sub(r"\033\[[0-9;]+m(.)\033\[0m", r"\1", shown) == as_text(EVERY)
    assert shown.count("\033[0m") == 2 * len(CellState) + 1


@pytest.mark.parametrize("render", [as_svg, as_page])
def test_nothing_is_loaded_and_nothing_runs(render):
    shown = render(EVERY).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"://|<script|javascript|@import|src=|href=|url\((?!#p-)", shown)


@pytest.mark.parametrize("render", [as_svg, as_page])
def test_it_is_drawn_by_day_and_by_night(render):
    assert render(EVERY).count("@media (prefers-color-scheme: dark)") == 1


@pytest.mark.parametrize("state", CellState)
def test_a_cell_says_its_address_and_its_state(state):
    one = picture("nic", Group("VF", "", "", "", cells(state)))
    for render in (as_svg, as_page):
        assert f"0000:81:00.0: {state}" in render(one)


def test_totals_have_only_columns_with_something_in_them():
    others = picture("nic", Group("VF", "C", "", "", cells(FREE)), others=cells(CellState.IGNORED))
    (title,) = [x for x in as_text(others).splitlines() if x.lstrip().startswith("total")]
    assert title.split() == ["total", "free"]


def test_what_an_svg_counts_of_many_states_goes_on_in_a_second_line():
    every = Group("VF", "CUSTOM_NIC", "a-network", "", cells(*CellState))
    root = ElementTree.fromstring(as_svg(picture("nic", every)))  # noqa: S314  it is our own
    told = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "…" not in "".join(told)
    assert all(any(f"1 {state}" in line for line in told[1:]) for state in CellState)
    assert counts_of(every) not in told


def test_a_card_that_says_more_is_higher():
    few, many = (
        ElementTree.fromstring(as_svg(picture("nic", group)))  # noqa: S314  it is our own
        for group in (
            Group("VF", "CUSTOM_NIC", "", "why", cells(*[FREE] * 7)),
            Group("VF", "CUSTOM_NIC", "", "why", cells(*CellState)),
        )
    )
    assert float(many.get("height")) > float(few.get("height"))
