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
    Counted,
    InventoryKey,
    LastPass,
    ObservedProvider,
    PciAddress,
    Provider,
    ProviderKey,
    ResourceClass,
    Trait,
)

from .devices import CardIndex, DevicesByCard, by_card, clash, contains, count, functions_of, union
from .reservations import holds_slots, is_all_reserved, stays

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
            return target.devices if _may_be(target, self.ids) else {}
        return {card: target.devices.get(card, frozenset())}

    def on_offer_of(self, target: WantedInventory) -> int:
        """How many of the devices of its target it surely offers now.

        Its total says so where it counted no others, as far as that is known.
        """
        one = self.card is not None and self.card in target.devices.get(self.card, ())
        if self.drained or not (self.known or (one and target.total == 1)):
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
            yield WantedInventory(key, devices, ids, hardware, len(provider.inventories) > 2)


def _hardware(
    devices: DevicesByCard, ids: frozenset[Trait], card_ids: frozenset[Trait]
) -> frozenset[Trait] | None:
    """VFs tell nothing of the hardware of their PF, which may be what somebody holds."""
    of_vfs = all(card not in functions for card, functions in devices.items())
    return None if of_vfs and not card_ids else ids | card_ids


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

    def read(self, have: ObservedProvider, key: InventoryKey) -> ObservedInventory:
        entry = self._entry(have, key)
        target = self._targets.get(key)
        wanted: DevicesByCard = target.devices if target else {}
        total = have.inventories[key.resource_class].total
        devices = self._devices(have, key, entry)
        leaving = not contains(wanted, devices) or total > count(wanted)
        claims = _claims(have, key.resource_class)
        return ObservedInventory(
            key=key,
            name=have.name,
            total=total,
            devices=devices,
            known=entry is not None and entry.sure,
            leaving=leaving,
            claims=claims,
            old=_old(entry, leaving, claims),
            may_hold=union(
                _may_hold(key.provider, entry, devices, leaving),
                self._instead(have, key, entry),
            ),
            ids=names.ids_among(have.traits),
            stays=stays(have) and leaving,
            slotted=names.SLOT in have.inventories
            and all(map(holds_slots, (have.consumers or {}).values())),
            drained=names.DRAINING in have.traits and is_all_reserved(have.inventories),
        )

    def _entry(self, have: ObservedProvider, key: InventoryKey) -> Counted | None:
        """What it counts by what was written down; None where its total is none of those.

        It says what the last pass left, or what one that was cut off was about to write.
        """
        then = self._last_pass.providers.get(have.uuid)
        said = then.inventories.get(key.resource_class) if then else None
        begun = self._last_pass.begun.get(key)
        total = have.inventories[key.resource_class].total
        left = self._last_pass.ledger.get(key) if said and said.total == total else None
        written = begun.counted if begun and begun.total == total else None
        return left.or_else(written) if left and written else left or written

    def _devices(
        self, have: ObservedProvider, key: InventoryKey, entry: Counted | None
    ) -> DevicesByCard:
        """What an inventory counts; all that it may count where that is not known."""
        if entry:
            return by_card(key.provider, entry.devices)
        target = self._targets.get(key)
        outdated = self._last_pass.ledger.get(key)
        before = by_card(key.provider, outdated.devices if outdated else ())
        possible = union(
            before, self._possible(have, key.provider), target.devices if target else {}
        )
        right = target is not None and target.total == have.inventories[key.resource_class].total
        if target and right and not outdated and self._is_settled(target, possible):
            return target.devices
        return possible

    def _instead(
        self, have: ObservedProvider, key: InventoryKey, entry: Counted | None
    ) -> DevicesByCard:
        """Where that was which a pool counted and which is gone, if nobody remembers: anywhere."""
        if identity.card_of_key(key.provider) or (entry and entry.sure):
            return {}
        total = have.inventories[key.resource_class].total
        gone = total > count(self._possible(have, key.provider))
        return _cards(self._targets.values()) if gone else {}

    def _is_settled(self, target: WantedInventory, possible: DevicesByCard) -> bool:
        """Whether an inventory with the right total can be taken to count the right devices.

        Not while another one still lacks devices that this one may count: they may be on their way.
        """
        gaining = self._gaining.on(possible)
        return not any(other != target and clash(possible, other.devices) for other in gaining)

    def _possible(self, have: ObservedProvider, key: ProviderKey) -> DevicesByCard:
        """Of the devices of this host those that a provider may count, by its key."""
        card, ids = identity.card_of_key(key), names.ids_among(have.traits)
        if card is None:
            return _cards(t for t in self._targets.values() if _may_be(t, ids))
        here = union(*(t.devices for t in self._on_cards.on([card]) if _may_be(t, ids)))
        vfs = here.get(card, frozenset()) - {card}
        if identity.is_vf_key(key):
            return {card: vfs}
        several = len(have.inventories.keys() - {names.SLOT}) > 1
        return {card: frozenset({card}) | (vfs if several else frozenset())}


def _cards(targets: Iterable[WantedInventory]) -> DevicesByCard:
    return {card: frozenset({card}) for target in targets for card in target.devices}


def _may_be(target: WantedInventory, ids: frozenset[Trait]) -> bool:
    """Whether devices that are wanted can be of the hardware that a provider says it counts."""
    return not ids or target.hardware is None or bool(ids & target.hardware)


def _claims(have: ObservedProvider, name: ResourceClass) -> Claims | None:
    if have.consumers is None:
        return None
    return {who: held[name] for who, held in have.consumers.items() if held.get(name)}


def _old(entry: Counted | None, leaving: bool, claims: Claims | None) -> Claims:
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
    key: ProviderKey, entry: Counted | None, devices: DevicesByCard, leaving: bool
) -> DevicesByCard:
    before = by_card(key, entry.old_devices) if entry and entry.old_claims else {}
    return union(devices, before) if leaving else before
