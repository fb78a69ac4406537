"""What each inventory counts now and is to count, and which devices its claims may hold.

Placement counts devices and does not tell them apart. As long as an inventory counts the same
devices, that is enough; when devices move from one inventory to another, a claim of before may
hold any of those that its inventory counted then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pci_placement import identity, names
from pci_placement.model import (
    ConsumerUuid,
    InventoryKey,
    ObservedProvider,
    PciAddress,
    Provider,
    ProviderKey,
    Trait,
)

from .devices import DevicesByCard, by_card, count, functions_of, union

OurProviders = Mapping[ProviderKey, ObservedProvider]
WantedProviders = Mapping[ProviderKey, Provider]

Claims = Mapping[ConsumerUuid, int]
"""How many devices of an inventory each consumer has."""


@dataclass(frozen=True, slots=True)
class WantedInventory:
    """One class of a wanted provider, and the devices that it is to count.

    ids are the traits that tell which hardware they are, hardware those that tell which hardware
    somebody may hold who holds them; it is None of VFs of a card that is not known. shares_slots
    tells of a PF and of its VFs that only as many of both can be claimed as their slots allow.
    """

    key: InventoryKey
    devices: DevicesByCard
    ids: frozenset[Trait]
    hardware: frozenset[Trait] | None
    shares_slots: bool = False

    @property
    def total(self) -> int:
        """How many devices."""
        return count(self.devices)

    def may_be(self, ids: frozenset[Trait]) -> bool:
        """Whether its devices can be of the hardware that the traits of a provider tell."""
        return not ids or self.hardware is None or bool(ids & self.hardware)


@dataclass(frozen=True, slots=True)
class ObservedInventory:
    """One class of one of our providers as it is in Placement.

    devices are those that it counts, as far as they are known; claims are None while nobody
    asked. Of them `old` hold some of `may_hold`, which may be other devices than those that are to
    be counted from now on. leaving tells that some of its devices are to be counted elsewhere, or
    not at all; stays that it must be kept all the same, because it is out of service; drained that
    we left nothing to claim of it; slotted that each claim holds its slots. ids are the
    traits that tell which hardware it counts.

    Where it is not known what an inventory counted that is leaving, or has claims of before, what
    can be seen now says nothing: those may hold any device that it could ever have counted.
    """

    key: InventoryKey
    name: str
    total: int
    devices: DevicesByCard
    known: bool
    leaving: bool
    claims: Claims | None
    old: Claims
    may_hold: DevicesByCard
    ids: frozenset[Trait]
    stays: bool = False
    drained: bool = False
    slotted: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether its claims may hold more than can be named."""
        return not self.known and (self.leaving or bool(self.old))

    @property
    def is_sure(self) -> bool:
        """Whether it is certain what it counts: of a plain device or a whole PF its key says it."""
        card = self.card
        return self.known or (card is not None and self.devices == {card: frozenset({card})})

    @property
    def card(self) -> PciAddress | None:
        """The card of its provider; None of a pool, which may have counted any."""
        return identity.card_of_key(self.key.provider)

    def _is_part_of(self, target: WantedInventory) -> bool:
        """Whether its claims are of VFs of the PF that a target is; slots keep that from others."""
        card = self.card
        if card is None or self.key.provider != target.key.provider:
            return False
        whole = target.devices.get(card) == frozenset({card})
        return target.shares_slots and whole and card not in self.may_hold.get(card, ())

    def counts_of(self, target: WantedInventory) -> DevicesByCard:
        """The devices that it counts, with those of a target that it may have counted."""
        return union(self.devices, self._of(target)) if self.is_unknown else self.devices

    def holds_of(self, target: WantedInventory) -> DevicesByCard:
        """The devices that its claims may hold, with those of a target that they may hold."""
        return union(self.may_hold, self._of(target)) if self.is_unknown else self.may_hold

    def _of(self, target: WantedInventory) -> DevicesByCard:
        card = self.card
        if card is None:
            return target.devices if target.may_be(self.ids) else {}
        return {card: target.devices.get(card, frozenset())}

    def on_offer_of(self, target: WantedInventory) -> int:
        """How many of the devices of its target it surely offers now.

        Its total says so where it counted no others, as far as that is known.
        """
        if self.drained or not self.is_sure:
            return 0
        gone = functions_of(self.devices) - functions_of(target.devices)
        return self.total - len(gone)

    def withdrawn_from(self, target: WantedInventory) -> int:
        """How many of its devices are perhaps not free for what is wanted."""
        if self.key == target.key or (self.slotted and self._is_part_of(target)):
            return 0
        most = sum(self.old.values())
        if self.stays and target.key.provider != self.key.provider:
            # all that is out of service, and what others hold who were there before
            most += max(self.total, count(self.devices))
        return most


def wanted_inventories(wanted: Iterable[Provider]) -> tuple[WantedInventory, ...]:
    """What is to be counted where."""
    return tuple(target for provider in wanted for target in _targets(provider))


def _targets(provider: Provider) -> Iterable[WantedInventory]:
    ids = names.ids_among(provider.traits)
    for name in provider.inventories:
        if name != names.SLOT:
            counted = (a for a, of in provider.addresses.items() if of == name)
            devices = by_card(provider.key, counted)
            hardware = _hardware(devices, ids, provider.card_ids)
            key = InventoryKey(provider.key, name)
            several = names.SLOT in provider.inventories and len(provider.inventories) > 2
            yield WantedInventory(key, devices, ids, hardware, several)


def _hardware(
    devices: DevicesByCard, ids: frozenset[Trait], card_ids: frozenset[Trait]
) -> frozenset[Trait] | None:
    """VFs tell nothing of the hardware of their PF, which may be what somebody holds."""
    of_vfs = all(card not in functions for card, functions in devices.items())
    return None if of_vfs and not card_ids else ids | card_ids
