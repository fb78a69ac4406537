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

from .devices import clash, contains, most_blocked
from .inventories import ObservedInventory, WantedInventory
from .provider import Wanted

BEFORE_EXCLUSIVE = "{} has allocations without slots, from before pf_vf_exclusive: nothing new yet"
KEEPS_DEVICES = "{} is out of service and keeps {} of these {} {}: offered when it is back"
CLAIMS_HOLD = "{} has claims that may hold {} of these {} {}: offered as they end"


@dataclass(frozen=True, slots=True)
class Handover:
    """What may be asked for of each provider, what is held back and why, and who goes first."""

    wanted: tuple[Wanted, ...]
    held_back: Mapping[str, str]
    first: Collection[str]


def in_question(
    present: Collection[ObservedInventory],
    targets: Collection[WantedInventory],
    ours: Collection[ObservedProvider],
) -> set[str]:
    """The providers of which one must know who uses them.

    They give something up, or claims of before may hold what another one is to get, or they get
    what is given up, or they are drained.
    """
    has = {have.uuid: have for have in ours}
    # of what is drained the class that is wanted may be the one that is in use
    drained = {p.uuid for p in ours if names.DRAINING in p.traits and p.inventories}
    leaving = [now for now in present if now.leaving]
    hungry = [target for target in targets if target.uuid in drained or _gains(target, present)]
    holding = [
        s for s in present if s.old and any(clash(s.may_hold, target.devices) for target in hungry)
    ]
    getting = {
        target.uuid
        for target in targets
        if target.uuid in has and any(clash(now.devices, target.devices) for now in leaving)
    }
    getting = {uuid for uuid in getting if has[uuid].inventories}
    return {now.uuid for now in (*leaving, *holding)} | getting | drained


def _gains(target: WantedInventory, present: Collection[ObservedInventory]) -> bool:
    """Whether a target is to have more devices than are counted there, or others."""
    same = [s for s in present if s.place == (target.uuid, target.resource_class)]
    return not any(s.total >= target.total and contains(s.devices, target.devices) for s in same)


def hand_over(
    wanted: Iterable[Wanted],
    ours: Iterable[ObservedProvider],
    present: Collection[ObservedInventory],
    targets: Collection[WantedInventory],
    arriving: Mapping[tuple[str, ResourceClass], int] | None = None,
) -> Handover:
    """Let each card give before it takes, and leave out what claims of before may hold.

    The consumers of all that are `in_question` are known. arriving are how many devices of each
    place are held by claims that move there: those are there for them.
    """
    has = {have.uuid: have for have in ours}
    arriving = arriving or {}
    limited = [_limited(want, has.get(want.uuid), present, targets, arriving) for want in wanted]
    return Handover(
        wanted=tuple(want for want, _ in limited),
        held_back={want.name: why for want, why in limited if why},
        first={now.uuid for now in present if now.leaving},
    )


def _limited(
    want: Wanted,
    have: ObservedProvider | None,
    present: Collection[ObservedInventory],
    targets: Collection[WantedInventory],
    arriving: Mapping[tuple[str, ResourceClass], int],
) -> tuple[Wanted, str]:
    """Make a provider wait for its givers, and offer nothing that may be in use of them."""
    own = [target for target in targets if target.uuid == want.uuid]
    want = replace(want, rests_on=_givers(own, present))
    has: Inventories = have.inventories if have else {}
    if have and have.used and turns_exclusive(want, have):
        return want.with_no_more_than({n: i.total for n, i in has.items()}), _without_slots(have)
    found = {target.resource_class: _free(target, present, arriving) for target in own}
    slots = {name: i.total for name, i in want.provider.inventories.items() if name == names.SLOT}
    less = want.with_no_more_than({name: free for name, (free, _) in found.items()} | slots)
    return less, "; ".join(why for _, why in found.values() if why)


def _without_slots(have: ObservedProvider) -> str:
    return BEFORE_EXCLUSIVE.format(have.name)


def _givers(
    targets: Collection[WantedInventory], present: Collection[ObservedInventory]
) -> tuple[str, ...]:
    """The other providers that count now what these targets are to count."""
    own = {target.uuid for target in targets}
    giving = [now for now in present if now.leaving and now.uuid not in own]
    return tuple(
        sorted(
            {s.uuid for s in giving if any(clash(s.devices, target.devices) for target in targets)}
        )
    )


def _free(
    target: WantedInventory,
    present: Collection[ObservedInventory],
    arriving: Mapping[tuple[str, ResourceClass], int],
) -> tuple[int, str]:
    """How many devices of a target can be offered now, and why not all of them."""
    blocking = [(now, _blocked(now, target)) for now in present]
    in_the_way = [(now, blocked) for now, blocked in blocking if blocked]
    free = target.total - sum(blocked for _, blocked in in_the_way)
    # what is not known is no reason to take back what is on offer
    known = target.total - sum(blocked for now, blocked in in_the_way if now.known)
    place = target.uuid, target.resource_class
    same = [s.total for s in present if s.place == place]
    free = max(arriving.get(place, 0), free, *(min(total, known) for total in same))
    if free == target.total:
        return free, ""
    first = in_the_way[0][0]
    missing = target.total - free
    why = KEEPS_DEVICES if first.stays else CLAIMS_HOLD
    return free, why.format(first.name, missing, target.total, target.resource_class)


def _blocked(now: ObservedInventory, target: WantedInventory) -> int:
    return most_blocked(now.withdrawn_from(target), now.may_hold, target.devices)


def turns_exclusive(want: Wanted, have: ObservedProvider) -> bool:
    """Whether a provider of one kind is to get the other; its claims of before hold no slots."""
    wanted, has = want.provider.inventories, have.inventories
    several = len(wanted.keys() - {names.SLOT}) > 1
    return several and names.SLOT in wanted and bool(has) and names.SLOT not in has
