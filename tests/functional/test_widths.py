"""At 80 and at 120 columns no table is too wide, and a row is a line where that can be."""

import pytest
from support.cloud import PLAIN, VFS
from support.terminals import on_terminal

NIC = "CUSTOM_PCI_NIC"
LINES = {
    "provider list": 3,
    "provider list --node": 3,
    "report": 2,
    "claim list": 2,
    "device list": 2,
    "device list --all": 2,
    "device list --flat": 5,
    "request candidates nic": 1,
}
"""How many rows there are, each of which is to be a line."""
WRAPPED = [
    "alias list",
    "config validate",
    "doctor",
    "retire --dry-run",
    "provider list --desired",
    "request explain nic:9",
    "request show nic:2,qat",
    f"device show {PLAIN}",
    "topology",
]
"""Cells of these are sentences, or lists."""
WIDTHS = pytest.mark.parametrize("width", [80, 120])


@pytest.fixture
def here(run, real, arguments):
    """A host with everything that a table may have to say."""
    assert run("sync").code == 0
    real.claim("a container with a name", {VFS: {NIC: 2}})
    assert run(f"device drain {PLAIN}").code == 0
    return arguments


@WIDTHS
def test_a_row_is_a_line(here, width):
    for command, rows in LINES.items():
        line = command.replace("provider list --node", "report --node node")
        shown = on_terminal(width, *here, *line.split())
        assert max(map(len, shown)) <= width, command
        assert len([each for each in shown if each.startswith("|")]) == rows + 1, command


@WIDTHS
def test_what_is_wrapped_fits(here, width):
    for command in WRAPPED:
        shown = on_terminal(width, *here, *command.split())
        assert shown, command
        assert max(map(len, shown)) <= width, command


def test_what_somebody_asks_for_is_not_cut(here):
    shown = "".join(on_terminal(80, *here, "provider", "list", "-c", "state"))
    assert "an operator drained it" in shown
    assert "…" not in "".join(on_terminal(80, *here, "provider", "list", "--fit-width"))
