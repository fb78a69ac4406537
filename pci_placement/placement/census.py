"""The whole cloud in few requests: who is there, who is marked as ours, and what can be had."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pci_placement import names
from pci_placement.errors import PlacementError
from pci_placement.model import Inventories, ListedProvider, ProviderUuid, ResourceClass, Trait

from .client import Client
from .listing import as_line
from .reading import inventories_of
from .summaries import Summary, capacity_of, summaries_of


class Census:
    """Asks about providers of all compute nodes; each method is one request, but for `read`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def marked(self) -> frozenset[ProviderUuid]:
        """The providers that carry our mark; none where no agent has ever made one."""
        url = f"/resource_providers?{urlencode({'required': names.MANAGED})}"
        return frozenset(line.uuid for line in self._lines(url, HTTPStatus.BAD_REQUEST))

    def everybody(self) -> dict[ProviderUuid, ListedProvider]:
        """All providers of the cloud."""
        return {line.uuid: line for line in self._lines("/resource_providers")}

    def classes(self) -> list[ResourceClass]:
        """All classes that this Placement knows, those of our making first."""
        told = self._client.send("GET", "/resource_classes")["resource_classes"]
        known = [names.read_resource_class(each["name"]) for each in told]
        return sorted(known, key=lambda name: (not names.is_of_our_making(name), name))

    def trees_with(
        self, name: ResourceClass, mark: Trait | None = None
    ) -> dict[ProviderUuid, Summary]:
        """What is told of all providers of trees in which something of a class is free.

        With a mark, only where it is free on a provider that carries it.
        """
        query = {"resources": f"{name}:1"} | ({"required": mark} if mark else {})
        url = f"/allocation_candidates?{urlencode(query, safe=':')}"
        return summaries_of(self._client.send("GET", url))

    def inventories(self, uuid: ProviderUuid) -> Inventories:
        """The inventories of a provider in full; none if it is gone."""
        return inventories_of(self._aspect(uuid, "inventories"))

    def read(self, uuid: ProviderUuid) -> tuple[Summary, Inventories]:
        """The same, and what a summary tells: three requests, or one where there are none."""
        inventories = self.inventories(uuid)
        if not inventories:
            return Summary(frozenset(), {}, {}), {}
        traits, used = self._aspect(uuid, "traits"), self._aspect(uuid, "usages")
        told = Summary(
            frozenset(map(names.read_trait, traits)),
            {name: capacity_of(each) for name, each in inventories.items()},
            {name: used.get(name, 0) for name in inventories},
        )
        return told, inventories

    def _lines(self, url: str, *nothing: HTTPStatus) -> Iterable[ListedProvider]:
        return map(as_line, self._ask(url, "resource_providers", *nothing) or ())

    def _aspect(self, uuid: ProviderUuid, what: str) -> Any:
        """One aspect of a provider; nothing of one that was deleted since it was listed."""
        return self._ask(f"/resource_providers/{uuid}/{what}", what, HTTPStatus.NOT_FOUND) or {}

    def _ask(self, url: str, what: str, *nothing: HTTPStatus) -> Any:
        try:
            return self._client.send("GET", url)[what]
        except PlacementError as error:
            if error.status not in nothing:
                raise
            return None
