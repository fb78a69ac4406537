"""`config validate`: what is wrong with the whitelist and the aliases."""

from __future__ import annotations

import argparse
from typing import Any

from pci_placement.errors import ConfigError, DiscoveryError, ExitCode
from pci_placement.mapping.lint import lint_host
from pci_placement.mapping.lint_layout import lint_layout
from pci_placement.model import Problem, Severity
from pci_placement.settings import Settings

from .base import PciLister

COLUMNS = ("severity", "source", "option", "entry", "problem", "suggestion")


class ConfigValidate(PciLister):
    """Check the whitelist and the aliases; needs no Placement and no hardware.

    Where there is hardware, it is said as well what of the lists has no effect on this host.
    """

    auth_required = False
    only_reads = True

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Read everything and list what is wrong."""
        problems = self._problems()
        if any(problem.severity is Severity.ERROR for problem in problems):
            self.exit_code = ExitCode.USAGE
        return self.table(COLUMNS, map(_row, problems))

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
        return (*settings.problems, *self.host_advice(settings))

    def host_advice(self, settings: Settings) -> tuple[Problem, ...]:
        """What a scan of this host adds; nothing where it has no PCI devices."""
        try:
            host = self.host(settings)
        except DiscoveryError as error:
            self.inform(f"not checked against this host: {error}")
            return ()
        lists = settings.whitelist, settings.aliases
        return (*lint_host(host.snapshot, *lists, host.matching), *lint_layout(host.tree))


def _row(problem: Problem) -> dict[str, Any]:
    source = problem.source
    return {
        "severity": problem.severity.value,
        "source": source.file if source else None,
        "option": source.option if source else None,
        "entry": source.entry if source else None,
        "problem": problem.problem,
        "suggestion": problem.suggestion,
    }
