"""Looking at providers of the whole cloud, whichever compute node they belong to; reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pci_placement import names
from pci_placement.errors import PlacementError
from pci_placement.model import ResourceClass, Trait

from .client import Client


@dataclass(frozen=True, slots=True)
class CandidateProvider:
    """A provider that can be claimed from now; capacity is the total without what is reserved."""

    uuid: str
    root: str
    traits: frozenset[Trait]
    capacity: Mapping[ResourceClass, int]
    used: Mapping[ResourceClass, int]

    @property
    def free(self) -> dict[ResourceClass, int]:
        """What could be claimed of each class."""
        return {name: has - self.used[name] for name, has in self.capacity.items()}


@dataclass(frozen=True, slots=True)
class ClassUsage:
    """What a provider has of one class, whether it can be claimed or not."""

    total: int
    reserved: int
    used: int
    traits: frozenset[Trait]


class Cloud:
    """The providers of all compute nodes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def unknown_names(
        self, classes: Iterable[ResourceClass], traits: Iterable[Trait]
    ) -> frozenset[str]:
        """Those of the names that this Placement does not know."""
        return self._client.unknown_names(classes, traits)

    def unknown_traits(self, traits: Iterable[Trait]) -> frozenset[Trait]:
        """Those of the traits that this Placement does not know."""
        return self._client.unknown_traits(traits)

    def offers(self, query: str, microversion: str) -> list[CandidateProvider]:
        """The providers that can serve a query of one group now: one request."""
        url = f"/allocation_candidates?{query}"
        answer = self._client.send("GET", url, version=microversion)
        uuids = {uuid for r in answer["allocation_requests"] for uuid in r["allocations"]}
        return [_offered(uuid, answer["provider_summaries"][uuid]) for uuid in sorted(uuids)]

    def name_of(self, uuid: str) -> str:
        """The name of a provider: one request."""
        name: str = self._client.send("GET", f"/resource_providers/{uuid}")["name"]
        return name

    def carried_traits(self, prefix: str) -> list[Trait]:
        """The traits that begin so and that some provider carries: one request."""
        url = f"/traits?name=startswith:{quote(prefix)}&associated=true"
        return sorted(map(names.read_trait, self._client.send("GET", url)["traits"]))

    def carriers(self, required: Iterable[Trait], forbidden: Iterable[Trait]) -> list[str]:
        """The providers that carry all of some traits and none of others: one request.

        Raises PlacementError (400) for a trait that Placement has never heard of.
        """
        traits = quote(",".join([*required, *(f"!{trait}" for trait in forbidden)]))
        answer = self._client.send("GET", f"/resource_providers?required={traits}")
        return [provider["uuid"] for provider in answer["resource_providers"]]

    def classes(self, uuid: str) -> frozenset[ResourceClass]:
        """The classes that a provider has, in use or not: one request; none if it is gone."""
        inventories = self._read(uuid, "inventories")
        return frozenset(map(names.read_resource_class, inventories))

    def class_usage(self, uuid: str, name: ResourceClass) -> ClassUsage | None:
        """What a provider has of a class: up to three requests; None if it has none."""
        inventory = self._read(uuid, "inventories").get(name)
        if not inventory:
            return None
        traits = frozenset(map(names.read_trait, self._read(uuid, "traits")))
        used = self._read(uuid, "usages").get(name, 0)
        return ClassUsage(inventory["total"], inventory["reserved"], used, traits)

    def _read(self, uuid: str, what: str) -> Any:
        """One aspect of a provider; nothing of one that was deleted since it was listed."""
        try:
            return self._client.send("GET", f"/resource_providers/{uuid}/{what}")[what]
        except PlacementError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return {}


def _offered(uuid: str, summary: Any) -> CandidateProvider:
    has = {names.read_resource_class(name): has for name, has in summary["resources"].items()}
    return CandidateProvider(
        uuid,
        summary["root_provider_uuid"],
        frozenset(map(names.read_trait, summary["traits"])),
        {name: numbers["capacity"] for name, numbers in has.items()},
        {name: numbers["used"] for name, numbers in has.items()},
    )
