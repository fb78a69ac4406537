"""The console script `pci-placement`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from cliff.app import App

import pci_placement
from pci_placement.errors import ExitCode
from pci_placement.text.usage import tell_in_one_line

from .commands import Commands
from .completion import Complete
from .helps import LinesKept
from .options import add_global_options
from .output import checked, say
from .overview import Help, show_overview
from .steps import LIBRARIES, STEPS

NO_COMMAND_GIVEN = "pci-placement: which command? See pci-placement --help"
_HELPS = {
    "--verbose": "say what it is at, with times; -vv: each request too; -vvv: what libraries say",
    "--quiet": "leave out summaries; warnings and errors stay",
    "--debug": "show a traceback with every error, and what libraries say",
}


class PciPlacementApp(App):
    """The program; its commands are found through entry points."""

    def __init__(self) -> None:
        super().__init__(
            description=pci_placement.__doc__,
            version=pci_placement.__version__,
            command_manager=Commands("pci_placement.cli"),
            deferred_help=True,
        )
        for name, kind in (("complete", Complete), ("help", Help)):  # in place of cliff's
            self.command_manager.add_command(name, kind)

    def build_option_parser(self, *args: Any, **kwargs: Any) -> argparse.ArgumentParser:
        """Add the global options to cliff's."""
        kwargs["argparse_kwargs"] = {**(kwargs.get("argparse_kwargs") or {}), "allow_abbrev": False}
        parser: argparse.ArgumentParser = super().build_option_parser(*args, **kwargs)
        add_global_options(parser)
        tell_in_one_line(parser)
        parser.formatter_class = LinesKept
        for action in parser._actions:  # noqa: SLF001  argparse tells them in no other way
            action.help = next(filter(None, map(_HELPS.get, action.option_strings)), action.help)
        return parser

    def print_help_if_requested(self) -> None:
        """Show what there is, where --help stands alone."""
        if self.options.deferred_help:
            show_overview(self)
            raise SystemExit(ExitCode.DONE)

    def run_subcommand(self, argv: list[str]) -> int:
        """Tell of an unknown command where errors are told; cliff names near ones on stdout."""
        try:
            self.command_manager.find_command(argv[1:] if _is_for_help(argv) else argv)
        except ValueError as error:
            say([error])
            return ExitCode.USAGE
        return int(super().run_subcommand(argv))

    def interact(self) -> NoReturn:
        """Say that a command is missing: cliff would open a shell of its own for options alone."""
        say([NO_COMMAND_GIVEN])
        raise SystemExit(ExitCode.USAGE)

    def configure_logging(self) -> None:
        """Keep what libraries say for -vvv, and their warnings for -v.

        An error of theirs becomes one message of ours.
        """
        super().configure_logging()
        verbosity = self.options.verbose_level
        if verbosity < LIBRARIES and not self.options.debug:
            level = logging.WARNING if verbosity >= STEPS else logging.CRITICAL
            for name in ("keystoneauth", "openstack", "oslo_config", "stevedore", "urllib3"):
                logging.getLogger(name).setLevel(level)


def _is_for_help(argv: Sequence[str]) -> bool:
    """Whether the words after the first are a command that somebody wants to read about."""
    return len(argv) > 1 and argv[0] == "help" and not argv[1].startswith("-")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code; without one, show the help."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    with checked():
        return int(PciPlacementApp().run(arguments or ["--help"]))
