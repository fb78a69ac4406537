"""The console script `pci-placement`."""

from __future__ import annotations

import argparse
import importlib.metadata
import logging
import sys
from collections.abc import Sequence
from typing import Any

from cliff.app import App
from cliff.commandmanager import CommandManager

import pci_placement
from pci_placement.errors import ExitCode

from .base import add_global_options
from .output import checked, say


class Commands(CommandManager):
    """Finds all commands, and loads the one that is called: cliff would load every one."""

    def load_commands(self, namespace: str) -> None:
        """Take down where each command is."""
        self.group_list.append(namespace)
        for entry in importlib.metadata.entry_points(group=namespace):
            self.commands[entry.name.replace("_", " ")] = entry


class PciPlacementApp(App):
    """The program; its commands are found through entry points."""

    def __init__(self) -> None:
        super().__init__(
            description=pci_placement.__doc__,
            version=pci_placement.__version__,
            command_manager=Commands("pci_placement.cli"),
            deferred_help=True,
        )

    def build_option_parser(self, *args: Any, **kwargs: Any) -> argparse.ArgumentParser:
        """Add the global options to cliff's."""
        parser: argparse.ArgumentParser = super().build_option_parser(*args, **kwargs)
        add_global_options(parser)
        return parser

    def run_subcommand(self, argv: list[str]) -> int:
        """Tell of an unknown command where errors are told; cliff names near ones on stdout."""
        try:
            self.command_manager.find_command(argv)
        except ValueError:
            near = self.get_fuzzy_matches(" ".join(argv)) or ["--help"]
            say([f"pci-placement: no command {' '.join(argv)!r}; try {', '.join(near)}"])
            return ExitCode.USAGE
        return int(super().run_subcommand(argv))

    def configure_logging(self) -> None:
        """Keep the libraries' warnings for -v: an error of theirs becomes one message of ours."""
        super().configure_logging()
        if self.options.verbose_level <= self.DEFAULT_VERBOSE_LEVEL and not self.options.debug:
            for name in ("keystoneauth", "openstack", "oslo_config", "stevedore", "urllib3"):
                logging.getLogger(name).setLevel(logging.CRITICAL)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code; without one, show the help."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    with checked():
        return int(PciPlacementApp().run(arguments or ["--help"]))
