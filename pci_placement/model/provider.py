"""What Placement keeps: providers, as this host wants them and as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NewType

from .host import PciAddress

ResourceClass = NewType("ResourceClass", str)
"""A resource class name that Placement accepts; made only in `pci_placement.names`."""

Trait = NewType("Trait", str)
"""A trait name that Placement accepts; made only in `pci_placement.names`."""


ProviderKey = NewType("ProviderKey", str)
"""What a provider of ours is about, such as an address; made only in `pci_placement.identity`."""

ProviderUuid = NewType("ProviderUuid", str)
"""How Placement names a provider."""

ConsumerUuid = NewType("ConsumerUuid", str)
"""How Placement names who claims: a container, a server."""


class InventoryKey(NamedTuple):
    """One inventory of ours: a class of a provider, by the provider's key."""

    provider: ProviderKey
    resource_class: ResourceClass


@dataclass(frozen=True, slots=True)
class Inventory:
    """How much of a resource class a provider has; all six fields, so that diffs are exact."""

    total: int
    reserved: int = 0
    min_unit: int = 1
    max_unit: int = 1
    step_size: int = 1
    allocation_ratio: float = 1.0

    @property
    def is_all_reserved(self) -> bool:
        """Whether all of it is meant to be reserved, and is but for the room of claims that move.

        Placement moves no claim to where all is reserved. Should the request not come that reserves
        the rest again, max_unit tells it, which nobody else sets so.

        Source: placement/objects/allocation.py, _check_capacity_exceeded.
        """
        return self.reserved >= self.total or self.makes_room

    @property
    def makes_room(self) -> bool:
        """Whether some of it is not reserved only because claims were to move."""
        return self.max_unit == self.total + MAKING_ROOM

    @property
    def meant_reserved(self) -> int:
        """How much of it is meant to be reserved."""
        return self.total if self.is_all_reserved else self.reserved


MAKING_ROOM = 1 << 20
"""More than any host has devices."""

Inventories = Mapping[ResourceClass, Inventory]

Consumers = Mapping[ConsumerUuid, Mapping[ResourceClass, int]]
"""What each consumer holds of one provider: its claims (nova calls it so: claim_resources)."""


@dataclass(frozen=True, slots=True)
class Root:
    """The compute node's own provider: looked up, never changed."""

    uuid: ProviderUuid
    name: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as this host would have it, known by its key until the root's uuid is known.

    key is an address, `<address>:vf`, or one of the longer forms of doc/model.md; parent_key is
    None for a child of the root. addresses are the devices that its inventory counts, card_ids what
    is known of the hardware of the cards that they are parts of.
    """

    key: ProviderKey
    parent_key: ProviderKey | None = None
    inventories: Inventories = field(default_factory=dict)
    traits: frozenset[Trait] = frozenset()
    addresses: Mapping[PciAddress, ResourceClass] = field(default_factory=dict)
    one_time_use: bool = False
    card_ids: frozenset[Trait] = frozenset()


@dataclass(frozen=True, slots=True)
class ProviderTree:
    """All providers that this host wants below its root, parents before children.

    held names the cards on which nothing may change in this pass, and why; not_ours those that are
    not ours to give, of which what is on offer is drained.
    """

    providers: tuple[Provider, ...]
    held: Mapping[PciAddress, str] = field(default_factory=dict)
    not_ours: Mapping[PciAddress, str] = field(default_factory=dict)

    def by_key(self) -> dict[ProviderKey, Provider]:
        """Index the providers by key."""
        return {provider.key: provider for provider in self.providers}


@dataclass(frozen=True, slots=True)
class ListedProvider:
    """One line of Placement's list of a tree."""

    uuid: ProviderUuid
    name: str
    parent: ProviderUuid | None
    generation: int


@dataclass(frozen=True, slots=True)
class ObservedProvider:
    """A provider as Placement has it; a desired one has no generation, so they never mix.

    consumers maps each consumer to what it holds here; it is None while nobody asked. unused tells
    that nobody had anything of it at this generation, which every claim moves. others are
    inventories of another service on a provider of ours: see `plan.others`.

    Source: placement/objects/allocation.py, _set_allocations (increment_generation).
    """

    uuid: ProviderUuid
    name: str
    parent: ProviderUuid | None
    generation: int
    inventories: Inventories
    traits: frozenset[Trait]
    has_aggregates: bool = False
    consumers: Consumers | None = None
    unused: bool = False
    others: Inventories = field(default_factory=dict)

    @property
    def used(self) -> dict[ResourceClass, int]:
        """How much of each class its consumers hold."""
        total: dict[ResourceClass, int] = {}
        for resources in (self.consumers or {}).values():
            for name, amount in resources.items():
                total[name] = total.get(name, 0) + amount
        return total

    @property
    def reserves(self) -> bool:
        """Whether some of it is meant to be reserved."""
        return any(inventory.meant_reserved for inventory in self.inventories.values())

    def written(self, inventories: Inventories, traits: frozenset[Trait]) -> ObservedProvider:
        """The same with other inventories and traits, which is what most writes make of one."""
        # as `replace` does it, which takes as long as all else that is done for a step of a plan
        return ObservedProvider(
            self.uuid,
            self.name,
            self.parent,
            self.generation,
            inventories,
            traits,
            self.has_aggregates,
            self.consumers,
            self.unused,
            self.others,
        )


@dataclass(frozen=True, slots=True)
class ObservedTree:
    """The compute node's tree in Placement.

    Every provider is listed; those that can be ours are read in full and have their keys in `keys`.
    strangers carry our mark and are none of these, as far as anybody was told. used is how much of
    each class is in use, by the providers of which that was told on the way.
    """

    root: Root
    listed: tuple[ListedProvider, ...]
    providers: Mapping[ProviderUuid, ObservedProvider]
    keys: Mapping[ProviderUuid, ProviderKey]
    strangers: tuple[ListedProvider, ...] = ()
    used: Mapping[ProviderUuid, Mapping[ResourceClass, int]] = field(default_factory=dict)
