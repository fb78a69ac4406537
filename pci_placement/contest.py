"""Cards on which one provider gives up what another one gets.

A PF becomes its VFs, VFs move from one trait set to another: the same devices would be claimed
twice if both were on offer for a moment, or if what was given up is still in use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from . import names
from .model import Inventories, ObservedProvider, ResourceClass
from .shape import Wanted

BEFORE_EXCLUSIVE = "{} has allocations without slots, from before pf_vf_exclusive: nothing new yet"
STILL_USED = "{} has allocations beyond what is offered of it now: nothing new until they end"


@dataclass(frozen=True, slots=True)
class Settled:
    """What may be asked for of each provider now, what was withheld and why, and who goes first."""

    wanted: tuple[Wanted, ...]
    withheld: Mapping[str, str]
    first: Collection[str]


def _devices(inventories: Inventories) -> dict[ResourceClass, int]:
    """How many devices of each class; the slots that they share are none."""
    return {name: i.total for name, i in inventories.items() if name != names.SLOT}


def _shrinks(before: Inventories, after: Inventories) -> bool:
    """Whether less of any class is offered after than before."""
    left = _devices(after)
    return any(left.get(name, 0) < total for name, total in _devices(before).items())


def _overuse(have: ObservedProvider, offer: Inventories) -> int:
    """How many devices are in use beyond what is to be offered."""
    left = _devices(offer)
    used = {name: n for name, n in have.used.items() if name != names.SLOT}
    return sum(max(0, amount - left.get(name, 0)) for name, amount in used.items())


def _shares(want: Wanted, giver: str) -> bool:
    """Whether a provider is to count devices that another, by its key, may count now.

    Which devices an existing pool counts is not known any more; a PF whose VFs are wanted may be
    one of them.
    """
    card = names.card_of_key(giver)
    own = names.card_of_key(want.provider.key)
    if card is None:
        return True
    return card == own or (own is None and card in want.provider.addresses)


def in_question(
    wanted: Collection[Wanted], ours: Collection[ObservedProvider], keys: Mapping[str, str]
) -> set[str]:
    """Which providers are to give something up, or share devices with one that gets something.

    Of these one must know what is in use of them.
    """
    offers = {want.uuid: want.provider.inventories for want in wanted}
    has = {have.uuid: have.inventories for have in ours}
    gaining = [w for w in wanted if _shrinks(w.provider.inventories, has.get(w.uuid, {}))]
    found = {
        uuid
        for uuid, inventories in has.items()
        if _shrinks(inventories, offers.get(uuid, {}))
        or set(inventories) - set(offers.get(uuid, {}))
        or (inventories and any(_shares(w, keys[uuid]) for w in gaining))
    }
    # a pool is to offer less while single providers still have devices of it in use
    pools = {w.uuid for w in wanted if any(_shares(w, keys[uuid]) for uuid in found)}
    return found | {uuid for uuid in pools if has.get(uuid)}


def settle(
    wanted: Iterable[Wanted], ours: Iterable[ObservedProvider], keys: Mapping[str, str]
) -> Settled:
    """Let each card give before it takes, and take nothing while something given up is in use.

    `ours` are the providers on which something may change: not those of cards that are held. The
    consumers of all that are `in_question` are known.
    """
    wanted = tuple(wanted)
    offers = {want.uuid: want.provider.inventories for want in wanted}
    has = {have.uuid: have for have in ours}
    givers = [
        _Giver(keys[uuid], have, _overuse(have, offers.get(uuid, {})))
        for uuid, have in has.items()
        if _shrinks(have.inventories, offers.get(uuid, {})) or _overuse(have, offers.get(uuid, {}))
    ]
    limited = [
        _limited(want, [g for g in givers if _shares(want, g.key)], has.get(want.uuid))
        for want in wanted
    ]
    return Settled(
        wanted=tuple(want for want, _ in limited),
        withheld={want.name: why for want, why in limited if why},
        first={giver.have.uuid for giver in givers},
    )


@dataclass(frozen=True, slots=True)
class _Giver:
    """A provider that is to offer less than it has, or less than is in use of it."""

    key: str
    have: ObservedProvider
    overuse: int


def _limited(
    want: Wanted, givers: Collection[_Giver], have: ObservedProvider | None
) -> tuple[Wanted, str]:
    """Make a provider wait for its givers, and offer nothing that is in use of them."""
    others = tuple(sorted(g.have.uuid for g in givers if g.have.uuid != want.uuid))
    want = replace(want, only_after=others)
    has = have.inventories if have else {}
    if have and have.used and _turns_exclusive(want, has):
        return want.with_no_more_than(has), BEFORE_EXCLUSIVE.format(have.name)
    overused = [giver for giver in givers if giver.overuse]
    if not overused:
        return want, ""
    less = _without(want, overused) or want.with_no_more_than(has)
    return less, STILL_USED.format(overused[0].have.name) if less != want else ""


def _turns_exclusive(want: Wanted, has: Inventories) -> bool:
    """Whether a provider of one kind is to get the other; its claims of before hold no slots."""
    several = len(_devices(want.provider.inventories)) > 1
    return several and names.SLOT in want.provider.inventories and names.SLOT not in has


def _without(want: Wanted, overused: Collection[_Giver]) -> Wanted | None:
    """A pool without the devices that single providers still have in use; None for all else.

    Of a card or a pool nobody knows which device a consumer holds; of a single device one does.
    """
    single = all(names.card_of_key(giver.key) for giver in overused)
    if names.card_of_key(want.provider.key) or not single:
        return None
    # a card is one device of the pool, however many of its VFs are in use
    return want.with_fewer(len({names.card_of_key(giver.key) for giver in overused}))
