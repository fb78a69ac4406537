"""`alias list`: what each alias asks Placement for, and how many devices here answer to it."""

from __future__ import annotations

import argparse
from typing import Any

from pci_placement.errors import DiscoveryError
from pci_placement.mapping.alias import by_name
from pci_placement.mapping.family import catalogue
from pci_placement.mapping.lint import lint_host, lint_lists
from pci_placement.mapping.tree import serving
from pci_placement.model import Problem, ProviderTree, Source
from pci_placement.settings import Settings

from . import rows
from .base import PciLister
from .helps import LOCAL


class AliasList(PciLister):
    """List the aliases, their resource classes and the devices here. Needs no Placement."""

    auth_required = False
    only_reads = True
    columns = rows.ALIAS
    sentences = ("problem",)
    labels = ("name",)
    example = "-c name -c resource_class -c devices"
    codes = LOCAL

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Work out what each alias asks for."""
        settings = self.settings()
        known = catalogue(settings.aliases)
        tree, problems = self._host(settings)
        told: dict[Source | None, list[str]] = {}
        for problem in problems:
            told.setdefault(problem.source, []).append(problem.problem)
        return self.table(
            rows.ALIAS,
            [
                rows.alias_row(name, group, known[name], len(serving(known[name], tree)), told)
                for name, group in by_name(settings.aliases).items()
            ],
        )

    def _host(self, settings: Settings) -> tuple[ProviderTree, tuple[Problem, ...]]:
        """What this host offers; a scheduler's host may have no PCI devices at all."""
        lists = settings.whitelist, settings.aliases
        try:
            host = self.host(settings)
        except DiscoveryError as error:
            self.inform(f"no devices are counted: {error}")
            return ProviderTree(()), tuple(lint_lists(*lists))
        found = lint_host(host.snapshot, *lists, host.matching)
        return host.tree, (*lint_lists(*lists), *found)
