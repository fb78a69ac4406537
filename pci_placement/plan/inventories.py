"""What Placement has on offer, class by class, and which devices its claims may hold.

Placement counts devices and does not tell them apart. As long as an inventory counts the same
devices, that is enough; when devices move from one inventory to another, a claim of before may
hold any of those that its inventory counted then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pci_placement import identity, names
from pci_placement.model import Counted, LastPass, ObservedProvider, ResourceClass, Trait

from .devices import DevicesByCard, by_card, clash, contains, functions_of, union
from .provider import Wanted
from .reservations import stays


@dataclass(frozen=True, slots=True)
class WantedInventory:
    """One class of a wanted provider, and the devices that it is to count.

    ids are the traits that tell which hardware they are.
    """

    uuid: str
    name: str
    resource_class: ResourceClass
    devices: DevicesByCard
    ids: frozenset[Trait]

    @property
    def total(self) -> int:
        """How many devices."""
        return len(functions_of(self.devices))


@dataclass(frozen=True, slots=True)
class ObservedInventory:
    """One class of one of our providers as it is in Placement.

    devices are those that it counts, as far as they are known; claims are None while nobody
    asked. Of them `old` hold some of `may_hold`, which may be other devices than those that are to
    be counted from now on. leaving tells that some of its devices are to be counted elsewhere, or
    not at all; stays that it must be kept all the same, because it is out of service.
    """

    uuid: str
    name: str
    key: str
    resource_class: ResourceClass
    total: int
    devices: DevicesByCard
    known: bool
    leaving: bool
    claims: Mapping[str, int] | None
    old: Mapping[str, int]
    may_hold: DevicesByCard
    stays: bool = False

    @property
    def place(self) -> tuple[str, ResourceClass]:
        """Provider and class: what is wanted there follows on it."""
        return self.uuid, self.resource_class

    def withdrawn_from(self, target: WantedInventory) -> int:
        """How many of its devices are perhaps not free for what is wanted."""
        if self.place == (target.uuid, target.resource_class):
            return 0
        return self.total if self.stays and target.uuid != self.uuid else sum(self.old.values())


def wanted_inventories(wanted: Iterable[Wanted]) -> tuple[WantedInventory, ...]:
    """What is to be counted where."""
    return tuple(
        WantedInventory(w.uuid, w.name, name, _sites(w, name), names.ids_among(w.provider.traits))
        for w in wanted
        for name in w.provider.inventories
        if name != names.SLOT
    )


def _sites(want: Wanted, name: ResourceClass) -> DevicesByCard:
    addresses = want.provider.addresses
    return by_card(want.provider.key, (a for a, counted in addresses.items() if counted == name))


def observed_inventories(
    ours: Collection[ObservedProvider],
    keys: Mapping[str, str],
    targets: Collection[WantedInventory],
    last_pass: LastPass,
) -> tuple[ObservedInventory, ...]:
    """What is counted where, and who may hold what of it."""
    reader = _Reader(
        {(target.uuid, target.resource_class): target for target in targets}, last_pass, ours
    )
    return tuple(
        reader.now(have, keys[have.uuid], name)
        for have in ours
        for name in have.inventories
        if name != names.SLOT
    )


class _Reader:
    def __init__(
        self,
        targets: Mapping[tuple[str, ResourceClass], WantedInventory],
        last_pass: LastPass,
        ours: Collection[ObservedProvider],
    ) -> None:
        self._lots = targets
        self._last_pass = last_pass
        totals = {(p.uuid, name): i.total for p in ours for name, i in p.inventories.items()}
        self._gaining = [
            target for place, target in targets.items() if target.total > totals.get(place, 0)
        ]

    def now(self, have: ObservedProvider, key: str, name: ResourceClass) -> ObservedInventory:
        entry = self._entry(have, key, name)
        target = self._lots.get((have.uuid, name))
        now: DevicesByCard = target.devices if target else {}
        total = have.inventories[name].total
        devices = self._devices(have, key, target, entry, name)
        leaving = not contains(now, devices) or total > len(functions_of(now))
        claims = _claims(have, name)
        old = _old(entry, leaving, claims)
        return ObservedInventory(
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
            may_hold=_may_hold(key, entry, devices, leaving),
            stays=stays(have) and leaving,
        )

    def _entry(self, have: ObservedProvider, key: str, name: ResourceClass) -> Counted | None:
        """What it counts by what was written down; None where its total is none of those.

        It says what the last pass left, or what one that was cut off was about to write.
        """
        then = self._last_pass.providers.get(have.uuid)
        said = then.inventories.get(name) if then else None
        begun = self._last_pass.begun.get((key, name))
        total = have.inventories[name].total
        left = self._last_pass.ledger.get((key, name)) if said and said.total == total else None
        written = begun.counted if begun and begun.total == total else None
        return left.or_else(written) if left and written else left or written

    def _devices(
        self,
        have: ObservedProvider,
        key: str,
        target: WantedInventory | None,
        entry: Counted | None,
        name: ResourceClass,
    ) -> DevicesByCard:
        """What an inventory counts; all that it may count where that is not known."""
        if entry:
            return by_card(key, entry.devices)
        outdated = self._last_pass.ledger.get((key, name))
        before = by_card(key, outdated.devices if outdated else ())
        possible = union(before, self._possible(have, key), target.devices if target else {})
        right = target is not None and target.total == have.inventories[name].total
        if target and right and not outdated and self._is_settled(target, possible):
            return target.devices
        return possible

    def _is_settled(self, target: WantedInventory, possible: DevicesByCard) -> bool:
        """Whether an inventory with the right total can be taken to count the right devices.

        Not while another one still lacks devices that this one may count: they may be on their way.
        """
        return not any(
            other != target and clash(possible, other.devices) for other in self._gaining
        )

    def _possible(self, have: ObservedProvider, key: str) -> DevicesByCard:
        """Of the devices of this host those that a provider may count, by its key."""
        card = identity.card_of_key(key)
        host = union(*(target.devices for target in self._lots.values() if _may_be(target, have)))
        if card is None:
            return {whole: frozenset({whole}) for whole in host}
        vfs = host.get(card, frozenset()) - {card}
        if identity.is_vf_key(key):
            return {card: vfs}
        several = len(have.inventories.keys() - {names.SLOT}) > 1
        return {card: frozenset({card}) | (vfs if several else frozenset())}


def _may_be(target: WantedInventory, have: ObservedProvider) -> bool:
    """Whether devices that are wanted can be of the hardware that a provider says it counts.

    VFs tell nothing of the hardware of their PF, which may be what it counts.
    """
    ids = names.ids_among(have.traits)
    of_vfs = all(card not in functions for card, functions in target.devices.items())
    return not ids or of_vfs or bool(ids & target.ids)


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


def _may_hold(
    key: str, entry: Counted | None, devices: DevicesByCard, leaving: bool
) -> DevicesByCard:
    before = by_card(key, entry.old_devices) if entry and entry.old_claims else {}
    return union(devices, before) if leaving else before
