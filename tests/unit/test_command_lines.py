"""Every command line of the pages is one that its program takes."""

import argparse
import importlib
import shlex
import tomllib
from importlib.metadata import distributions

import pytest
from support.pages import ROOT, command_lines

from pci_placement import __version__
from pci_placement.cli.main import PciPlacementApp

ENTRY_POINTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
OURS = {name.replace("_", " "): kind for name, kind in ENTRY_POINTS["pci_placement.cli"].items()}
THEIRS = {
    point.name.replace("_", " ")
    for distribution in distributions()
    for point in distribution.entry_points
    if point.group.startswith("openstack.")
}
CLIFFS = ("help", "complete", "--version", __version__)
"""What cliff has by itself, and what the version looks like."""

MISTAKES = {"pci-placement r", "openstack pci ret"}
"""Lines that a page shows because they are refused."""


def named(words: list[str], commands: set[str]) -> str:
    """The longest command that these words begin with; empty where there is none."""
    begins = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((begin for begin in begins if begin in commands), "")


def parser_of(command: str) -> argparse.ArgumentParser:
    module, _, kind = OURS[command].partition(":")
    return getattr(importlib.import_module(module), kind)(None, None).get_parser(command)


def after_global_options(line: str) -> list[str]:
    return PciPlacementApp().parser.parse_known_args(shlex.split(line)[1:])[1]


OUR_LINES = [line for line in command_lines("pci-placement") if line.split()[1] not in CLIFFS]


@pytest.mark.parametrize("line", sorted({*OUR_LINES} - MISTAKES))
def test_pci_placement_takes_the_line(line, capsys):
    words = after_global_options(line)
    command = named(words, set(OURS))
    assert command, line
    if rest := words[len(command.split()) :]:
        try:
            parser_of(command).parse_args(rest)
        except SystemExit:
            pytest.fail(capsys.readouterr().err)


@pytest.mark.parametrize("line", sorted({*command_lines("openstack")} - MISTAKES))
def test_openstackclient_has_the_command(line):
    words = [word for word in shlex.split(line)[1:] if not word.startswith("--os-")]
    assert any(named(words[at:], THEIRS) for at in range(3)), line
