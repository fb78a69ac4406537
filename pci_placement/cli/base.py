"""What all commands share: configuration, /sys, Placement, and one message for an error."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cliff.command import Command
from cliff.lister import Lister
from cliff.show import ShowOne

from pci_placement import conf, placement
from pci_placement.discovery.host_use import HostUse
from pci_placement.discovery.sysfs import Sysfs
from pci_placement.errors import ConfigError, PciPlacementError
from pci_placement.model import Problem, Remembered, Snapshot
from pci_placement.state import StateFile
from pci_placement.sync import Reconciler
from pci_placement.view import HostView, view_host

from . import exits
from .columns import NothingCell
from .output import checked, say

LIVE_SYSFS = "/sys"
NO_CONFIG = (
    "no configuration file: give --config-file FILE, such as /etc/zun/zun.conf, or write "
    "/etc/pci-placement/pci-placement.conf"
)


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
        type=conf.ConfigPath,
        default=None,
        metavar="FILE",
        help="read this configuration (repeatable; default: the usual places of pci-placement)",
    )
    parser.add_argument(
        f"--{prefix}config-dir",
        dest="pci_config_paths",
        action="append",
        type=lambda path: conf.ConfigPath(path, is_dir=True),
        metavar="DIR",
        help="read all *.conf files of this folder (repeatable)",
    )
    parser.add_argument(
        f"--{prefix}sysfs",
        dest="pci_sysfs",
        metavar="DIR",
        default=LIVE_SYSFS,
        help="default: /sys",
    )


_PLAIN_TEXT = ("csv", "value", "shell")
"""Formats that have no null and would write the word None."""


class PciCommand(Command):
    """A command of ours: errors become one message and an exit code of the contract."""

    exit_code = exits.DONE
    auth_required = True
    """Whether openstackclient must have credentials before it runs the command."""
    nothing: Any = None
    """What an empty cell holds."""

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Run the command and give its exit code."""
        if getattr(parsed_args, "formatter", None) in _PLAIN_TEXT:
            self.nothing = ""
        with checked() as self.app.stdout:  # here too: openstackclient has a main of its own
            return self._attempt(parsed_args)

    def _attempt(self, parsed_args: argparse.Namespace) -> int:
        try:
            code = int(super().run(parsed_args) or 0)
        except PciPlacementError as error:
            return self._failed(error, str(error), exits.code_of_error(error))
        except Exception as error:
            what = f"{type(error).__name__}: {error}; this should not happen: see --debug"
            return self._failed(error, what, exits.ERROR)
        return self.exit_code or code

    def cell(self, value: Any) -> Any:
        """Give a value as the formats of cliff take it."""
        return NothingCell(self.nothing) if value is None else value

    def _failed(self, error: Exception, message: str, code: int) -> int:
        if self._options.debug:
            traceback.print_exception(error)
        say(f"pci-placement: {line}" for line in message.splitlines())
        return code

    @property
    def _options(self) -> argparse.Namespace:
        options: argparse.Namespace = self.app.options
        return options

    def settings(self, strict: bool = True) -> conf.Settings:
        """The configuration; warnings are told on the way."""
        read = conf.load if strict else conf.read
        settings = read(self._options.pci_config_paths or ())
        if strict:
            self.warn(settings.warnings)
        return settings

    @property
    def is_verbose(self) -> bool:
        """Whether -v was given."""
        return bool(self._options.verbose_level > 1)

    def warn(self, problems: Iterable[Problem]) -> None:
        """Tell warnings, unless --quiet."""
        if self._options.verbose_level > 0:
            say(f"warning: {problem}" for problem in problems)

    def inform(self, *lines: str) -> None:
        """Tell what was done, unless --quiet."""
        if self._options.verbose_level > 0:
            say(lines)

    def host(self, settings: conf.Settings) -> HostView:
        """One scan of this host, and what it wants."""
        return view_host(settings, self.scan())

    def client(self, settings: conf.Settings) -> placement.Client:
        """Placement, by `[placement]` or --os-cloud; in openstackclient by its session."""
        if hasattr(self.app, "client_manager"):
            client: placement.Client = self.app.client_manager.pci
            return client
        return placement.Client(placement.connect(settings.conf, self._cloud))

    @property
    def _cloud(self) -> str | None:
        name: str | None = getattr(self._options, "os_cloud", None)
        return name

    def reconciler(self, settings: conf.Settings, force: bool = False) -> Reconciler:
        """Everything that a pass needs; refuses to take no configuration for an empty one."""
        if not settings.files:
            raise ConfigError([Problem(NO_CONFIG)])
        return Reconciler(
            settings, self.scan, self.client(settings), time.sleep, force, self.keeper(settings)
        )

    def state(self, settings: conf.Settings) -> StateFile:
        """Where the last pass over this root left its result."""
        root = settings.root_provider_uuid or settings.root_provider_name
        return StateFile(settings.state_dir, root, self._cloud)

    def keeper(self, settings: conf.Settings) -> Callable[[Remembered], None]:
        """Writes to the state folder, where that is possible; where not, the lock has said so."""

        def keep(remembered: Remembered) -> None:
            with contextlib.suppress(OSError):
                self.state(settings).save(remembered)

        return keep

    def remembered(self, settings: conf.Settings, full: bool = False) -> Remembered:
        """What the last pass left; after some time, or where asked for, all is read anew."""
        kept, now = self.state(settings).load(), time.time()
        if full or not kept.read_at <= now < kept.read_at + settings.full_sync_interval:
            return replace(kept.to_be_read(), read_at=now)
        return kept

    def scan(self) -> Snapshot:
        """Scan /sys; what the host lives on is known of the live one alone."""
        snapshot = Sysfs(self._options.pci_sysfs).read()
        live = os.path.realpath(self._options.pci_sysfs) == LIVE_SYSFS
        return replace(snapshot, in_use=HostUse().read()) if live else snapshot


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
