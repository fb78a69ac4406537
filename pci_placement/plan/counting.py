"""Which devices each inventory counts now, by what was remembered and what can be seen.

Where the one or the other does not say, it is all that the inventory may count.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pci_placement import identity, names
from pci_placement.model import (
    Counted,
    InventoryKey,
    LastPass,
    ObservedProvider,
    ProviderKey,
    ResourceClass,
    Trait,
)

from .devices import CardIndex, DevicesByCard, by_card, clash, contains, count, union
from .given import surely_has
from .inventories import (
    Claims,
    ObservedInventory,
    OurProviders,
    WantedInventory,
    is_told_by_key,
)
from .past import hardware
from .reservations import holds_slots, stays


def observed_inventories(
    ours: OurProviders,
    targets: Iterable[WantedInventory],
    last_pass: LastPass,
) -> tuple[ObservedInventory, ...]:
    """What is counted where, and who may hold what of it."""
    reader = _Reader(tuple(targets), last_pass, ours)
    return tuple(
        reader.read(have, InventoryKey(key, name))
        for key, have in ours.items()
        for name in have.inventories
        if name != names.SLOT
    )


class _Counts(NamedTuple):
    """What an inventory counts, as ObservedInventory says it, and what it may count besides."""

    devices: DevicesByCard
    possible: DevicesByCard
    known: bool
    leaving: bool
    forgotten: bool
    stays: bool


class _Reader:
    def __init__(
        self,
        targets: tuple[WantedInventory, ...],
        last_pass: LastPass,
        ours: OurProviders,
    ) -> None:
        self._last_pass = last_pass
        self._targets = {target.key: target for target in targets}
        self._on_cards = CardIndex((target.devices, target) for target in targets)
        totals = {
            InventoryKey(key, name): i.total
            for key, have in ours.items()
            for name, i in have.inventories.items()
        }
        gaining = (t for t in targets if t.total > totals.get(t.key, 0))
        self._gaining = CardIndex((target.devices, target) for target in gaining)
        self._in_pools: dict[frozenset[Trait], DevicesByCard] = {}

    def read(self, have: ObservedProvider, key: InventoryKey) -> ObservedInventory:
        entry = self._last_pass.counted_by(have, key)
        inventory = have.inventories[key.resource_class]
        counts = self._counts(have, key, entry)
        claims = _claims(have, key.resource_class)
        old = _old(entry, counts.leaving or counts.forgotten, claims)
        may_hold = self._all_held(have, key, entry, counts, claims)
        surely = surely_has(key.provider, old, may_hold, self._last_pass.given)
        return ObservedInventory(
            key=key,
            name=have.name,
            total=inventory.total,
            devices=counts.devices,
            known=counts.known,
            leaving=counts.leaving,
            claims=claims,
            old=old,
            may_hold=may_hold if surely is None else surely,
            ids=hardware(have, key.provider, self._last_pass),
            stays=counts.stays,
            slotted=_is_slotted(have),
            draining=names.DRAINING in have.traits and inventory.is_all_reserved,
            told=surely is not None,
            forgotten=counts.forgotten,
        )

    def _all_held(
        self,
        have: ObservedProvider,
        key: InventoryKey,
        entry: Counted | None,
        counts: _Counts,
        claims: Claims | None,
    ) -> DevicesByCard:
        everything = counts.leaving or counts.forgotten or counts.stays
        before = _held_before(key.provider, entry, claims)
        may_hold = union(counts.possible, before) if everything else before
        return union(may_hold, self._instead(have, key, entry))

    def _counts(self, have: ObservedProvider, key: InventoryKey, entry: Counted | None) -> _Counts:
        target = self._targets.get(key)
        wanted: DevicesByCard = target.devices if target else {}
        reach = {} if entry else self._reach(have, key)
        devices = by_card(key.provider, entry.devices) if entry else self._settled(have, key, reach)
        possible = union(devices, reach)
        total = have.inventories[key.resource_class].total
        leaving = not contains(wanted, devices) or total > count(wanted)
        known = entry is not None and entry.sure
        unsure = not (known or is_told_by_key(key.provider, possible))
        return _Counts(
            devices=devices,
            possible=possible,
            known=known,
            leaving=leaving,
            forgotten=unsure and entry is None,
            stays=stays(have) and (leaving or unsure),
        )

    def _reach(self, have: ObservedProvider, key: InventoryKey) -> DevicesByCard:
        """All that an inventory may count of which nobody remembers what it does."""
        target = self._targets.get(key)
        outdated = self._last_pass.ledger.get(key)
        # somebody else wrote it since: its claims may be from any time that is remembered
        known = outdated.devices | outdated.old_devices if outdated else ()
        before = by_card(key.provider, known)
        return union(before, self._possible(have, key.provider), target.devices if target else {})

    def _settled(
        self, have: ObservedProvider, key: InventoryKey, reach: DevicesByCard
    ) -> DevicesByCard:
        """What it counts for those who come now: the right devices, if it has the right total."""
        target = self._targets.get(key)
        right = target is not None and target.total == have.inventories[key.resource_class].total
        outdated = key in self._last_pass.ledger
        if target and right and not outdated and self._is_settled(target, reach):
            return target.devices
        return reach

    def _instead(
        self, have: ObservedProvider, key: InventoryKey, entry: Counted | None
    ) -> DevicesByCard:
        """Where that was which a pool counted and which is gone, if nobody remembers: anywhere."""
        if identity.card_of_key(key.provider) or (entry and entry.sure):
            return {}
        total = have.inventories[key.resource_class].total
        gone = total > count(self._possible(have, key.provider))
        return self._in_pool(frozenset()) if gone else {}

    def _is_settled(self, target: WantedInventory, possible: DevicesByCard) -> bool:
        """Whether an inventory with the right total can be taken to count the right devices.

        Not while another one still lacks devices that this one may count: they may be on their way.
        """
        gaining = self._gaining.on(possible)
        return not any(o.key != target.key and clash(possible, o.devices) for o in gaining)

    def _possible(self, have: ObservedProvider, key: ProviderKey) -> DevicesByCard:
        """Of the devices of this host those that a provider may count, by its key."""
        card, ids = identity.card_of_key(key), hardware(have, key, self._last_pass)
        if card is None:
            return self._in_pool(ids)
        here = union(*(t.devices for t in self._on_cards.at(card) if t.may_be(ids)))
        vfs = here.get(card, frozenset()) - {card}
        if identity.is_vf_key(key):
            return {card: vfs}
        # beside slots one class may be of the VFs alone
        several = len(have.inventories) > 1
        return {card: frozenset({card}) | (vfs if several else frozenset())}

    def _in_pool(self, ids: frozenset[Trait]) -> DevicesByCard:
        """What every pool of some hardware may count."""
        if ids not in self._in_pools:
            targets = self._targets.values()
            self._in_pools[ids] = _cards(target for target in targets if target.may_be(ids))
        return self._in_pools[ids]


def _cards(targets: Iterable[WantedInventory]) -> DevicesByCard:
    return {card: frozenset({card}) for target in targets for card in target.devices}


def _claims(have: ObservedProvider, name: ResourceClass) -> Claims | None:
    if have.consumers is None:
        return None
    return {who: claimed[name] for who, claimed in have.consumers.items() if claimed.get(name)}


def _old(entry: Counted | None, all_of_them: bool, claims: Claims | None) -> Claims:
    """The claims that may hold something else than what the inventory is to count."""
    if all_of_them:
        return claims or {}
    if entry is None:
        return {}
    if claims is None:
        return entry.old_claims
    there = entry.old_claims.keys() & claims.keys()
    return {who: min(entry.old_claims[who], claims[who]) for who in sorted(there)}


def _held_before(key: ProviderKey, entry: Counted | None, claims: Claims | None) -> DevicesByCard:
    """What claims of before may hold that have not ended, as far as anybody asked."""
    there = _old(entry, all_of_them=False, claims=claims)
    return by_card(key, entry.old_devices) if entry and there else {}


def _is_slotted(have: ObservedProvider) -> bool:
    """Whether each of its claims holds its slots."""
    each = (have.consumers or {}).values()
    return names.SLOT in have.inventories and all(map(holds_slots, each))
