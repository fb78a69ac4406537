"""Which inventories can have to do with the same devices: those that share a card."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from pci_placement.model import ProviderUuid, ResourceClass
from pci_placement.plan.devices import CardIndex, DevicesByCard, union

from .counts import Counts
from .evidence import Evidence, Place, device_classes


class Neighbours:
    """Finds the inventories that share a card with one."""

    def __init__(self, evidence: Evidence, counts: Counts) -> None:
        self._evidence, self._counts = evidence, counts
        self._devices: dict[ProviderUuid, DevicesByCard] = {}
        self._places: dict[ProviderUuid, list[Place]] = {}

    def of(self, uuid: ProviderUuid, name: ResourceClass) -> list[Place]:
        """The other inventories of its provider, and those of providers on its cards."""
        own = uuid, name
        near = self._on_cards.on(self._devices_of(uuid))
        return [place for other in near for place in self._places_of(other) if place != own]

    @cached_property
    def _on_cards(self) -> CardIndex[ProviderUuid]:
        known = sorted({**self._evidence.ours, **self._evidence.wanted})
        return CardIndex((self._devices_of(uuid), uuid) for uuid in known)

    def _places_of(self, uuid: ProviderUuid) -> list[Place]:
        if uuid not in self._places:
            have, want = self._evidence.ours.get(uuid), self._evidence.wanted.get(uuid)
            classes = {**(have.inventories if have else {}), **(want.inventories if want else {})}
            self._places[uuid] = [(uuid, name) for name in device_classes(classes)]
        return self._places[uuid]

    def _devices_of(self, uuid: ProviderUuid) -> DevicesByCard:
        """What a provider counts, or may; of a card with one alone it is enough which card."""
        if uuid not in self._devices:
            card = self._evidence.card(uuid)
            found = union(*self._counted(uuid)) if card is None else {card: frozenset()}
            self._devices[uuid] = found
        return self._devices[uuid]

    def _counted(self, pool: ProviderUuid) -> Iterator[DevicesByCard]:
        for place in self._places_of(pool):
            yield self._counts.of(*place).may_hold
            yield self._evidence.listed(*place)
