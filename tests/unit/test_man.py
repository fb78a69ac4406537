"""The man pages say what there is, and the built ones say what their sources say."""

import argparse
import re
import tomllib
from pathlib import Path

import pytest

from pci_placement.cli.options import add_global_options
from pci_placement.errors import ExitCode
from pci_placement.service.arguments import make_parser
from pci_placement.service.daemon import MEANING

ROOT = Path(__file__).parents[2]
SOURCES = {
    "pci-placement.1": ROOT / "doc/man/pci-placement.md",
    "pci-placement-agent.8": ROOT / "doc/man/pci-placement-agent.md",
}
COMMAND, AGENT = (source.read_text() for source in SOURCES.values())
ENTRY_POINTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]


def code(text: str) -> list[str]:
    """All that is marked as code in a text."""
    return re.findall("`([^`\n]+)`", text)


def named(text: str) -> set[str]:
    """The options, commands and so on that a text names, each without what follows it."""
    return {" ".join(re.findall(r"(?<![A-Z])[a-z-]\S*", found)) for found in code(text)}


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    actions = parser._actions  # noqa: SLF001  argparse tells them in no other way
    return {option for action in actions for option in action.option_strings}


def source_words(source: Path) -> list[str]:
    """What is to be read in a source, below its title."""
    _, _, text = source.read_text().partition("\n")
    text = re.sub(r"^(## |: )", "", text, flags=re.M)
    text = re.sub(r"\*([A-Z ]+)\*", r"\1", text)
    return re.sub(r"[`\\]", "", text).split()


def built_words(page: Path) -> list[str]:
    """What is to be read in a page of troff, below the name that Sphinx writes itself."""
    _, _, text = page.read_text().partition(".SH SYNOPSIS")
    text = re.sub(r"^\.(SH|B) ", "", f"SYNOPSIS{text}", flags=re.M)
    text = re.sub(r"^\..*\n", "", text, flags=re.M)
    for escape, means in ((r"\\f[A-Z]", ""), (r"\\&", ""), (r"\\\(aq", "'"), (r"\\(.)", r"\1")):
        text = re.sub(escape, means, text)
    return text.split()


@pytest.mark.parametrize("page", SOURCES)
def test_a_built_page_says_what_its_source_says(page):
    built = built_words(ROOT / "etc/man" / page)
    assert built == source_words(SOURCES[page]), "say `make docs`, which builds them"
    assert len(built) > 100


def test_every_command_is_in_the_page():
    there = {name.replace("_", " ") for name in ENTRY_POINTS["pci_placement.cli"]}
    assert there - named(COMMAND) == set()


def test_every_global_option_is_in_the_page():
    parser = argparse.ArgumentParser()
    add_global_options(parser)
    assert options_of(parser) - {"--help"} - named(COMMAND) == set()


def test_every_option_and_signal_of_the_agent_is_in_its_page():
    assert options_of(make_parser()) - named(AGENT) == set()
    assert {number.name for number in MEANING} - set(code(AGENT)) == set()


def test_every_exit_status_is_in_the_page():
    assert {str(int(status)) for status in ExitCode} - set(code(COMMAND)) == set()
