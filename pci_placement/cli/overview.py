"""The help of all commands together: what each is for, in lines that fit a terminal."""

from __future__ import annotations

import argparse
import inspect
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import autopage.argparse
from cliff.app import App
from cliff.help import HelpCommand

from .output import terminal_width

NO_SCREEN = 80
"""How wide it is where nobody has a terminal, as argparse does it."""
_BEGIN, _BETWEEN = "  ", "  "


class Help(HelpCommand):
    """Print the help of a command, or which commands there are."""

    only_reads = True

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Leave the help of one command to cliff."""
        if parsed_args.cmd:
            return int(super().take_action(parsed_args))
        show_overview(self.app)
        return 0


def show_overview(app: App) -> None:
    """Page the options and the commands; cliff lets the terminal break the lines of the latter."""
    kinds = {name: found.load() for name, found in app.command_manager}
    width = terminal_width(app.stdout)
    with autopage.argparse.help_pager(app.stdout) as out:
        app.parser.print_help(out)
        out.write("\nCommands:\n")
        out.writelines(
            f"{line}\n" for line in overview(kinds, NO_SCREEN if width == sys.maxsize else width)
        )


def overview(kinds: Mapping[str, type[Any]], width: int) -> Iterator[str]:
    """The commands in alphabetical order, what each is for beside its name."""
    indent = len(_BEGIN) + max(map(len, kinds)) + len(_BETWEEN)
    for name, kind in sorted(kinds.items()):
        yield from textwrap.wrap(
            (inspect.getdoc(kind) or "").split("\n")[0].rstrip("."),
            width,
            initial_indent=f"{_BEGIN}{name}".ljust(indent),
            subsequent_indent=" " * indent,
            break_on_hyphens=False,
        )
