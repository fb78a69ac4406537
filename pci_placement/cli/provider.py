"""`provider list`: our providers, in Placement or as this host would have them."""

from __future__ import annotations

import argparse
from typing import Any

from pci_placement.agent.ours import look_at_ours
from pci_placement.mapping.claims import by_provider
from pci_placement.settings import Settings

from . import rows
from .base import PciLister


class ProviderList(PciLister):
    """List the providers that pci-placement keeps for this host."""

    only_reads = True
    columns = rows.OBSERVED_PROVIDER
    sentences = ("state", "consumers")
    long = ("consumers",)
    labels = ("name",)
    example = "--desired"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --desired."""
        parser.add_argument(
            "--desired",
            action="store_true",
            help="as this host would have them; needs no Placement",
        )

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Show a person who uses what, where that is known."""
        self.brief = rows.PROVIDER_BRIEF if parsed_args.desired else rows.OBSERVED_BRIEF
        self.columns = rows.PROVIDER if parsed_args.desired else rows.OBSERVED_PROVIDER
        return super().run(parsed_args)

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Work the tree out, or read it."""
        settings = self.settings()
        return self._desired(settings) if parsed_args.desired else self._observed(settings)

    def _desired(self, settings: Settings) -> tuple[Any, Any]:
        root = self.agent(settings).last_pass().root
        uuid = settings.root_provider_uuid or (root.uuid if root else None)
        name = root.name if root and root.uuid == uuid else settings.root_provider_name
        tree = self.host(settings).tree
        return self.table(
            rows.PROVIDER, [rows.desired_row(provider, name, uuid) for provider in tree.providers]
        )

    def _observed(self, settings: Settings) -> tuple[Any, Any]:
        ours = look_at_ours(self.agent(settings), self.host(settings))
        devices = by_provider(ours.counts)
        return self.table(
            rows.OBSERVED_PROVIDER,
            [
                rows.observed_row(have, ours.tree, devices, ours.users_of(have))
                for have in ours.providers
            ],
        )
