"""A command is its whole name, and who mistypes one is never led to another that writes."""

import itertools

import pytest
from cliff.display import DisplayCommandBase

from pci_placement.cli.commands import NO_OPTION_THERE, Commands, near, unknown
from pci_placement.cli.demo import Demo

COMMANDS = Commands("pci_placement.cli")
NAMES = [name for name, _ in COMMANDS]
WRITING = {"sync", "retire", "device drain", "device undrain", "claim set", "claim show"}


def beginnings(name: str) -> set[str]:
    """Every way to write less of a name than the whole, of one of its words or of several."""
    cuts = [[word[:end] for end in range(1, len(word) + 1)] for word in name.split()]
    return {" ".join(words) for words in itertools.product(*cuts)} - {name}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_found_by_its_whole_name(name):
    kind, found, more = COMMANDS.find_command([*name.split(), "--option", "argument"])
    assert (found, more) == (name, ["--option", "argument"])
    assert kind is COMMANDS.commands[name].load()


def test_an_argument_may_be_called_like_a_command():
    assert COMMANDS.find_command(["device", "show", "retire"])[1:] == ("device show", ["retire"])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_less_finds_it(name):
    for typed in beginnings(name):
        with pytest.raises(ValueError, match="no command"):
            COMMANDS.find_command(typed.split())


@pytest.mark.parametrize("name", NAMES)
def test_no_beginning_is_answered_with_a_command_that_writes(name):
    for typed in beginnings(name):
        told = unknown(typed.split(), COMMANDS)
        assert not any(f"mean {w}" in told or f"or {w}" in told for w in WRITING)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_which_columns_it_has_and_how_it_is_called(name):
    """A column that a command does not name is refused before anything is done."""
    kind = COMMANDS.commands[name].load()
    prints = issubclass(kind, DisplayCommandBase)
    assert bool(kind.columns) is prints
    assert kind.example


def test_those_that_write_are_these():
    assert set(NAMES) - set(COMMANDS.only_reading()) == WRITING
    assert Demo.only_reads  # it writes to a Placement of its own


def test_a_noun_is_answered_with_what_can_be_seen_of_it():
    assert "did you mean device list or device show?" in unknown(["device"], COMMANDS)


def test_a_slip_is_answered_with_what_was_meant():
    assert near("devcie lsit", NAMES) == ["device list"]
    assert near("nothing like it", NAMES) == []
    assert "see pci-placement --help" in unknown(["nothing", "like", "it", "-f", "x"], COMMANDS)


def test_an_option_that_nobody_knows_is_no_command():
    assert unknown(["--sys", "/sys", "sync"], COMMANDS) == NO_OPTION_THERE.format("--sys")
