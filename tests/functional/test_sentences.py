"""What is told at a terminal: words stay whole, and a line is as wide as the screen at most."""

import pytest
from support.cloud import PLAIN
from support.terminals import on_terminal

from pci_placement.cli.commands import Commands

NAMES = sorted(name for name, _ in Commands("pci_placement.cli"))
MISTAKES = [
    "device list -c nonsense",
    "device list -f nonsense",
    f"device show {PLAIN} --debug --nonsense",
    "nonsense",
    "config validate",
    "plan",
    "sync --force",
]
WIDTHS = pytest.mark.parametrize("width", [80, 120])


@pytest.fixture
def here(run, sysfs, tmp_path):
    """A host whose configuration has much to warn of."""
    run(
        "config validate", lists='[pci]\ndevice_spec = {"vendor_id": "8086", "devname": "ens1f0"}\n'
    )
    return ["--sysfs", sysfs, "--config-file", tmp_path / "pci-placement.conf"]


def too_wide(lines: list[str], width: int) -> list[str]:
    """Lines that a terminal would break; a word that is wider than it cannot be helped."""
    return [line for line in lines if len(line) > width and len(line.split()) > 1]


@WIDTHS
@pytest.mark.parametrize("line", MISTAKES)
def test_no_word_of_what_is_told_is_broken(here, width, line):
    lines = on_terminal(width, *here, *line.split(), told=True)
    assert lines
    assert not too_wide(lines, width)


@pytest.mark.parametrize("width", [60, 80])
def test_the_help_of_all_commands_fits(width):
    lines = on_terminal(width, "--help")
    assert not too_wide(lines, width)
    told = [line.split("  ")[1] for line in lines[lines.index("Commands:") + 1 :]]
    assert [name for name in told if name] == sorted([*NAMES, "complete", "help"])
    assert on_terminal(width, "help") == lines
