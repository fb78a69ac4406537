"""`report`: what the whole cloud has, from Placement alone."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cliff.formatters.base import ListFormatter
from stevedore import ExtensionManager
from stevedore.extension import Extension

from pci_placement.errors import RequestError, RootNotFound
from pci_placement.mapping.claims import by_provider
from pci_placement.settings import Settings
from pci_placement.text.counts import counted

from . import rows
from .base import PciLister
from .columns import ListCell
from .options import whole_number

COLUMNS = "node resource_class total used reserved free held draining marks".split()
BRIEF = [name for name in COLUMNS if name not in ("held", "draining")]
HTML = "html"
MOST_READ = 100
"""So many providers are read by themselves, unless somebody wants more or fewer."""
NO_NODE_CALLED = "no compute node of this Placement is called {!r}{}"
NODE_WITHOUT_NAME = "--node wants the name of a compute node: report lists them"
NEAR_ONES = "; near names: {}"
NO_PAGE_OF_A_NODE = "a page is of the whole cloud and of all columns: without --node and -c"
ASKED = "{} ({})"


class _Page(ListFormatter):
    """One more format; its page is made of more than the rows."""

    text = ""

    def add_argument_group(self, parser: argparse.ArgumentParser) -> None:
        """Nothing about it can be chosen."""

    def emit_list(self, column_names: Any, data: Any, stdout: Any, parsed_args: Any) -> None:
        stdout.write(self.text)


class ShowReport(PciLister):
    """Say what the whole cloud has: a row a node and resource class, from Placement alone.

    With --node NAME the providers of one node, as `provider list` on it shows them.
    """

    only_reads = True
    columns = COLUMNS
    brief = BRIEF
    sentences = ("marks", "state", "consumers")
    long = ("consumers",)
    labels: Sequence[str] = ("node", "resource_class")
    example = "--format html > cloud.html"

    def _load_formatter_plugins(self) -> ExtensionManager[ListFormatter]:
        self._page = _Page()
        formats: ExtensionManager[ListFormatter] = super()._load_formatter_plugins()
        # of ours only the name and the object are ever asked for: it comes from no entry point
        formats.extensions.append(Extension(HTML, None, None, self._page))  # type: ignore[arg-type]
        return formats

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --node and --read."""
        parser.add_argument("--node", metavar="NODE", help="the providers of this compute node")
        parser.add_argument(
            "--read",
            metavar="NUMBER",
            type=whole_number(0),
            default=MOST_READ,
            help="read so many providers by themselves of which not all is known (default: 100)",
        )

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show a person of a node what `provider list` does."""
        if parsed_args.node is not None:
            self.columns, self.brief = rows.OBSERVED_PROVIDER, rows.OBSERVED_BRIEF
            self.labels = ("name",)
        return super().run(parsed_args)

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Ask about the whole cloud, or about one node."""
        settings = self.settings()
        if parsed_args.formatter == HTML and (parsed_args.node or parsed_args.columns):
            raise RequestError(NO_PAGE_OF_A_NODE)
        if parsed_args.node is not None:
            return self._node(settings, parsed_args.node)
        return self._cloud_wide(settings, parsed_args.read)

    def _cloud_wide(self, settings: Settings, most_read: int) -> tuple[Any, Any]:
        from pci_placement.report.make import make_report
        from pci_placement.report.page import as_page
        from pci_placement.report.survey import survey
        from pci_placement.report.words import caveat, summary

        client = self.client(settings)
        found = make_report(survey(client, most_read))
        note = caveat(found, most_read)
        self.inform(
            ASKED.format(summary(found), counted(client.sent, "request")), *filter(None, [note])
        )
        self._page.text = as_page(found, note)
        lines = ({**asdict(line), "marks": ListCell(list(line.marks))} for line in found.lines)
        return self.table(COLUMNS, lines)

    def _node(self, settings: Settings, name: str) -> tuple[Any, Any]:
        from pci_placement.agent.ours import look_at_node

        if not name:  # of an empty one Placement lists all there are
            raise RequestError(NODE_WITHOUT_NAME)
        try:
            ours = look_at_node(self.client(settings), name)
        except RootNotFound as error:
            near = NEAR_ONES.format(", ".join(error.near)) if error.near else ""
            raise RequestError(NO_NODE_CALLED.format(name, near)) from error
        devices = by_provider(ours.counts)
        return self.table(
            rows.OBSERVED_PROVIDER,
            [
                rows.observed_row(have, ours.tree, devices, ours.users_of(have))
                for have in ours.providers
            ],
        )
