"""Cards on which one provider gives up what another one gets.

A PF becomes its VFs, VFs move from one trait set to another: the same devices would be claimed
twice if both were on offer for a moment, or if what was given up is still in use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from . import names
from .model import Inventories, ObservedProvider, PciAddress, ResourceClass
from .shape import Wanted

STILL_USED = "{} has allocations beyond what is offered of it now: nothing new until they end"


@dataclass(frozen=True, slots=True)
class Settled:
    """What may be asked for of each provider now, what was withheld and why, and who goes first."""

    wanted: tuple[Wanted, ...]
    withheld: Mapping[str, str]
    first: Collection[str]


def _total(inventories: Inventories, name: ResourceClass) -> int:
    return inventories[name].total if name in inventories else 0


def _shrinks(before: Inventories, after: Inventories) -> bool:
    """Whether less of any class is offered after than before."""
    return any(_total(after, name) < inventory.total for name, inventory in before.items())


def _overused(have: ObservedProvider, wanted: Inventories) -> bool:
    """Whether more is in use than is to be offered."""
    return any(used > _total(wanted, name) for name, used in have.used.items())


def in_question(
    wanted: Iterable[Wanted], ours: Collection[ObservedProvider], keys: Mapping[str, str]
) -> set[str]:
    """Which providers are to give something up, or share a card with one that gets something.

    Of these one must know what is in use of them.
    """
    offers = {want.uuid: want.provider.inventories for want in wanted}
    has = {have.uuid: have.inventories for have in ours}
    cards = {uuid: names.card_of_key(keys[uuid]) for uuid in has}
    gaining = {
        (names.card_of_key(want.provider.key), want.uuid)
        for want in wanted
        if _shrinks(want.provider.inventories, has.get(want.uuid, {}))
    }
    return {
        uuid
        for uuid, inventories in has.items()
        if _shrinks(inventories, offers.get(uuid, {}))
        or (inventories and any(card == cards[uuid] and other != uuid for card, other in gaining))
    }


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
    givers: dict[PciAddress | None, list[ObservedProvider]] = {}
    for uuid, have in has.items():
        offer = offers.get(uuid, {})
        if _shrinks(have.inventories, offer) or _overused(have, offer):
            givers.setdefault(names.card_of_key(keys[uuid]), []).append(have)
    limited = [
        _limited(want, givers.get(names.card_of_key(want.provider.key), ()), offers, has)
        for want in wanted
    ]
    return Settled(
        wanted=tuple(want for want, _ in limited),
        withheld={want.name: why for want, why in limited if why},
        first={have.uuid for group in givers.values() for have in group},
    )


def _limited(
    want: Wanted,
    givers: Collection[ObservedProvider],
    offers: Mapping[str, Inventories],
    has: Mapping[str, ObservedProvider],
) -> tuple[Wanted, str]:
    """Make a provider wait for the givers of its card; while one is overused it gets nothing."""
    others = tuple(sorted(have.uuid for have in givers if have.uuid != want.uuid))
    want = replace(want, only_after=others)
    rival = next((have for have in givers if _overused(have, offers.get(have.uuid, {}))), None)
    if rival is None:
        return want, ""
    have = has.get(want.uuid)
    less = want.with_no_more_than(have.inventories if have else {})
    return less, STILL_USED.format(rival.name) if less != want else ""
