"""Of which providers one must know who uses them before a plan is made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pci_placement import names
from pci_placement.model import ProviderKey

from .devices import clash, contains, union
from .inventories import Near, ObservedInventory, OurProviders, WantedInventory


def in_question(
    present: Collection[ObservedInventory],
    targets: Collection[WantedInventory],
    ours: OurProviders,
) -> set[ProviderKey]:
    """The providers of which one must know who uses them.

    They give something up, or claims of before may hold what another one is to get, or they get
    what is given up, or they are draining, or nobody remembers what they counted.
    """
    # of what is draining the class that is wanted may be the one that is in use
    draining = {k for k, p in ours.items() if names.DRAINING in p.traits and p.inventories}
    leaving = [now for now in present if now.leaving]
    hungry = [*_hungry(present, targets, draining), *_threatened(present, targets)]
    holding = _holding(present, hungry)
    getting = {t.key.provider for t in _getting([*leaving, *holding], targets)} & ours.keys()
    getting = {key for key in getting if ours[key].inventories}
    forgotten = [now for now in present if now.forgotten]
    return {now.key.provider for now in (*leaving, *holding, *forgotten)} | getting | draining


def _hungry(
    present: Iterable[ObservedInventory],
    targets: Iterable[WantedInventory],
    draining: Collection[ProviderKey],
) -> list[WantedInventory]:
    """What is to count more devices than it counts now, or others."""
    now = {each.key: each for each in present}
    return [t for t in targets if t.key.provider in draining or _gains(t, now.get(t.key))]


def _gains(target: WantedInventory, now: ObservedInventory | None) -> bool:
    if now is None or now.forgotten or now.on_offer_of(target) < target.total:
        return True
    return not contains(now.devices, target.devices)


def _threatened(
    present: Iterable[ObservedInventory], targets: Iterable[WantedInventory]
) -> Iterator[WantedInventory]:
    """What offers all that it is to, while claims of before surely may hold some of it.

    What its own claims hold those cannot.
    """
    sure = [now for now in present if now.old and now.is_sure]
    near = Near((now.may_hold, now) for now in sure)
    for target in targets if sure else ():
        if any(now.key != target.key for now in near.to(target)):
            yield target


def _holding(
    present: Iterable[ObservedInventory], hungry: Collection[WantedInventory]
) -> list[ObservedInventory]:
    """Inventories of which claims of before may hold what another one is to get."""
    old = [now for now in present if now.old]
    near = Near((now.may_hold, now) for now in old)
    found = {
        now.key
        for target in (hungry if old else ())
        for now in near.to(target)
        if clash(now.holds_of(target), target.devices)
    }
    return [now for now in old if now.key in found]


def _getting(
    givers: Iterable[ObservedInventory], targets: Iterable[WantedInventory]
) -> Iterator[WantedInventory]:
    """What is to count devices that another one gives up, or that claims on it may hold."""
    near = Near((union(now.devices, now.may_hold), now) for now in givers)
    for target in targets:
        if any(_takes(target, now) for now in near.to(target)):
            yield target


def _takes(target: WantedInventory, now: ObservedInventory) -> bool:
    gives = union(now.counts_of(target), now.holds_of(target))
    return clash(gives, target.devices)
