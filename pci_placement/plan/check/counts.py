"""Which devices the claims of an inventory may hold, as far as anybody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pci_placement import identity, names
from pci_placement.model import (
    ConsumerUuid,
    Counted,
    InventoryKey,
    ObservedProvider,
    PciAddress,
    ProviderKey,
    ProviderUuid,
    ResourceClass,
    Trait,
)
from pci_placement.plan.devices import DevicesByCard, by_card, contains, count, functions_of, union

from .evidence import Evidence, Place


@dataclass(frozen=True)
class Holdings:
    """What the claims of one inventory held before the plan.

    devices are those that any of its claims may hold; old are claims of before that, which may
    hold old_devices. known is False where nobody remembers, and devices is all that is possible.
    leaving tells that something of it is to be counted elsewhere now, or not at all, forgotten that
    nothing was written down of it, not even which of its claims are of before. given is what
    consumers were given of these devices.
    """

    devices: DevicesByCard
    old_devices: DevicesByCard = field(default_factory=dict)
    old: Mapping[ConsumerUuid, int] = field(default_factory=dict)
    known: bool = True
    leaving: bool = False
    forgotten: bool = False
    given: Mapping[ConsumerUuid, DevicesByCard] = field(default_factory=dict)

    @cached_property
    def may_hold(self) -> DevicesByCard:
        """The devices that some claim may hold, whenever it was made."""
        return union(self.devices, self.old_devices)

    @property
    def all_of_before(self) -> bool:
        """Whether each of its claims may hold something else than what it is to count."""
        return self.leaving or self.forgotten

    def held_by(self, claims: Mapping[ConsumerUuid, int]) -> DevicesByCard:
        """What some claims may hold; those alone that were given, where that is so of them all."""
        given = {who: self.given.get(who, {}) for who in claims}
        if not claims or any(count(given[who]) != amount for who, amount in claims.items()):
            return self.may_hold
        return union(*given.values())


NOTHING = Holdings({})


class Counts:
    """What was counted where, by the ledger of the last pass."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._found: dict[Place, Holdings] = {}
        self._in_pools: dict[frozenset[Trait], DevicesByCard] = {}

    def of(self, uuid: ProviderUuid, name: ResourceClass) -> Holdings:
        """What was counted in one inventory; nothing in one that was not there."""
        place = uuid, name
        if place not in self._found:
            have = self._evidence.ours.get(uuid)
            there = have is not None and name in have.inventories
            self._found[place] = self._read(have, name) if have and there else NOTHING
        return self._found[place]

    def _read(self, have: ObservedProvider, name: ResourceClass) -> Holdings:
        key = self._evidence.facts.observed.keys[have.uuid]
        entry = self._evidence.facts.last_pass.counted_by(have, InventoryKey(key, name))
        devices = now = by_card(key, entry.devices if entry else ())
        if entry is None or not entry.sure:
            # of claims that have ended nothing stays, also where nobody knows what others have
            outdated = {} if entry else self._outdated(key, name)
            devices = union(self._possible(have, key), devices, outdated)
        # whoever came since it was written down has what it counted from then on
        now = now if entry else devices
        listed = self._evidence.listed(have.uuid, name)
        before = by_card(key, entry.old_devices) if entry and _goes_on(entry, have, name) else {}
        return Holdings(
            devices=devices,
            old_devices=before,
            old=entry.old_claims if entry else {},
            known=entry is not None and entry.sure,
            leaving=not contains(listed, now)
            or have.inventories[name].total > self._evidence.total(have.uuid, name),
            forgotten=entry is None and devices != by_card(key, self._named(have)),
            given=self._given(key, union(devices, before)),
        )

    def _named(self, have: ObservedProvider) -> set[PciAddress]:
        """The device that the key of a provider names, if it does."""
        card = self._evidence.card(have.uuid)
        return {card} if card is not None else set()

    def _given(self, key: ProviderKey, held: DevicesByCard) -> dict[ConsumerUuid, DevicesByCard]:
        """Of what consumers were given what is among some devices."""
        everybody = self._evidence.facts.last_pass.given
        there = functions_of(held) if everybody else frozenset()
        return {who: by_card(key, has & there) for who, has in everybody.items() if has & there}

    def _outdated(self, key: ProviderKey, name: ResourceClass) -> DevicesByCard:
        entry = self._evidence.facts.last_pass.ledger.get(InventoryKey(key, name))
        return by_card(key, entry.devices | entry.old_devices) if entry else {}

    def _possible(self, have: ObservedProvider, key: ProviderKey) -> DevicesByCard:
        """Every device of this host that a provider can ever have counted, by its key."""
        card = self._evidence.card(have.uuid)
        if card is None:
            return self._in_pool(names.ids_among(have.traits))
        vfs = self._vfs.get(card, frozenset())
        if identity.is_vf_key(key):
            return {card: vfs}
        # beside slots one class may be of the VFs alone
        several = len(have.inventories) > 1
        return {card: frozenset({card}) | (vfs if several else frozenset())}

    def _in_pool(self, ids: frozenset[Trait]) -> DevicesByCard:
        """What every pool of some hardware can have counted."""
        return self._in_pools.get(ids) or self._in_pools.setdefault(
            ids, {a: frozenset({a}) for a, of in self._whole if not ids or ids & of}
        )

    @cached_property
    def _whole(self) -> list[tuple[PciAddress, frozenset[Trait]]]:
        """The plain devices and whole cards of this host, with what hardware they are."""
        return [
            (address, names.ids_among(want.traits))
            for uuid, want in self._evidence.wanted.items()
            for address in want.addresses
            if self._evidence.card(uuid) in (None, address)
        ]

    @cached_property
    def _vfs(self) -> Mapping[PciAddress, frozenset[PciAddress]]:
        """The VFs of this host by card."""
        found: dict[PciAddress, set[PciAddress]] = {}
        for uuid, want in self._evidence.wanted.items():
            card = self._evidence.card(uuid)
            if card is not None:
                found.setdefault(card, set()).update(_all_but(card, want.addresses))
        return {card: frozenset(vfs) for card, vfs in found.items()}


def _all_but(card: PciAddress, addresses: Iterable[PciAddress]) -> set[PciAddress]:
    return {address for address in addresses if address != card}


def _goes_on(entry: Counted, have: ObservedProvider, name: ResourceClass) -> bool:
    """Whether one of the claims of before has not ended, as far as anybody asked."""
    if have.consumers is None:
        return bool(entry.old_claims)
    return any(have.consumers.get(who, {}).get(name) for who in entry.old_claims)
