"""What each inventory counts now and is to count, and which devices its claims may hold.

Placement counts devices and does not tell them apart. As long as an inventory counts the same
devices, that is enough; when devices move from one inventory to another, a claim of before may
hold any of those that its inventory counted then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pci_placement import identity, names
from pci_placement.model import (
    ConsumerUuid,
    InventoryKey,
    ObservedProvider,
    PciAddress,
    Provider,
    ProviderKey,
    ResourceClass,
    Trait,
)

from .devices import CardIndex, DevicesByCard, by_card, contains, count, functions_of, near, union

OurProviders = Mapping[ProviderKey, ObservedProvider]
WantedProviders = Mapping[ProviderKey, Provider]

Claims = Mapping[ConsumerUuid, int]
"""How many devices of an inventory each consumer has."""


@dataclass(frozen=True)
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

    @cached_property
    def total(self) -> int:
        """How many devices."""
        return count(self.devices)

    def may_be(self, ids: frozenset[Trait]) -> bool:
        """Whether its devices can be of the hardware that the traits of a provider tell."""
        return not ids or self.hardware is None or bool(ids & self.hardware)


@dataclass(frozen=True)
class ObservedInventory:
    """One class of one of our providers as it is in Placement.

    devices are those that it counts, as far as they are known; claims are None while nobody
    asked. Of them `old` hold some of `may_hold`, which may be other devices than those that are to
    be counted from now on. leaving tells that some of its devices are to be counted elsewhere, or
    not at all; stays that it must be kept all the same, because it is out of service, as must all
    that is out of service of which nobody knows what it counts; draining that we left nothing to
    claim of this class; slotted that each claim holds its slots. ids are the traits that tell which
    hardware it counts. told is that may_hold is what its claims do hold, forgotten that nobody
    remembers what it counted when those were made.

    Where it is not known what an inventory counted that is leaving, out of service, or has claims
    of before, what can be seen now says nothing: that may be any device that it could ever have
    counted.
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
    draining: bool = False
    slotted: bool = False
    told: bool = False
    forgotten: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether its claims may hold more than can be named."""
        return not (self.known or self.told) and (self.leaving or self.may_block)

    @cached_property
    def is_sure(self) -> bool:
        """Whether it is certain what it counts: of a plain device or a whole PF its key says it."""
        return self.known or is_told_by_key(self.key.provider, union(self.devices, self.may_hold))

    @cached_property
    def card(self) -> PciAddress | None:
        """The card of its provider; None of a pool, which may have counted any."""
        return identity.card_of_key(self.key.provider)

    @cached_property
    def functions(self) -> frozenset[PciAddress]:
        """The devices that it counts, whatever their cards."""
        return functions_of(self.devices)

    @cached_property
    def used_before(self) -> int:
        """How many devices the claims of before hold."""
        return sum(self.old.values())

    def used_of(self, target: WantedInventory) -> int:
        """How many of the devices of its target its claims surely hold.

        Those of before do where all that they may hold is among them.
        """
        known = not self.is_unknown and contains(target.devices, self.may_hold)
        return sum((self.claims or {}).values()) - (0 if known else self.used_before)

    @property
    def may_block(self) -> bool:
        """Whether somebody else may have to wait for it: for its claims, or an operator's word."""
        return self.stays or self.used_before > 0

    def _is_part_of(self, target: WantedInventory) -> bool:
        """Whether its claims are of VFs of the PF that a target is; slots keep that from others."""
        card = self.card
        if card is None or self.key.provider != target.key.provider:
            return False
        whole = target.devices.get(card) == frozenset({card})
        return target.shares_slots and whole and card not in self.may_hold.get(card, ())

    def counts_of(self, target: WantedInventory) -> DevicesByCard:
        """The devices that it counts near a target, with those that it may have counted."""
        return self._near(self.devices, target)

    def holds_of(self, target: WantedInventory) -> DevicesByCard:
        """The devices near a target that its claims may hold."""
        return self._near(self.may_hold, target)

    def _near(self, devices: DevicesByCard, target: WantedInventory) -> DevicesByCard:
        found = near(devices, target.devices)
        return union(found, self._of(target)) if self.is_unknown else found

    def _of(self, target: WantedInventory) -> DevicesByCard:
        card = self.card
        if card is None:
            return target.devices if target.may_be(self.ids) else {}
        return {card: target.devices.get(card, frozenset())}

    def on_offer_of(self, target: WantedInventory) -> int:
        """How many of the devices of its target it surely offers now.

        Its total says so where it counted no others, as far as that is known, and where it gives
        none up.
        """
        if self.draining or (self.leaving and not self.is_sure):
            return 0
        return self.total - len(self.functions - functions_of(target.devices))

    def withdrawn_from(self, target: WantedInventory, *, together: bool = False) -> int:
        """How many of its devices are perhaps not free for what is wanted.

        together tells that both are out of service, and that an operator takes back both at once.
        """
        if self.key == target.key or (self.slotted and self._is_part_of(target)):
            return 0
        most = self.used_before
        if self.stays and not together and target.key.provider != self.key.provider:
            # all that is out of service, and what others hold who were there before; of what nobody
            # knows more were counted perhaps when it became so
            most += target.total if self.is_unknown else max(self.total, len(self.functions))
        return most


def is_told_by_key(key: ProviderKey, devices: DevicesByCard) -> bool:
    """Whether devices are the one that the key of their provider names."""
    card = identity.card_of_key(key)
    return card is not None and devices == {card: frozenset({card})}


class Near:
    """Finds the inventories that can have to do with the devices of a target, by some of theirs."""

    def __init__(self, items: Iterable[tuple[DevicesByCard, ObservedInventory]]) -> None:
        items = tuple(items)
        self._index = CardIndex(items)
        # pools of which nobody knows what they counted may have to do with any card
        self._anywhere = [now for _, now in items if now.is_unknown and now.card is None]

    def to(self, target: WantedInventory) -> list[ObservedInventory]:
        """Each once; those last that may be anywhere."""
        found = self._index.on(target.devices)
        there = {now.key for now in found} if self._anywhere else ()
        return [*found, *(now for now in self._anywhere if now.key not in there)]


def wanted_inventories(wanted: Iterable[Provider]) -> tuple[WantedInventory, ...]:
    """What is to be counted where."""
    return tuple(target for provider in wanted for target in _targets(provider))


def _targets(provider: Provider) -> Iterable[WantedInventory]:
    ids = names.ids_among(provider.traits)
    counted: dict[ResourceClass, list[PciAddress]] = {}
    for address, name in provider.addresses.items():
        counted.setdefault(name, []).append(address)
    for name in provider.inventories:
        if name != names.SLOT:
            devices = by_card(provider.key, counted.get(name, ()))
            hardware = _hardware(provider, devices, ids)
            key = InventoryKey(provider.key, name)
            several = names.SLOT in provider.inventories and len(provider.inventories) > 2
            yield WantedInventory(key, devices, ids, hardware, several)


def _hardware(
    provider: Provider, devices: DevicesByCard, ids: frozenset[Trait]
) -> frozenset[Trait] | None:
    """VFs tell nothing of the hardware of their PF, which may be what somebody holds.

    Unless the PF is offered beside them: then the provider tells of both.
    """
    is_told = provider.card_ids or not devices.keys().isdisjoint(provider.addresses)
    return ids | provider.card_ids if is_told else None
