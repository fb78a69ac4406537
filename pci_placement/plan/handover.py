"""Devices that one provider gives up and another one gets.

A PF becomes its VFs, VFs move from one trait set to another: the same devices would be claimed
twice if both were on offer for a moment, or if what was given up is still in use. So the giver
goes first, and who gets something leaves out as many devices as claims of before may hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pci_placement import identity, names
from pci_placement.model import (
    InventoryKey,
    ObservedProvider,
    PciAddress,
    Provider,
    ProviderKey,
    ResourceClass,
)

from .devices import CardIndex, clash, functions_of, most_blocked
from .inventories import Near, ObservedInventory, OurProviders, WantedInventory, WantedProviders
from .provider import with_no_more_than
from .reservations import has_slotless_claims, is_out_of_service

BEFORE_EXCLUSIVE = "{} has allocations without slots, from before pf_vf_exclusive: nothing new yet"
KEEPS_DEVICES = "{} is out of service and keeps {} of these {} {}: offered when it is back"
CLAIMS_HOLD = "{} has claims that may hold {} of these {} {}: offered as they end"

ByHand = Mapping[ProviderKey, Mapping[ResourceClass, int]]
NOTHING_BY_HAND: ByHand = {}


@dataclass(frozen=True, slots=True)
class Handover:
    """What may be asked for of each provider, what is held back and why, and who goes first.

    givers are, for each provider, those that must have given up what it gets; kept are the devices
    that stay out of service where they were, and the providers that go on counting them. used are
    devices for one-time use that claims of before may hold, and so may have used.
    """

    wanted: WantedProviders
    givers: Mapping[ProviderKey, tuple[ProviderKey, ...]]
    held_back: Mapping[ProviderKey, str]
    first: frozenset[ProviderKey]
    kept: Mapping[PciAddress, ProviderKey] = field(default_factory=dict)
    used: frozenset[ProviderKey] = frozenset()


def hand_over(
    wanted: WantedProviders,
    ours: OurProviders,
    present: Iterable[ObservedInventory],
    targets: Iterable[WantedInventory],
    arriving: Mapping[InventoryKey, int] | None = None,
    by_hand: ByHand = NOTHING_BY_HAND,
) -> Handover:
    """Let each card give before it takes, and leave out what claims of before may hold.

    The consumers of all that are `in_question` are known. arriving are how many devices of each
    inventory are held by claims that move there: those are there for them. by_hand is how many an
    operator reserved of what is wanted.
    """
    out = {key for key, have in ours.items() if is_out_of_service(have)}
    return _Hands(tuple(present), targets, arriving or {}, out, by_hand).over(wanted, ours)


class _Hands:
    """What gives and what gets, found by card."""

    def __init__(
        self,
        present: Collection[ObservedInventory],
        targets: Iterable[WantedInventory],
        arriving: Mapping[InventoryKey, int],
        out_of_service: Collection[ProviderKey],
        by_hand: ByHand,
    ) -> None:
        self._arriving, self._by_hand = arriving, by_hand
        self._now = {now.key: now for now in present}
        self._leaving = [now for now in present if now.leaving]
        self._giving = Near((now.devices, now) for now in self._leaving)
        self._holding = Near((now.may_hold, now) for now in present if now.may_block)
        self._targets: dict[ProviderKey, list[WantedInventory]] = {}
        for target in targets:
            self._targets.setdefault(target.key.provider, []).append(target)
        out = [t for key in out_of_service for t in self._targets.get(key, ())]
        self._out = {target.key for target in out}
        self._out_on = CardIndex((target.devices, target) for target in out)

    def over(self, wanted: WantedProviders, ours: OurProviders) -> Handover:
        used = frozenset(key for key, p in wanted.items() if p.one_time_use and self._had(key))
        limited = {
            key: (p, "") if key in used else self._limited(p, ours.get(key))
            for key, p in wanted.items()
        }
        return Handover(
            wanted={key: provider for key, (provider, _) in limited.items()},
            givers={key: self._givers(key) for key in wanted},
            held_back={key: why for key, (_, why) in limited.items() if why},
            first=frozenset(now.key.provider for now in self._leaving),
            kept=dict(self._kept()),
            used=used,
        )

    def _had(self, key: ProviderKey) -> bool:
        """Whether claims on others may hold a device."""
        return any(
            now.old and self._blocked(now, target)
            for target in self._targets.get(key, ())
            for now in self._holding.to(target)
            if now.key.provider != key
        )

    def _kept(self) -> Iterator[tuple[PciAddress, ProviderKey]]:
        """Who goes on counting what stays out of service: who is to, if that is so itself."""
        for now in self._leaving:
            if now.stays:
                yield from dict.fromkeys(now.functions, now.key.provider).items()
                yield from self._taken_over(now)

    def _taken_over(self, now: ObservedInventory) -> Iterator[tuple[PciAddress, ProviderKey]]:
        for target in self._out_on.on(now.devices):
            if self._together(now, target):
                taken = now.functions & functions_of(target.devices)
                yield from dict.fromkeys(taken, target.key.provider).items()

    def _together(self, now: ObservedInventory, target: WantedInventory) -> bool:
        """Whether both are out of service until an operator takes their card back, and so both."""
        card = identity.card_of_key(target.key.provider)
        return now.stays and card is not None and now.card == card and target.key in self._out

    def _blocked(self, now: ObservedInventory, target: WantedInventory) -> int:
        withdrawn = now.withdrawn_from(target, together=self._together(now, target))
        blocked = most_blocked(withdrawn, now.holds_of(target), target.devices)
        return min(blocked, target.total)

    def _limited(self, want: Provider, have: ObservedProvider | None) -> tuple[Provider, str]:
        """Offer nothing that may be in use of those that give it up."""
        if have and turns_exclusive(want, have) and has_slotless_claims(have, want):
            totals = {name: i.total for name, i in have.inventories.items()}
            return with_no_more_than(want, totals), BEFORE_EXCLUSIVE.format(have.name)
        found = {t.key.resource_class: self._free(t) for t in self._targets.get(want.key, ())}
        slots = {name: i.total for name, i in want.inventories.items() if name == names.SLOT}
        # what is reserved by hand cannot be claimed, and would be forgotten with what it is of
        by_hand = self._by_hand.get(want.key, {})
        room = {name: max(free, by_hand.get(name, 0)) for name, (free, _) in found.items()}
        less = with_no_more_than(want, room | slots)
        return less, "; ".join(why for _, why in found.values() if why)

    def _givers(self, key: ProviderKey) -> tuple[ProviderKey, ...]:
        """The other providers that count now what this one is to count."""
        return tuple(
            sorted(
                {
                    now.key.provider
                    for target in self._targets.get(key, ())
                    for now in self._giving.to(target)
                    if now.key.provider != key and clash(now.counts_of(target), target.devices)
                }
            )
        )

    def _free(self, target: WantedInventory) -> tuple[int, str]:
        """How many devices of a target can be offered now, and why not all of them."""
        rivals = _each_once(self._holding.to(target))
        blocking = [(now, self._blocked(now, target)) for now in rivals]
        in_the_way = [(now, blocked) for now, blocked in blocking if blocked]
        if not in_the_way:
            return target.total, ""
        free = self._at_least(target, in_the_way)
        if free >= target.total:  # its claims may be more than there are devices
            return target.total, ""
        first = in_the_way[0][0]
        missing = target.total - free
        why = KEEPS_DEVICES if first.stays else CLAIMS_HOLD
        return free, why.format(first.name, missing, target.total, target.key.resource_class)

    def _at_least(
        self, target: WantedInventory, in_the_way: Iterable[tuple[ObservedInventory, int]]
    ) -> int:
        """What is left beside those in the way; never less than its own claims hold, or bring.

        Those hold devices of it, which nobody else can have. What is out of service, and not on
        offer, stays so: nobody may have it next. What is not known is no reason to take back what
        is on offer and surely still there.
        """
        free = target.total - sum(number for _, number in in_the_way)
        now = self._now.get(target.key)
        surely = [number for other, number in in_the_way if now and _is_reason(other, now)]
        on_offer = now.on_offer_of(target) if now else 0
        out = sum(number for other, number in in_the_way if other.stays)
        used = min(now.used_of(target), max(on_offer, target.total - out)) if now else 0
        own = self._arriving.get(target.key, 0) + used
        return max(own, free, min(on_offer, target.total - sum(surely)))


def _is_reason(other: ObservedInventory, offers: ObservedInventory) -> bool:
    """Whether claims on another inventory are a reason to take back what one offers.

    They are where it is known what they hold; and where something is on its way from one to the
    other, and nobody knows what, which may be what it offers.
    """
    return other.is_sure or (other.leaving and not offers.is_sure)


def _each_once(several: Iterable[ObservedInventory]) -> Iterator[ObservedInventory]:
    """Without what is out of service under a second class too: those are the same devices."""
    seen: set[tuple[ProviderKey, frozenset[PciAddress]]] = set()
    for now in several:
        what = (now.key.provider, now.functions)
        if now.stays and not now.old and what in seen:
            continue
        if now.stays:
            seen.add(what)
        yield now


def turns_exclusive(want: Provider, have: ObservedProvider) -> bool:
    """Whether a provider of one kind is to get the other: claims of before may hold no slots."""
    wanted, has = want.inventories, have.inventories
    several = len(wanted.keys() - {names.SLOT}) > 1
    return several and names.SLOT in wanted and bool(has) and not wanted.keys() <= has.keys()
