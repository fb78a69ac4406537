"""Which inventories can have to do with the same devices: those that share a card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from pci_placement import names
from pci_placement.model import PciAddress, ProviderUuid, ResourceClass
from pci_placement.plan.devices import CardIndex, DevicesByCard, union

from .counts import Counts
from .evidence import Evidence, Place


class Neighbours:
    """Finds the inventories that share a card with one."""

    def __init__(self, evidence: Evidence, counts: Counts) -> None:
        self._evidence, self._counts = evidence, counts
        self._pools: dict[ProviderUuid, DevicesByCard] = {}
        self._places: dict[ProviderUuid, list[Place]] = {}
        self._found: dict[Place, list[Place]] = {}

    def of(self, uuid: ProviderUuid, name: ResourceClass) -> list[Place]:
        """The other inventories of its provider, and those of providers on its cards."""
        own = uuid, name
        if own not in self._found:
            near = self._near(uuid)
            self._found[own] = [p for other in near for p in self._places_of(other) if p != own]
        return self._found[own]

    def _near(self, uuid: ProviderUuid) -> Iterable[ProviderUuid]:
        """The providers that share a card with one, and itself."""
        card = self._evidence.card(uuid)
        if card is None:
            return self._on_cards.on(self._counted(uuid))
        return self._on_cards.at(card) if card in self._shared else (uuid,)

    @cached_property
    def _shared(self) -> set[PciAddress]:
        """The cards that several providers have something of; most have one to themselves."""
        seen: set[PciAddress] = set()
        shared: set[PciAddress] = set()
        for uuid in {**self._evidence.ours, **self._evidence.wanted}:
            for card in self._cards_of(uuid):
                (shared if card in seen else seen).add(card)
        return shared

    @cached_property
    def _on_cards(self) -> CardIndex[ProviderUuid]:
        known = sorted({**self._evidence.ours, **self._evidence.wanted})
        return CardIndex((self._cards_of(uuid), uuid) for uuid in known)

    def _cards_of(self, uuid: ProviderUuid) -> Iterable[PciAddress]:
        card = self._evidence.card(uuid)
        return self._counted(uuid) if card is None else (card,)

    def _places_of(self, uuid: ProviderUuid) -> list[Place]:
        if uuid not in self._places:
            have, want = self._evidence.ours.get(uuid), self._evidence.wanted.get(uuid)
            has, wants = have.inventories if have else {}, want.inventories if want else {}
            classes = {**has, **wants} if has else wants
            self._places[uuid] = [(uuid, name) for name in classes if name != names.SLOT]
        return self._places[uuid]

    def _counted(self, pool: ProviderUuid) -> DevicesByCard:
        """What a pool counts, or may."""
        if pool not in self._pools:
            self._pools[pool] = union(*self._all_of(pool))
        return self._pools[pool]

    def _all_of(self, pool: ProviderUuid) -> Iterator[DevicesByCard]:
        for place in self._places_of(pool):
            yield self._counts.of(*place).may_hold
            yield self._evidence.listed(*place)
