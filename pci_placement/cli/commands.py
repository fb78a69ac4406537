"""Which commands there are: each is found by its whole name, and loaded where it is called."""

from __future__ import annotations

import difflib
import importlib.metadata
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from cliff.commandmanager import CommandManager

DISTRIBUTION = "pci-placement"
NO_COMMAND = "pci-placement: no command {!r}; {}"
NO_OPTION_THERE = "pci-placement: no option {!r} before the command: see pci-placement --help"
WHOLE_NAMES = "a command is its whole name: see pci-placement --help"


class Commands(CommandManager):
    """Finds commands by their whole names, and loads the one that is called.

    cliff would take any beginning that fits one command only (`r` was `retire`), and load them all.
    """

    def load_commands(self, namespace: str) -> None:
        """Take down where each command is, of ours alone: to read all that is installed is slow."""
        self.group_list.append(namespace)
        ours = importlib.metadata.distribution(DISTRIBUTION)
        for entry in ours.entry_points.select(group=namespace):
            self.commands[entry.name.replace("_", " ")] = entry

    def find_command(self, argv: list[str]) -> tuple[Any, str, list[str]]:
        """Give the command with the longest name that the words begin with, and the other words.

        Raises ValueError where there is none.
        """
        for end in range(len(_words(argv)), 0, -1):
            name = " ".join(argv[:end])
            if name in self.commands:
                return self.commands[name].load(), name, argv[end:]
        raise ValueError(unknown(argv, self))

    def only_reading(self) -> Iterator[str]:
        """The commands that change nothing, which alone may be put before who mistyped one."""
        for name, entry in self:
            if getattr(entry.load(), "only_reads", False):
                yield name


def unknown(argv: Sequence[str], commands: Commands) -> str:
    """What to say of words that are no command."""
    typed = " ".join(_words(argv))
    if not typed:
        return NO_OPTION_THERE.format(argv[0])
    meant = near(typed, list(commands.only_reading()))
    return NO_COMMAND.format(typed, f"did you mean {' or '.join(meant)}?" if meant else WHOLE_NAMES)


def near(typed: str, names: Collection[str]) -> list[str]:
    """The names that somebody may have meant: of the same first word, or else spelled alike."""
    of_this_noun = sorted(name for name in names if name.startswith(f"{typed} "))
    return of_this_noun or difflib.get_close_matches(typed, sorted(names), n=2, cutoff=0.7)


def _words(argv: Sequence[str]) -> list[str]:
    """What stands before the first option."""
    end = next((i for i, word in enumerate(argv) if word.startswith("-")), len(argv))
    return list(argv[:end])
