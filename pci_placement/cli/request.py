"""`request …`: what a scheduler asks Placement for a wish such as QuickAssist:2."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from pci_placement.errors import DiscoveryError
from pci_placement.mapping import request
from pci_placement.mapping.questions import Question, last_of_first, questions
from pci_placement.mapping.usage import Usages
from pci_placement.settings import Settings

from . import rows
from .asking import Asking, found_by, names_of, query_row, question_row
from .base import PciCommand, PciLister, PciShowOne
from .columns import ListCell, MappingCell, QueriesCell
from .helps import LOCAL
from .hints import not_offered

SHOWN = "usage query microversion extra_specs number queries".split()
_DIALECTS = {"query": ("query", "microversion"), "extra-specs": ("extra_specs",)}


class TranslatedRequest(PciCommand):
    """A command that is about one request."""

    only_reads = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the request, and --together."""
        parser.add_argument(
            "usage",
            metavar="USAGE",
            help="ALIAS[:COUNT][@PHYSNET], several separated by commas, alternatives by | (quoted "
            "from the shell): QuickAssist:2,nic@physnet1 'gpu-h100:2|gpu-a100:4'",
        )
        parser.add_argument(
            "--together",
            action="store_true",
            help="all devices of a wish from one provider: the VFs of one PF, or one pool",
        )

    def questions(
        self, settings: Settings, parsed_args: argparse.Namespace
    ) -> tuple[Question, ...]:
        """Understand the request."""
        alternatives = request.parse_alternatives(parsed_args.usage)
        exclusive, together = settings.layout.exclusive, parsed_args.together
        return questions(alternatives, settings.aliases, together, exclusive)


class RequestShow(TranslatedRequest, PciShowOne):
    """Show the allocation-candidates queries for a request. Needs no Placement."""

    auth_required = False
    columns = SHOWN
    example = "QuickAssist:2,nic@physnet1"
    codes = LOCAL

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --dialect."""
        super().add_options(parser)
        parser.add_argument(
            "--dialect", choices=sorted(_DIALECTS), help="show the request in this form only"
        )

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Translate the request: all its queries, and the one for who can ask only once."""
        asked = self.questions(self.settings(), parsed_args)
        only = last_of_first(asked)
        shown = {
            "usage": ListCell([{"name": u.pci_alias_name, "count": u.count} for u in only.usages]),
            "query": only.query,
            "microversion": request.MICROVERSION,
            "extra_specs": MappingCell(only.extra_specs),
            "number": asked.index(only) + 1,
        }
        queries = [query_row(asked, question) for question in asked]
        for other in _others(parsed_args.dialect):
            for form in (shown, *queries):
                form.pop(other, None)
        return self.thing({**shown, "queries": QueriesCell(queries)})


def _others(dialect: str | None) -> Iterator[str]:
    """The fields that are not of this dialect; none without one."""
    for name, fields in _DIALECTS.items():
        if dialect not in (None, name):
            yield from fields


class RequestCandidates(TranslatedRequest, PciLister):
    """Ask Placement which nodes could serve a request now."""

    brief = rows.CANDIDATE_BRIEF
    columns = rows.CANDIDATE
    example = "QuickAssist:2"

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Ask query by query until there are answers, and list them."""
        settings = self.settings()
        asked = self.questions(settings, parsed_args)
        exclusive = settings.layout.exclusive
        client = self.client(settings)
        asking = Asking(client, settings.aliases, exclusive, self.inform)
        answered, found = asking.first(asked)
        if not answered:
            self.inform(f"no node has {parsed_args.usage} free")
            return self.table(rows.CANDIDATE, [])
        self.inform(*found_by(asked, answered))
        by = question_row(asked, answered)
        names = names_of(client, found)
        return self.table(rows.CANDIDATE, [rows.candidate_row(each, by, names) for each in found])


class RequestExplain(TranslatedRequest, PciLister):
    """Say which constraint leaves a request without candidates, by relaxing one at a time."""

    columns = rows.FINDING
    sentences = ("meaning",)
    labels = ("wish",)
    example = "QuickAssist:2"

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Ask Placement a bounded number of questions."""
        # `request show` need not wait for what asks
        from pci_placement.explain import explain

        settings = self.settings()
        alternatives = request.parse_alternatives(parsed_args.usage)
        exclusive, together = settings.layout.exclusive, parsed_args.together
        findings = explain(
            self.client(settings), alternatives, settings.aliases, exclusive, together
        )
        here = () if findings[-1].fits else self._here(settings, alternatives)
        return self.table(rows.FINDING, [*map(asdict, findings), *here])

    def _here(self, settings: Settings, alternatives: Iterable[Usages]) -> Iterator[rows.Row]:
        """Devices of this host that would do and are not offered; a scheduler's has none."""
        try:
            host = self.host(settings)
        except DiscoveryError:
            return
        asked = {u.pci_alias_name: str(u) for usages in alternatives for u in usages}
        for name, wish in asked.items():
            for why in not_offered(settings, host, name):
                yield {"wish": wish, "relaxed": "nothing", "free": 0, "meaning": why}
