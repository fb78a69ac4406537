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

    def of(self, uuid: ProviderUuid, name: ResourceClass) -> list[Place]:
        """The other inventories of its provider, and those of providers on its cards."""
        own = uuid, name
        return [place for place in self._on_cards.on(self._devices_of(uuid)) if place != own]

    @cached_property
    def _on_cards(self) -> CardIndex[Place]:
        return CardIndex(
            (self._devices_of(uuid), (uuid, name))
            for uuid in sorted({**self._evidence.ours, **self._evidence.wanted})
            for name in self._classes(uuid)
        )

    def _classes(self, uuid: ProviderUuid) -> list[ResourceClass]:
        have, want = self._evidence.ours.get(uuid), self._evidence.wanted.get(uuid)
        there = have.inventories if have else {}
        return device_classes(dict.fromkeys([*there, *(want.inventories if want else ())]))

    def _devices_of(self, uuid: ProviderUuid) -> DevicesByCard:
        """What a provider counts, or may; of a card with one alone it is enough which card."""
        if uuid not in self._devices:
            card = self._evidence.card(uuid)
            found = union(*self._counted(uuid)) if card is None else {card: frozenset()}
            self._devices[uuid] = found
        return self._devices[uuid]

    def _counted(self, pool: ProviderUuid) -> Iterator[DevicesByCard]:
        for name in self._classes(pool):
            yield self._counts.of(pool, name).may_hold
            yield self._evidence.listed(pool, name)
