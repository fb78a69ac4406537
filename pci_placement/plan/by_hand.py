"""What an operator reserved, also of what we drain: a mark remembers it until the drain ends.

A drain of ours reserves all of a class, and what was reserved before could not be told from that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pci_placement import names
from pci_placement.model import Inventories, ObservedProvider, ResourceClass, Trait


def by_hand(have: ObservedProvider) -> dict[ResourceClass, int]:
    """How much an operator reserved of each class of a provider; slots follow the classes."""
    return {name: _said(have, name) for name in have.inventories if name != names.SLOT}


def _said(have: ObservedProvider, name: ResourceClass) -> int:
    if _is_ours(have, name):
        return names.reserved_of(have.traits, name)
    return have.inventories[name].meant_reserved


def _is_ours(have: ObservedProvider, name: ResourceClass) -> bool:
    """Whether we reserved all of a class, to drain it.

    A device for one-time use may have been used before that, and is as good as reserved by hand.
    """
    draining = names.DRAINING in have.traits and have.inventories[name].is_all_reserved
    return draining and (names.ONE_TIME_USE not in have.traits or was_fresh(have))


def was_fresh(have: ObservedProvider) -> bool:
    """Whether a drain of ours tells of a device for one-time use that nobody had had it."""
    return names.DRAINING in have.traits and any(
        names.tells_nothing_reserved(have.traits, name) for name in have.inventories
    )


def as_fresh(inventories: Inventories) -> frozenset[Trait]:
    """The marks that tell so."""
    return frozenset(names.reserved_trait(0, name) for name in inventories if name != names.SLOT)


def stays_by_hand(have: ObservedProvider, wanted: Inventories) -> dict[ResourceClass, int]:
    """How much of each wanted class is to stay reserved because an operator said so.

    What was reserved of classes that go is reserved of those that come, or come back from a drain:
    an operator means devices, and not what they are called.
    """
    said = by_hand(have)
    carried = sum(number for name, number in said.items() if name not in wanted)
    return {
        name: min(said[name] if _is_told(have, name, said) else carried, inventory.total)
        for name, inventory in wanted.items()
        if name != names.SLOT
    }


def _is_told(
    have: ObservedProvider, name: ResourceClass, said: Mapping[ResourceClass, int]
) -> bool:
    """Whether a class itself tells how much of it is reserved: it is there, and not drained."""
    return name in said and (said[name] > 0 or not _is_ours(have, name))


def with_marks(
    traits: frozenset[Trait],
    have: ObservedProvider,
    draining: Inventories,
    wanted: Collection[ResourceClass],
    counts: frozenset[Trait] = frozenset(),
) -> frozenset[Trait]:
    """The traits of a provider that is being drained, with what was reserved by hand of it.

    wanted are classes that are offered beside those that are drained: of these it is told where all
    of it is reserved, which could be by us. counts is the hardware that it counts: under the traits
    of other hardware nothing is told of it, which would be read as reserved of the card that came.
    """
    if is_other_hardware(names.ids_among(traits), counts):
        have = replace(have, inventories={})
    said, offered = by_hand(have), {n: i for n, i in draining.items() if n in wanted}
    # less where another card came, of which nobody said anything
    stay = {n: min(s, offered[n].reserved) for n, s in stays_by_hand(have, offered).items()}
    has_moved = any(number > said.get(name, 0) for name, number in stay.items())
    left = {} if has_moved else {n: said[n] for n in draining.keys() & said.keys() - stay.keys()}
    whole = {name: number for name, number in stay.items() if number == offered[name].total}
    marks = {names.reserved_trait(n, name) for name, n in (whole | left).items() if n}
    return frozenset(t for t in traits if not names.is_reserved_trait(t)) | marks


def is_other_hardware(now: frozenset[Trait], before: frozenset[Trait]) -> bool:
    """Whether the traits that tell of hardware are not those of before, as far as both tell."""
    return bool(before and now and not before & now)


def marks_of_a_drain(have: ObservedProvider) -> frozenset[Trait]:
    """What tells of a drain, and of what was reserved before it: to be taken off last."""
    if names.DRAINING not in have.traits:
        return frozenset()
    return frozenset(t for t in have.traits if t == names.DRAINING or names.is_reserved_trait(t))
