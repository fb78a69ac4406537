"""Which inventories can have to do with the same devices: those that share a card."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from pci_placement.model import PciAddress, ProviderUuid, ResourceClass

from .counts import Counts
from .evidence import Evidence, Place, device_classes


class Neighbours:
    """Finds the inventories that share a card with one."""

    def __init__(self, evidence: Evidence, counts: Counts) -> None:
        self._evidence, self._counts = evidence, counts

    def of(self, uuid: ProviderUuid, name: ResourceClass) -> list[Place]:
        """The other inventories of its provider, and those of providers on its cards."""
        found = {other for card in self._cards(uuid) for other in self._on_card.get(card, ())}
        return [
            (other, other_name)
            for other in sorted(found)
            for other_name in self._classes(other)
            if (other, other_name) != (uuid, name)
        ]

    def _classes(self, uuid: ProviderUuid) -> list[ResourceClass]:
        have, want = self._evidence.ours.get(uuid), self._evidence.wanted.get(uuid)
        there = have.inventories if have else {}
        return device_classes(dict.fromkeys([*there, *(want.inventories if want else ())]))

    @cached_property
    def _on_card(self) -> dict[PciAddress, list[ProviderUuid]]:
        found: dict[PciAddress, list[ProviderUuid]] = {}
        for uuid in {**self._evidence.ours, **self._evidence.wanted}:
            for card in self._cards(uuid):
                found.setdefault(card, []).append(uuid)
        return found

    def _cards(self, uuid: ProviderUuid) -> Iterator[PciAddress]:
        card = self._evidence.card(uuid)
        if card is not None:
            yield card
            return
        want = self._evidence.wanted.get(uuid)
        yield from dict.fromkeys([*(want.addresses if want else ()), *self._counted(uuid)])

    def _counted(self, uuid: ProviderUuid) -> Iterator[PciAddress]:
        have = self._evidence.ours.get(uuid)
        for name in device_classes(have.inventories) if have else ():
            held = self._counts.of(uuid, name)
            yield from held.devices
            yield from held.old_devices
