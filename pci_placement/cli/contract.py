"""What all commands promise: how they are called, what they print, and how they end."""

from __future__ import annotations

import argparse
import functools
import traceback
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from cliff.columns import FormattableColumn
from cliff.command import Command

from pci_placement.agent.words import lines
from pci_placement.errors import (
    ExitCode,
    PciPlacementError,
    RequestError,
    UnsafePlan,
    without_credentials,
)
from pci_placement.model import Problem
from pci_placement.text.usage import tell_in_one_line
from pci_placement.text.visible import visible_cell

from .columns import NothingCell, as_text
from .helps import ASKING, LinesKept, epilog
from .output import checked, say
from .progress import Progress
from .steps import ENDED_WITH, Steps

INTERRUPTED = "interrupted"
NOTHING_WRITTEN = "nothing was written to Placement"
_INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""
NO_COLUMN = "no column {}: there are {}"
ABBREVIATED = "no command {!r}: a command is its whole name"
_PLAIN_TEXT = ("csv", "value", "shell")
"""Formats that have no null and would write the word None."""
_LOSSLESS = ("json", "yaml")
"""Formats that can write every text, and a line break in it, in escapes of their own."""


class ContractCommand(Command):
    """A command: whole names, columns that there are, one message for an error, an exit code."""

    exit_code = ExitCode.DONE
    auth_required = True
    """Whether openstackclient must have credentials before it runs the command."""
    nothing: Any = None
    """What an empty cell holds."""
    columns: Sequence[str] = ()
    """The columns or fields that it may print."""
    example = ""
    """What follows the command in the example of its help."""
    codes: Collection[ExitCode] = ASKING
    """How it may end."""
    only_reads = False
    """Whether it changes nothing: who mistypes a command is told of no other."""
    lossless = False
    """Whether the format writes every text such that it can be read again."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take options by their whole names only."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.allow_abbrev = False
        tell_in_one_line(parser)
        parser.formatter_class = LinesKept
        told = epilog(prog_name, self.example, self.codes)
        parser.epilog = "\n\n".join(filter(None, (told, parser.epilog)))
        self.add_options(parser)
        return parser

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes beside its format: nothing, unless it says so."""

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Run the command and give its exit code."""
        formatter = getattr(parsed_args, "formatter", None)
        self.nothing = "" if formatter in _PLAIN_TEXT else None
        self.lossless = formatter in _LOSSLESS
        with checked() as self.app.stdout:  # here too: openstackclient has a main of its own
            try:
                with self.progress.shown():
                    return self._attempt(parsed_args)
            except KeyboardInterrupt as error:
                if not hasattr(error, "__notes__"):
                    error.add_note(NOTHING_WRITTEN)
                return self._failed(error, INTERRUPTED, _INTERRUPTED)

    def _attempt(self, parsed_args: argparse.Namespace) -> int:
        try:
            self._refuse_abbreviation()
            for option in ("columns", "sort_columns"):
                self._refuse_columns(vars(parsed_args).get(option) or ())
            code = int(super().run(parsed_args) or 0)
            self.steps.reached(ENDED_WITH)
        except UnsafePlan as error:
            told = "\n".join([str(error), *lines(error.plan)])
            return self._failed(error, told, error.exit_code)
        except PciPlacementError as error:
            return self._failed(error, str(error), error.exit_code)
        except Exception as error:
            what = f"{type(error).__name__}: {error}; this should not happen: see --debug"
            return self._failed(error, what, ExitCode.ERROR)
        return int(self.exit_code) or code

    def _refuse_abbreviation(self) -> None:
        """Refuse less than the whole name: openstackclient takes any beginning that fits."""
        if self.cmd_name and self.cmd_name not in dict(self.app.command_manager):
            raise RequestError(ABBREVIATED.format(self.cmd_name))

    def _refuse_columns(self, wanted: Iterable[str]) -> None:
        """Refuse a column that there is not, before anything is done."""
        unknown = [name for name in wanted if name not in self.columns]
        if unknown:
            told = NO_COLUMN.format(", ".join(map(repr, unknown)), ", ".join(self.columns))
            raise RequestError(told)

    @functools.cached_property
    def progress(self) -> Progress:
        """What tells a person that something goes on."""
        return Progress()

    @functools.cached_property
    def steps(self) -> Steps:
        """What tells, with -v, what the command is at."""
        return Steps(self._tell_step, self._options.verbose_level)

    def _tell_step(self, line: str) -> None:
        with self.progress.silent():
            say([line])

    def produce_output(self, *args: Any, **kwargs: Any) -> int:
        """Write the data where nothing else stands, nor comes in between."""
        self.progress.end()
        # this stands before one of cliff's classes, and only that one has the method
        return int(super().produce_output(*args, **kwargs) or 0)  # type: ignore[misc]

    def cell(self, value: Any) -> Any:
        """Give a value as the formats of cliff take it."""
        if value is None:
            return NothingCell(self.nothing)
        if not self.lossless and self.nothing is not None and isinstance(value, FormattableColumn):
            return visible_cell(as_text(value))
        return value if self.lossless else visible_cell(value)

    def _failed(self, error: BaseException, message: str, code: int) -> int:
        self.progress.end()
        if self._options.debug:
            told = "".join(traceback.format_exception(error))
            say(without_credentials(told).rstrip().split("\n"))
        told = "; ".join([message.rstrip(), *getattr(error, "__notes__", ())])
        say(f"pci-placement: {line}" for line in without_credentials(told).split("\n"))
        return code

    @property
    def _options(self) -> argparse.Namespace:
        options: argparse.Namespace = self.app.options
        return options

    @property
    def is_verbose(self) -> bool:
        """Whether -v was given."""
        return bool(self._options.verbose_level > 1)

    def warn(self, problems: Iterable[Problem]) -> None:
        """Tell warnings, with --quiet too."""
        with self.progress.silent():
            say(f"warning: {problem}" for problem in problems)

    def inform(self, *lines: str) -> None:
        """Tell what was done, unless --quiet."""
        if self._options.verbose_level > 0:
            with self.progress.silent():
                say(lines)
