"""What Placement has on offer, class by class, and which devices its claims may hold.

Placement counts devices and does not tell them apart. As long as an inventory counts the same
devices, that is enough; when devices move from one inventory to another, a claim of before may
hold any of those that its inventory counted then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pci_placement import identity, names
from pci_placement.model import Counted, ObservedProvider, Remembered, ResourceClass, Trait

from .devices import Sites, functions_of, joined, meet, sites_of, within
from .provider import Wanted
from .reservations import is_kept


@dataclass(frozen=True, slots=True)
class Lot:
    """One class of a wanted provider, and the devices that it is to count.

    ids are the traits that tell which hardware they are.
    """

    uuid: str
    name: str
    resource_class: ResourceClass
    sites: Sites
    ids: frozenset[Trait]

    @property
    def total(self) -> int:
        """How many devices."""
        return len(functions_of(self.sites))


@dataclass(frozen=True, slots=True)
class Stock:
    """One class of one of our providers as it is in Placement.

    devices are those that it counts, as far as they are known; claims are None while nobody
    asked. Of them `old` hold some of `held`, which may be other devices than those that are to be
    counted from now on. leaving tells that some of its devices are to be counted elsewhere, or
    not at all; kept that it must stay all the same, because it is out of service.
    """

    uuid: str
    name: str
    key: str
    resource_class: ResourceClass
    total: int
    devices: Sites
    known: bool
    leaving: bool
    claims: Mapping[str, int] | None
    old: Mapping[str, int]
    held: Sites
    kept: bool = False

    @property
    def place(self) -> tuple[str, ResourceClass]:
        """Provider and class: what a lot in the same place follows on."""
        return self.uuid, self.resource_class

    def withdrawn_from(self, lot: Lot) -> int:
        """How many of its devices are perhaps not free for a lot."""
        if self.place == (lot.uuid, lot.resource_class):
            return 0
        return self.total if self.kept and lot.uuid != self.uuid else sum(self.old.values())


def lots_of(wanted: Iterable[Wanted]) -> tuple[Lot, ...]:
    """What is to be counted where."""
    return tuple(
        Lot(w.uuid, w.name, name, _sites(w, name), names.ids_among(w.provider.traits))
        for w in wanted
        for name in w.provider.inventories
        if name != names.SLOT
    )


def _sites(want: Wanted, name: ResourceClass) -> Sites:
    addresses = want.provider.addresses
    return sites_of(want.provider.key, (a for a, counted in addresses.items() if counted == name))


def stocks_of(
    ours: Collection[ObservedProvider],
    keys: Mapping[str, str],
    lots: Collection[Lot],
    remembered: Remembered,
) -> tuple[Stock, ...]:
    """What is counted where, and who may hold what of it."""
    reader = _Reader({(lot.uuid, lot.resource_class): lot for lot in lots}, remembered, ours)
    return tuple(
        reader.stock(have, keys[have.uuid], name)
        for have in ours
        for name in have.inventories
        if name != names.SLOT
    )


class _Reader:
    def __init__(
        self,
        lots: Mapping[tuple[str, ResourceClass], Lot],
        remembered: Remembered,
        ours: Collection[ObservedProvider],
    ) -> None:
        self._lots = lots
        self._remembered = remembered
        totals = {(p.uuid, name): i.total for p in ours for name, i in p.inventories.items()}
        self._gaining = [lot for place, lot in lots.items() if lot.total > totals.get(place, 0)]

    def stock(self, have: ObservedProvider, key: str, name: ResourceClass) -> Stock:
        entry = self._entry(have, key, name)
        lot = self._lots.get((have.uuid, name))
        now: Sites = lot.sites if lot else {}
        total = have.inventories[name].total
        devices = self._devices(have, key, lot, entry, name)
        leaving = not within(devices, now) or total > len(functions_of(now))
        claims = _claims(have, name)
        old = _old(entry, leaving, claims)
        return Stock(
            uuid=have.uuid,
            name=have.name,
            key=key,
            resource_class=name,
            total=total,
            devices=devices,
            known=entry is not None and entry.sure,
            leaving=leaving,
            claims=claims,
            old=old,
            held=_held(key, entry, devices, leaving),
            kept=is_kept(have) and leaving,
        )

    def _entry(self, have: ObservedProvider, key: str, name: ResourceClass) -> Counted | None:
        """What it counts by what was written down; None where its total is none of those.

        It says what the last pass left, or what one that was cut off was about to write.
        """
        then = self._remembered.providers.get(have.uuid)
        said = then.inventories.get(name) if then else None
        begun = self._remembered.begun.get((key, name))
        total = have.inventories[name].total
        left = self._remembered.ledger.get((key, name)) if said and said.total == total else None
        written = begun.counted if begun and begun.total == total else None
        return left.or_else(written) if left and written else left or written

    def _devices(
        self,
        have: ObservedProvider,
        key: str,
        lot: Lot | None,
        entry: Counted | None,
        name: ResourceClass,
    ) -> Sites:
        """What an inventory counts; all that it may count where that is not known."""
        if entry:
            return sites_of(key, entry.devices)
        outdated = self._remembered.ledger.get((key, name))
        before = sites_of(key, outdated.devices if outdated else ())
        possible = joined(before, self._possible(have, key), lot.sites if lot else {})
        right = lot is not None and lot.total == have.inventories[name].total
        if lot and right and not outdated and self._is_settled(lot, possible):
            return lot.sites
        return possible

    def _is_settled(self, lot: Lot, possible: Sites) -> bool:
        """Whether an inventory with the right total can be taken to count the right devices.

        Not while another one still lacks devices that this one may count: they may be on their way.
        """
        return not any(other != lot and meet(possible, other.sites) for other in self._gaining)

    def _possible(self, have: ObservedProvider, key: str) -> Sites:
        """Of the devices of this host those that a provider may count, by its key."""
        card = identity.card_of_key(key)
        host = joined(*(lot.sites for lot in self._lots.values() if _may_be(lot, have)))
        if card is None:
            return {whole: frozenset({whole}) for whole in host}
        vfs = host.get(card, frozenset()) - {card}
        if identity.is_vf_key(key):
            return {card: vfs}
        several = len(have.inventories.keys() - {names.SLOT}) > 1
        return {card: frozenset({card}) | (vfs if several else frozenset())}


def _may_be(lot: Lot, have: ObservedProvider) -> bool:
    """Whether devices of a lot can be of the hardware that a provider says it counts.

    VFs tell nothing of the hardware of their PF, which may be what it counts.
    """
    ids = names.ids_among(have.traits)
    of_vfs = all(card not in functions for card, functions in lot.sites.items())
    return not ids or of_vfs or bool(ids & lot.ids)


def _claims(have: ObservedProvider, name: ResourceClass) -> dict[str, int] | None:
    if have.consumers is None:
        return None
    return {who: held[name] for who, held in have.consumers.items() if held.get(name)}


def _old(
    entry: Counted | None, leaving: bool, claims: Mapping[str, int] | None
) -> Mapping[str, int]:
    """The claims that may hold something else than what the inventory is to count."""
    if leaving:
        return claims or {}
    if entry is None:
        return {}
    if claims is None:
        return entry.old_claims
    there = entry.old_claims.keys() & claims.keys()
    return {who: min(entry.old_claims[who], claims[who]) for who in sorted(there)}


def _held(key: str, entry: Counted | None, devices: Sites, leaving: bool) -> Sites:
    before = sites_of(key, entry.old_devices) if entry and entry.old_claims else {}
    return joined(devices, before) if leaving else before
