"""What is below the nodes is as our passes leave it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tempest import config
from tempest.lib import decorators

from pci_placement.tempest.base import Check
from pci_placement.tempest.trees import amiss, roots_of

CONF = config.CONF

NO_NODE_OF_OURS = "no node has a provider of ours"
NO_SUCH_NODE = "[pci_placement] nodes of tempest.conf names {}, and Placement has no such provider"


class TreesTest(Check):
    """Our part of a tree is ours alone."""

    @decorators.idempotent_id("c923ee66-e219-426c-be56-5ac72f9c1079")
    def test_a_nodes_tree_is_ours_alone(self) -> None:
        """All with our mark is ours, nothing else is below it, and nobody reports the same card."""
        marked = self.ours()
        roots = list(self._named()) or roots_of(marked)
        if not roots:
            raise self.skipException(NO_NODE_OF_OURS)
        uuids = {provider["uuid"] for provider in marked}
        self.check_none(line for root in roots for line in self._amiss(root, uuids))

    def _amiss(self, root: str, marked: set[str]) -> Iterator[str]:
        return amiss(root, self._listed(in_tree=root), marked)

    def _named(self) -> Iterator[str]:
        for name in CONF.pci_placement.nodes:
            found = self._listed(name=name)
            self.assertTrue(found, NO_SUCH_NODE.format(name))
            yield found[0]["uuid"]

    def _listed(self, **query: str) -> list[dict[str, Any]]:
        return list(self.providers.list_resource_providers(**query)["resource_providers"])
