"""`request …`: what a scheduler asks Placement for a wish such as QuickAssist:2."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from pci_placement.errors import PlacementError
from pci_placement.explain import explain
from pci_placement.mapping import request
from pci_placement.model import PciAliasUsage
from pci_placement.placement import Candidate, Client
from pci_placement.settings import Settings

from . import rows
from .base import PciCommand, PciLister, PciShowOne
from .columns import ListCell, MappingCell

_DIALECTS = {"query": ("query", "microversion"), "extra-specs": ("extra_specs",)}


def _add_usage(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument(
        "usage",
        metavar="USAGE",
        help="ALIAS[:COUNT][@PHYSNET], several separated by commas: QuickAssist:2,nic@physnet1",
    )
    return parser


class TranslatedRequest(PciCommand):
    """A command that is about one request."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add the request, and --together."""
        parser = _add_usage(super().get_parser(prog_name))
        parser.add_argument(
            "--together",
            action="store_true",
            help="all devices of a wish from one provider: the VFs of one PF, or one pool",
        )
        return parser

    def groups(
        self, settings: Settings, parsed_args: argparse.Namespace
    ) -> tuple[tuple[PciAliasUsage, ...], Sequence[request.RequestGroup]]:
        """Understand the request."""
        usages = request.parse_usage(parsed_args.usage)
        exclusive = settings.layout.exclusive
        together = parsed_args.together
        return usages, request.translate(usages, settings.aliases, together, exclusive)


class RequestShow(TranslatedRequest, PciShowOne):
    """Show the allocation-candidates query for a request. Needs no Placement."""

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add --dialect."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--dialect", choices=sorted(_DIALECTS), help="show the request in this form only"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Translate the request."""
        usages, groups = self.groups(self.settings(), parsed_args)
        shown = {
            "usage": ListCell([{"name": u.pci_alias_name, "count": u.count} for u in usages]),
            "query": request.query(groups),
            "microversion": request.MICROVERSION,
            "extra_specs": MappingCell(dict(request.extra_specs(groups))),
        }
        if parsed_args.dialect:
            shown = {key: shown[key] for key in ("usage", *_DIALECTS[parsed_args.dialect])}
        return self.thing(shown)


class RequestCandidates(TranslatedRequest, PciLister):
    """Ask Placement which nodes could serve a request now."""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Ask, and list the answers."""
        settings = self.settings()
        _, groups = self.groups(settings, parsed_args)
        found = self._ask(self.client(settings), groups)
        if not found:
            self.inform(f"no node has {parsed_args.usage} free")
        return self.table(rows.CANDIDATE, map(rows.candidate_row, found))

    def _ask(self, client: Client, groups: Sequence[request.RequestGroup]) -> Sequence[Candidate]:
        try:
            return client.allocation_candidates(request.query(groups), request.MICROVERSION)
        except PlacementError as error:
            traits = {t for group in groups for t in (*group.required, *group.forbidden)}
            unknown = client.unknown_names({n for g in groups for n in g.resources}, traits)
            if error.status != HTTPStatus.BAD_REQUEST or not unknown:
                raise
            self.inform(f"no agent has reported {', '.join(sorted(unknown))} to this Placement yet")
            return []


class RequestExplain(TranslatedRequest, PciLister):
    """Say which constraint leaves a request without candidates, by relaxing one at a time."""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Ask Placement a bounded number of questions."""
        settings = self.settings()
        usages, exclusive = request.parse_usage(parsed_args.usage), settings.layout.exclusive
        together, aliases = parsed_args.together, settings.aliases
        findings = explain(self.client(settings), usages, aliases, exclusive, together)
        return self.table(rows.FINDING, map(asdict, findings))
