"""What all commands reach: the configuration, this host, Placement, and who makes passes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cliff.lister import Lister
from cliff.show import ShowOne

from pci_placement import placement
from pci_placement.agent import Agent, Standing, build
from pci_placement.agent.build import connect
from pci_placement.agent.telling import restraints
from pci_placement.desired import Desired, make_desired
from pci_placement.discovery.scan import scan
from pci_placement.errors import RequestError
from pci_placement.model import Problem
from pci_placement.settings import Settings, load, read
from pci_placement.text.counts import counted

from .beneath import Row, few, fields, laid_out
from .contract import ContractCommand
from .output import terminal_width
from .steps import READ, SCANNED

if TYPE_CHECKING:
    from pci_placement.placement.trail import Trail

NOT_THIS_HOST = (
    "{} is a capture, and may be of another host: plan --offline and config validate take it"
)


class PciCommand(ContractCommand):
    """A command that may read the configuration and this host, and speak to Placement."""

    def settings(self, strict: bool = True) -> Settings:
        """The configuration; warnings are told on the way."""
        settings = (load if strict else read)(self._options.pci_config_paths or ())
        self.steps.reached(READ.format(", ".join(settings.files) or "no configuration file"))
        if strict:
            self.warn(settings.warnings)
        return settings

    def host(self, settings: Settings) -> Desired:
        """One scan of this host, and what it wants, without what it still offers elsewhere."""
        left, sysfs = self.agent(settings).left_behind(), self._options.pci_sysfs
        host = make_desired(settings, scan(sysfs), left=left)
        self.steps.reached(
            SCANNED.format(sysfs, counted(len(host.snapshot.devices), "PCI function"))
        )
        return host

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
        sysfs = self._options.pci_sysfs
        agent = build(
            settings,
            sysfs=sysfs,
            os_cloud=self._cloud,
            client=self._clients_own,
            tell=self.hear,
            trail=self._trail(),
        )
        return replace(agent, reconciler=lambda: self.steps.of_passes(agent.reconciler(), sysfs))

    def _trail(self) -> Trail:
        from pci_placement.placement.trail import Trail  # only who asks need wait for requests

        return Trail().also(self.progress.heard).also(self.steps.heard)

    def write_lines(self, lines: Iterable[str]) -> None:
        """Write what has no room in a table below it."""
        self.app.stdout.writelines(f"{line}\n" for line in lines)

    def hear(self, said: Standing | Problem) -> None:
        """Tell at once what an agent finds, whatever becomes of its pass."""
        if isinstance(said, Problem):
            self.warn([said])
        else:
            self.inform(*restraints(said))


def is_our_table(parsed_args: argparse.Namespace) -> bool:
    """Whether a table is wanted, and its columns were not asked for."""
    return bool(parsed_args.formatter == "table" and not parsed_args.columns)


def is_for_people(parsed_args: argparse.Namespace) -> bool:
    """Whether a table is wanted, and neither its columns nor its width were asked for."""
    return is_our_table(parsed_args) and not (parsed_args.fit_width or parsed_args.max_width)


class PciLister(PciCommand, Lister):
    """A command that prints a table; `brief` are the columns that fit a terminal."""

    brief: Sequence[str] = ()
    sentences: Sequence[str] = ()
    """Columns that stand below the table in full, where they have no room in it."""
    labels: Sequence[str] = ()
    """Which columns say there what a sentence is about."""
    whole: Sequence[str] = ()
    """Columns that are never cut."""
    long: Sequence[str] = ()
    """Columns whose lists a person reads the beginning of."""
    aside: Sequence[str] = ()
    """Columns of `brief` of which only labels are made."""
    _is_for_people = False

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show a person the brief columns, unless they ask for others."""
        if is_for_people(parsed_args):
            parsed_args.columns = list(self.brief)
            sorts_by_others = set(parsed_args.sort_columns) - set(self.brief or self.columns)
            self._is_for_people = not sorts_by_others
        return super().run(parsed_args)

    def produce_output(self, parsed_args: argparse.Namespace, names: Any, data: Any) -> int:
        """Let a row be a line, where a person reads it, and nothing be nothing."""
        if parsed_args.formatter == "table" and not (data or parsed_args.print_empty):
            return 0  # cliff would write an empty line
        width = terminal_width()
        if not self._is_for_people or width == sys.maxsize:
            return super().produce_output(parsed_args, names, data)
        shown = parsed_args.columns or names
        wanted = [n for n, name in enumerate(names) if name in shown]
        rows = [[self._shown(names[n], row[n]) for n in wanted] for row in data]
        names = [names[n] for n in wanted]
        names, data, lines = laid_out(
            names, rows, width, self.sentences, self.label, self.whole, self.aside
        )
        parsed_args.columns = []
        code = super().produce_output(parsed_args, names, data)
        self.write_lines(lines)
        return code

    def _shown(self, name: str, cell: Any) -> Any:
        return few(cell) if name in self.long else cell

    def label(self, row: Row) -> str:
        """What a sentence below the table is about."""
        return " ".join(filter(None, (row[name] for name in self.labels)))

    def table(self, columns: Sequence[str], rows: Iterable[Any]) -> tuple[Any, Any]:
        """Put rows in the order of the columns; every row must have them all."""
        return tuple(columns), [tuple(self.cell(row[column]) for column in columns) for row in rows]


class PciShowOne(PciCommand, ShowOne):
    """A command that prints one thing."""

    def produce_output(self, parsed_args: argparse.Namespace, names: Any, data: Any) -> int:
        """Let a field be a line, or a line an item, where a person reads it."""
        width = terminal_width()
        if not is_for_people(parsed_args) or width == sys.maxsize:
            return super().produce_output(parsed_args, names, data)
        cells, lines = fields(names, data, width)
        code = super().produce_output(parsed_args, names, cells)
        self.write_lines(lines)
        return code

    def thing(self, row: Mapping[str, Any]) -> tuple[Any, Any]:
        """Give the fields of one row."""
        return tuple(row), tuple(map(self.cell, row.values()))
