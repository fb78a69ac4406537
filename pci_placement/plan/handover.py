"""Devices that one provider gives up and another one gets.

A PF becomes its VFs, VFs move from one trait set to another: the same devices would be claimed
twice if both were on offer for a moment, or if what was given up is still in use. So the giver
goes first, and who gets something leaves out as many devices as claims of before may hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from pci_placement import names
from pci_placement.model import Inventories, ObservedProvider, ResourceClass

from .devices import meet, most_blocked, within
from .inventories import Lot, Stock
from .provider import Wanted

BEFORE_EXCLUSIVE = "{} has allocations without slots, from before pf_vf_exclusive: nothing new yet"
OUT_OF_SERVICE = "{} is out of service and keeps {} of these {} {}: offered when it is back"
STILL_USED = "{} has claims that may hold {} of these {} {}: offered as they end"


@dataclass(frozen=True, slots=True)
class Settled:
    """What may be asked for of each provider now, what was withheld and why, and who goes first."""

    wanted: tuple[Wanted, ...]
    withheld: Mapping[str, str]
    first: Collection[str]


def in_question(
    stocks: Collection[Stock], lots: Collection[Lot], ours: Collection[ObservedProvider]
) -> set[str]:
    """The providers of which one must know who uses them.

    They give something up, or claims of before may hold what another one is to get, or they get
    what is given up, or they are drained.
    """
    has = {have.uuid: have for have in ours}
    # of what is drained the class that is wanted may be the one that is in use
    drained = {p.uuid for p in ours if names.DRAINING in p.traits and p.inventories}
    leaving = [stock for stock in stocks if stock.leaving]
    hungry = [lot for lot in lots if lot.uuid in drained or _gains(lot, stocks)]
    holding = [s for s in stocks if s.old and any(meet(s.held, lot.sites) for lot in hungry)]
    getting = {
        lot.uuid
        for lot in lots
        if lot.uuid in has and any(meet(stock.devices, lot.sites) for stock in leaving)
    }
    getting = {uuid for uuid in getting if has[uuid].inventories}
    return {stock.uuid for stock in (*leaving, *holding)} | getting | drained


def _gains(lot: Lot, stocks: Collection[Stock]) -> bool:
    """Whether a lot is to have more devices than are counted there, or others."""
    same = [s for s in stocks if s.place == (lot.uuid, lot.resource_class)]
    return not any(s.total >= lot.total and within(lot.sites, s.devices) for s in same)


def settle(
    wanted: Iterable[Wanted],
    ours: Iterable[ObservedProvider],
    stocks: Collection[Stock],
    lots: Collection[Lot],
    arriving: Mapping[tuple[str, ResourceClass], int] | None = None,
) -> Settled:
    """Let each card give before it takes, and leave out what claims of before may hold.

    The consumers of all that are `in_question` are known. arriving are how many devices of each
    place are held by claims that move there: those are there for them.
    """
    has = {have.uuid: have for have in ours}
    arriving = arriving or {}
    limited = [_limited(want, has.get(want.uuid), stocks, lots, arriving) for want in wanted]
    return Settled(
        wanted=tuple(want for want, _ in limited),
        withheld={want.name: why for want, why in limited if why},
        first={stock.uuid for stock in stocks if stock.leaving},
    )


def _limited(
    want: Wanted,
    have: ObservedProvider | None,
    stocks: Collection[Stock],
    lots: Collection[Lot],
    arriving: Mapping[tuple[str, ResourceClass], int],
) -> tuple[Wanted, str]:
    """Make a provider wait for its givers, and offer nothing that may be in use of them."""
    own = [lot for lot in lots if lot.uuid == want.uuid]
    want = replace(want, only_after=_givers(own, stocks))
    has: Inventories = have.inventories if have else {}
    if have and have.used and turns_exclusive(want, have):
        return want.with_no_more_than({n: i.total for n, i in has.items()}), _without_slots(have)
    found = {lot.resource_class: _free(lot, stocks, arriving) for lot in own}
    slots = {name: i.total for name, i in want.provider.inventories.items() if name == names.SLOT}
    less = want.with_no_more_than({name: free for name, (free, _) in found.items()} | slots)
    return less, "; ".join(why for _, why in found.values() if why)


def _without_slots(have: ObservedProvider) -> str:
    return BEFORE_EXCLUSIVE.format(have.name)


def _givers(lots: Collection[Lot], stocks: Collection[Stock]) -> tuple[str, ...]:
    """The other providers that count now what these lots are to count."""
    own = {lot.uuid for lot in lots}
    giving = [stock for stock in stocks if stock.leaving and stock.uuid not in own]
    return tuple(
        sorted({s.uuid for s in giving if any(meet(s.devices, lot.sites) for lot in lots)})
    )


def _free(
    lot: Lot, stocks: Collection[Stock], arriving: Mapping[tuple[str, ResourceClass], int]
) -> tuple[int, str]:
    """How many devices of a lot can be offered now, and why not all of them."""
    rivals = [(s, most_blocked(s.withdrawn_from(lot), s.held, lot.sites)) for s in stocks]
    in_the_way = [(stock, blocked) for stock, blocked in rivals if blocked]
    free = lot.total - sum(blocked for _, blocked in in_the_way)
    # what is not known is no reason to take back what is on offer
    known = lot.total - sum(blocked for stock, blocked in in_the_way if stock.known)
    place = lot.uuid, lot.resource_class
    same = [s.total for s in stocks if s.place == place]
    free = max(arriving.get(place, 0), free, *(min(total, known) for total in same))
    if free == lot.total:
        return free, ""
    first = in_the_way[0][0]
    missing = lot.total - free
    why = OUT_OF_SERVICE if first.kept else STILL_USED
    return free, why.format(first.name, missing, lot.total, lot.resource_class)


def turns_exclusive(want: Wanted, have: ObservedProvider) -> bool:
    """Whether a provider of one kind is to get the other; its claims of before hold no slots."""
    wanted, has = want.provider.inventories, have.inventories
    several = len(wanted.keys() - {names.SLOT}) > 1
    return several and names.SLOT in wanted and bool(has) and names.SLOT not in has
