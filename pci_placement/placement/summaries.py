"""What one question tells of a whole tree: who carries which traits, what is free, what is used.

GET /allocation_candidates answers with every provider of each tree in which something fits.

All classes and providers of the tree are told from 1.27 and 1.29 on, in_tree is known from 1.31 on.

Source: placement/rest_api_version_history.rst, 1.27, 1.29 and 1.31.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pci_placement import names
from pci_placement.errors import PlacementError
from pci_placement.model import Inventories, Inventory, ProviderUuid, ResourceClass, Trait

from .listing import Send

OLDEST = (1, 31)
_OF_THE_NODE = (names.read_resource_class("VCPU"),)
"""Asked for first: the node itself has it and free as a rule, and then there is one candidate."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of a provider without reading it; capacity is what is not reserved."""

    traits: frozenset[Trait]
    capacity: Mapping[ResourceClass, int]
    used: Mapping[ResourceClass, int]

    @property
    def is_used(self) -> bool:
        """Whether anybody has anything of it."""
        return any(self.used.values())

    def fits(self, inventories: Inventories) -> bool:
        """Whether these could be its inventories, by their classes and what can be claimed."""
        return self.capacity == {name: capacity_of(each) for name, each in inventories.items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """The summaries of a tree, and the providers that can serve what was asked for."""

    summaries: Mapping[ProviderUuid, Summary] = field(default_factory=dict)
    serving: frozenset[ProviderUuid] = frozenset()


class Summaries:
    """Asks for what of a tree is free."""

    def __init__(self, send: Send, root: ProviderUuid) -> None:
        self._send = send
        self._root = root

    def all(self, classes: Iterable[ResourceClass]) -> Mapping[ProviderUuid, Summary]:
        """All providers of the tree; none where nothing of these classes is free either."""
        for name in (*_OF_THE_NODE, *classes):
            if found := self.ask(name, 1).summaries:
                return found
        return {}

    def ask(self, name: ResourceClass, amount: int) -> Answer:
        """What can serve so much of a class at once: one request."""
        query = urlencode({"resources": f"{name}:{amount}", "in_tree": self._root}, safe=":")
        try:
            answer = self._send("GET", f"/allocation_candidates?{query}")
        except PlacementError as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            return Answer()  # a Placement that has never heard of the class
        requests = answer["allocation_requests"]
        return Answer(
            summaries_of(answer),
            frozenset(uuid for request in requests for uuid in request["allocations"]),
        )


def summaries_of(answer: Mapping[str, Any]) -> dict[ProviderUuid, Summary]:
    """What an answer with candidates tells of each provider of their trees."""
    return {uuid: _summary(each) for uuid, each in answer["provider_summaries"].items()}


def _summary(answer: Mapping[str, Any]) -> Summary:
    resources = answer["resources"]
    return Summary(
        frozenset(map(names.read_trait, answer["traits"])),
        {names.read_resource_class(name): each["capacity"] for name, each in resources.items()},
        {names.read_resource_class(name): each["used"] for name, each in resources.items()},
    )


def capacity_of(inventory: Inventory) -> int:
    """How much of it can be claimed when nobody has any."""
    return int((inventory.total - inventory.reserved) * inventory.allocation_ratio)
