"""What a real browser makes of our pages: read by day and by night, and nothing runs off the edge.

`make pictures` leaves them in build/pictures, for somebody to look at.
"""

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.build import address
from support.daemons import PATIENCE
from support.png import pixels

from pci_placement.report.nouns import Line, Report
from pci_placement.report.page import as_page as report_page
from pci_placement.text.markup import DAY, NIGHT
from pci_placement.topology.nouns import Bus, Card, Cell, CellState, Group, Node, Topology
from pci_placement.topology.page import as_page as topology_page
from pci_placement.topology.palette import DARK, LIGHT
from pci_placement.topology.svg import as_svg

BROWSER = shutil.which("chromium")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
DAYLIGHT, NIGHTLY = 1, 0
"""How Chromium numbers what a reader prefers."""
STATES = list(CellState)


def wide_host() -> Topology:
    """Eight cards of 64 VFs, on two NUMA nodes, in every state that there is."""
    cards = [_card(bus) for bus in range(8)]
    nodes = [Node(n, (Bus(f"pci0000:{n}0", tuple(cards[n::2]), ()),)) for n in range(2)]
    return Topology("compute-1", tuple(nodes), True, ("a note that somebody is to read",))


def _card(bus: int) -> Card:
    where = [f"0000:{bus + 1:02x}:{2 + n // 8:02x}.{n % 8}" for n in range(64)]
    states = [STATES[(n // 9 + bus) % len(STATES)] for n in range(64)]
    cells = tuple(Cell(address(a), s) for a, s in zip(where, states, strict=True))
    group = Group("VF", "CUSTOM_PCI_NIC", "physnet1", "", cells)
    return Card(
        address(f"0000:{bus + 1:02x}:00.0"), "Ethernet E810-C", ("ens1f0",), "ice", (group,)
    )


def cloud() -> Report:
    """A line of each kind; one of a long name."""
    lines = [
        Line("compute-1", "CUSTOM_PCI_GPU", 8, 3, 1, 4, None, 0, ("some reserved by hand",)),
        Line("compute-1", "CUSTOM_PCI_NIC", 64, 64, 0, 0, None, 0, ()),
        Line(
            "compute-2", "CUSTOM_PCI_NIC", 64, 0, 64, 0, None, 64, ("draining: no longer offered",)
        ),
        Line("compute-2", "CUSTOM_PCI_" + "LONG_" * 9, None, 0, None, 0, None, None, ()),
        Line("compute-3", None, None, None, None, None, None, None, ("not asked",)),
    ]
    return Report(tuple(lines), 3, 9, 1)


PAGES = {
    "topology.html": topology_page(wide_host()),
    "topology.svg": as_svg(wide_host()),
    "report.html": report_page(cloud(), "a note that somebody is to read"),
}


@pytest.fixture(scope="module")
def look(tmp_path_factory):
    """Let the browser show a page once, and give its pixels."""
    profile = tmp_path_factory.mktemp("browser")
    folder = Path(os.environ.get("PICTURES") or tmp_path_factory.mktemp("pictures")).resolve()
    folder.mkdir(parents=True, exist_ok=True)

    @functools.cache
    def look(name: str, prefers: int) -> list[list[str]]:
        (folder / name).write_text(PAGES[name])
        picture = folder / f"{name}-{'day' if prefers else 'night'}.png"
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={profile}",
            f"--blink-settings=preferredColorScheme={prefers}",
            "--window-size=1240,640",
            f"--screenshot={picture}",
            (folder / name).as_uri(),
        ]
        subprocess.run([BROWSER, *options], capture_output=True, timeout=PATIENCE, check=True)
        return pixels(picture)

    return look


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("prefers", "sheet"), [(DAYLIGHT, DAY), (NIGHTLY, NIGHT)], ids=["day", "night"]
)
def test_a_page_is_in_the_colours_that_its_reader_prefers(look, name, prefers, sheet):
    rows = look(name, prefers)
    assert rows[0][0] == sheet.page
    assert sheet.text in {pixel for row in rows for pixel in row}


@pytest.mark.parametrize("name", ["topology.html", "topology.svg"])
@pytest.mark.parametrize(
    ("prefers", "cells"), [(DAYLIGHT, LIGHT), (NIGHTLY, DARK)], ids=["day", "night"]
)
def test_every_state_can_be_seen(look, name, prefers, cells):
    seen = {pixel for row in look(name, prefers) for pixel in row}
    for state, paint in cells.items():
        assert {paint.ground, paint.ink} & seen, state


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_off_the_edge(look, name):
    rows = look(name, DAYLIGHT)
    assert {row[-1] for row in rows} == {DAY.page}
