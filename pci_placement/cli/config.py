"""`config validate`: what is wrong with the whitelist and the aliases."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pci_placement.errors import ConfigError, DiscoveryError, ExitCode, PciPlacementError
from pci_placement.mapping.lint import lint_host
from pci_placement.mapping.lint_effect import cards_kept_back, nothing_listed
from pci_placement.mapping.lint_layout import lint_layout
from pci_placement.model import Problem, Severity, Source
from pci_placement.settings import Settings

from .base import PciLister
from .beneath import Row
from .helps import LOCAL
from .output import terminal_width

COLUMNS = ("severity", "source", "line", "option", "entry", "text", "problem", "suggestion")
WIDE_ENOUGH = 150
_ORDER = list(Severity)


class ConfigValidate(PciLister):
    """Check the configuration; needs no Placement and no hardware.

    Where there is hardware, it is said as well what of the lists has no effect on this host.
    """

    auth_required = False
    only_reads = True
    columns = COLUMNS
    brief = ("severity", "source", "line", "option", "entry", "problem", "text", "suggestion")
    sentences = ("problem", "text", "suggestion")
    example = "--strict"
    codes = LOCAL

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show a person what there is room for: the files are told above and below the table."""
        self.aside = ("entry",) if terminal_width() >= WIDE_ENOUGH else ("source", "entry")
        return super().run(parsed_args)

    def label(self, row: Row) -> str:
        """Where it stands, as in the warnings of all other commands."""
        if not row["source"]:
            return row["severity"]
        entry, line = int(row["entry"] or 0), int(row["line"] or 0)
        return f"{row['severity']}: {Source(row['source'], row['option'], entry, line)}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --strict."""
        parser.add_argument(
            "--strict", action="store_true", help="take warnings for errors, as before a rollout"
        )

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Read everything and list what is wrong."""
        problems = self._problems()
        if parsed_args.strict:
            problems = tuple(map(_strict, problems))
        if any(problem.severity is Severity.ERROR for problem in problems):
            self.exit_code = ExitCode.USAGE
        return self.table(COLUMNS, map(_row, sorted(problems, key=_worst_first)))

    def _problems(self) -> tuple[Problem, ...]:
        try:
            settings = self.settings(strict=False)
        except ConfigError as error:
            return error.problems
        files = ", ".join(settings.files) or "no file"
        self.inform(
            f"read {files}: {len(settings.whitelist)} whitelist entries and "
            f"{len(settings.aliases)} aliases are usable"
        )
        return (
            *settings.problems,
            *self.nothing_listed(settings),
            *settings.neighbours,
            *self.login_advice(settings),
            *self.host_advice(settings),
        )

    def nothing_listed(self, settings: Settings) -> Iterator[Problem]:
        """Say that no device is listed; where a scheduler runs, aliases are enough."""
        if all(problem.severity is not Severity.ERROR for problem in settings.problems):
            severity = Severity.NOTE if settings.aliases else Severity.WARNING
            yield from nothing_listed(settings.whitelist, severity)

    def login_advice(self, settings: Settings) -> Iterator[Problem]:
        """Say why Placement cannot be reached by what is configured; nothing is sent."""
        if self._clients_own:  # openstackclient logs in by its own options
            return
        try:
            self.client(settings)
        except PciPlacementError as error:
            yield Problem(str(error), "", None, Severity.WARNING)

    def host_advice(self, settings: Settings) -> tuple[Problem, ...]:
        """What a scan of this host adds; nothing where it has no PCI devices."""
        try:
            host = self.host(settings)
        except DiscoveryError as error:
            self.inform(f"not checked against this host: {error}")
            return ()
        lists = settings.whitelist, settings.aliases
        return (
            *lint_host(host.snapshot, *lists, host.matching),
            *cards_kept_back(host.snapshot, settings.whitelist, host.kept),
            *lint_layout(host.tree),
        )


def _worst_first(problem: Problem) -> tuple[int, bool, str, int]:
    """The order of a list to be worked off: then as it stands in the files."""
    source = problem.source
    place = (False, source.file, source.line) if source else (True, "", 0)
    return _ORDER.index(problem.severity), *place


def _strict(problem: Problem) -> Problem:
    is_warning = problem.severity is Severity.WARNING
    return replace(problem, severity=Severity.ERROR) if is_warning else problem


def _row(problem: Problem) -> dict[str, Any]:
    source = problem.source
    return {
        "severity": problem.severity.value,
        "source": source.file if source else None,
        "line": (source.line or None) if source else None,
        "option": source.option if source else None,
        "entry": (source.entry or None) if source else None,
        "text": (source.text or None) if source else None,
        "problem": problem.problem,
        "suggestion": problem.suggestion,
    }
