"""What all commands share: configuration, /sys, Placement, and one message for an error."""

from __future__ import annotations

import argparse
import functools
import os
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cliff.columns import FormattableColumn
from cliff.command import Command
from cliff.lister import Lister
from cliff.show import ShowOne

from pci_placement import placement
from pci_placement.agent import Agent, Standing, build
from pci_placement.agent.build import connect
from pci_placement.agent.telling import restraints
from pci_placement.agent.words import lines
from pci_placement.desired import Desired, make_desired
from pci_placement.discovery.scan import LIVE_SYSFS, scan
from pci_placement.errors import (
    ExitCode,
    PciPlacementError,
    RequestError,
    UnsafePlan,
    without_credentials,
)
from pci_placement.model import Problem
from pci_placement.settings import ConfigPath, Settings, load, read
from pci_placement.visible import visible_cell

from .columns import NothingCell, as_text
from .helps import ASKING, LinesKept, epilog
from .output import checked, say
from .progress import Progress

if TYPE_CHECKING:
    from pci_placement.placement.trail import Trail


def add_global_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where everything is."""
    add_host_options(parser)
    parser.add_argument("--os-cloud", metavar="NAME", help="a cloud of clouds.yaml")


def add_host_options(parser: argparse.ArgumentParser, prefix: str = "") -> None:
    """Add the options that say where the configuration and /sys are.

    Files and folders go into one list, because their order counts.
    """
    parser.add_argument(
        f"--{prefix}config-file",
        dest="pci_config_paths",
        action="append",
        type=ConfigPath,
        default=None,
        metavar="FILE",
        help="read this configuration (repeatable; default: the usual places of pci-placement)",
    )
    parser.add_argument(
        f"--{prefix}config-dir",
        dest="pci_config_paths",
        action="append",
        type=lambda path: ConfigPath(path, is_dir=True),
        metavar="DIR",
        help="read all *.conf files of this folder (repeatable)",
    )
    parser.add_argument(
        f"--{prefix}sysfs",
        dest="pci_sysfs",
        metavar="DIR",
        default=LIVE_SYSFS,
        help="a folder that contains bus/, or a file of `host capture` (default: /sys)",
    )


INTERRUPTED = "interrupted"
NOT_THIS_HOST = (
    "{} is a capture, and may be of another host: plan --offline and config validate take it"
)
NOTHING_WRITTEN = "nothing was written to Placement"
_INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""
NO_COLUMN = "no column {}: there are {}"
ABBREVIATED = "no command {!r}: a command is its whole name"
_PLAIN_TEXT = ("csv", "value", "shell")
"""Formats that have no null and would write the word None."""
_LOSSLESS = ("json", "yaml")
"""Formats that can write every text, and a line break in it, in escapes of their own."""


class PciCommand(Command):
    """A command of ours: errors become one message and an exit code of the contract."""

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
        parser.formatter_class = LinesKept
        told = epilog(prog_name, self.example, self.codes)
        parser.epilog = "\n\n".join(filter(None, (told, parser.epilog)))
        return parser

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
            self._refuse_columns(vars(parsed_args).get("columns") or ())
            code = int(super().run(parsed_args) or 0)
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

    def produce_output(self, *args: Any, **kwargs: Any) -> int:
        """Write the data where nothing else stands."""
        self.progress.clear()
        return int(super().produce_output(*args, **kwargs) or 0)  # type: ignore[misc]

    def cell(self, value: Any) -> Any:
        """Give a value as the formats of cliff take it."""
        if value is None:
            return NothingCell(self.nothing)
        if not self.lossless and self.nothing is not None and isinstance(value, FormattableColumn):
            return visible_cell(as_text(value))
        return value if self.lossless else visible_cell(value)

    def _failed(self, error: BaseException, message: str, code: int) -> int:
        self.progress.clear()
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

    def settings(self, strict: bool = True) -> Settings:
        """The configuration; warnings are told on the way."""
        settings = (load if strict else read)(self._options.pci_config_paths or ())
        if strict:
            self.warn(settings.warnings)
        return settings

    @property
    def is_verbose(self) -> bool:
        """Whether -v was given."""
        return bool(self._options.verbose_level > 1)

    def warn(self, problems: Iterable[Problem]) -> None:
        """Tell warnings, with --quiet too."""
        self.progress.clear()
        say(f"warning: {problem}" for problem in problems)

    def inform(self, *lines: str) -> None:
        """Tell what was done, unless --quiet."""
        self.progress.clear()
        if self._options.verbose_level > 0:
            say(lines)

    def host(self, settings: Settings) -> Desired:
        """One scan of this host, and what it wants, without what it still offers elsewhere."""
        left = self.agent(settings).left_behind()
        return make_desired(settings, scan(self._options.pci_sysfs), left=left)

    def refuse_capture(self) -> None:
        """Refuse to write what another host has, as a capture shows it, for this one."""
        if os.path.isfile(self._options.pci_sysfs):
            raise RequestError(NOT_THIS_HOST.format(self._options.pci_sysfs))

    def client(self, settings: Settings) -> placement.Client:
        """Placement, by `[placement]` or --os-cloud; in openstackclient by its session."""
        own = self._clients_own
        return own() if own else connect(settings, self._cloud, trail=self._trail())

    @property
    def _clients_own(self) -> Callable[[], placement.Client] | None:
        """The way to Placement that openstackclient has opened already, inside of it."""
        manager = getattr(self.app, "client_manager", None)
        return (lambda: manager.pci) if manager else None

    @property
    def _cloud(self) -> str | None:
        name: str | None = getattr(self._options, "os_cloud", None)
        return name

    def agent(self, settings: Settings) -> Agent:
        """What makes passes over this host, and knows of the last one."""
        return build(
            settings,
            sysfs=self._options.pci_sysfs,
            os_cloud=self._cloud,
            client=self._clients_own,
            tell=self.hear,
            trail=self._trail(),
        )

    def _trail(self) -> Trail:
        from pci_placement.placement.trail import Trail  # only who asks need wait for requests

        return Trail().also(self.progress.heard)

    def hear(self, said: Standing | Problem) -> None:
        """Tell at once what an agent finds, whatever becomes of its pass."""
        if isinstance(said, Problem):
            self.warn([said])
        else:
            self.inform(*restraints(said))


class PciLister(PciCommand, Lister):
    """A command that prints a table; `brief` are the columns that fit a terminal."""

    brief: Sequence[str] = ()

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show a person the brief columns, unless they ask for others."""
        if parsed_args.formatter == "table" and not parsed_args.columns:
            parsed_args.columns = list(self.brief)
        return super().run(parsed_args)

    def table(self, columns: Sequence[str], rows: Iterable[Any]) -> tuple[Any, Any]:
        """Put rows in the order of the columns; every row must have them all."""
        return tuple(columns), [tuple(self.cell(row[column]) for column in columns) for row in rows]


class PciShowOne(PciCommand, ShowOne):
    """A command that prints one thing."""

    def thing(self, row: Mapping[str, Any]) -> tuple[Any, Any]:
        """Give the fields of one row."""
        return tuple(row), tuple(map(self.cell, row.values()))
