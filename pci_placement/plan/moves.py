"""Claims that follow their devices to another class or another provider.

A claim can follow where all the devices that it may hold go to one place. Placement moves such
claims together with the inventories, in one request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from pci_placement import names
from pci_placement.model import (
    Holdings,
    Inventories,
    Inventory,
    Move,
    ObservedProvider,
    ResourceClass,
    follow,
)

from .devices import contains
from .inventories import ObservedInventory, WantedInventory
from .provider import Wanted, newborn

Providers = Mapping[str, ObservedProvider]
"""What is there, by uuid."""

WantedProviders = Mapping[str, Wanted]
"""What is wanted, by uuid."""


def find_moves(
    present: Collection[ObservedInventory],
    targets: Collection[WantedInventory],
    wanted: WantedProviders,
    there: Providers,
) -> tuple[Move, ...]:
    """The moves of all claims that can follow their devices."""
    found = [(now, target) for now in present if (target := _home(now, targets, wanted, there))]
    homes = {now.place: target for now, target in found}
    moves = [
        move
        for now, target in found
        if _moves_whole(now, target, present, homes, there)
        for move in _moves(now, target, there)
    ]
    return tuple(dict.fromkeys(moves))


def _home(
    now: ObservedInventory,
    targets: Collection[WantedInventory],
    wanted: WantedProviders,
    there: Providers,
) -> WantedInventory | None:
    """The one other target that has all devices that the claims of an inventory may hold."""
    if not now.claims or not now.leaving or now.stays:
        return None
    return next((target for target in targets if _fits(now, target, wanted, there)), None)


def _fits(
    now: ObservedInventory, target: WantedInventory, wanted: WantedProviders, there: Providers
) -> bool:
    return (
        now.place != (target.uuid, target.resource_class)
        and contains(target.devices, now.may_hold)
        and _same_hardware(there[now.uuid], target)
        and _agree_on_slots(there[now.uuid], wanted[target.uuid])
    )


def _agree_on_slots(source: ObservedProvider, target: Wanted) -> bool:
    """Whether claims hold slots at both ends, or at neither."""
    return (names.SLOT in target.provider.inventories) == (names.SLOT in source.inventories)


def _same_hardware(source: ObservedProvider, target: WantedInventory) -> bool:
    """Whether the devices are the ones that they were, by their ids."""
    return bool(names.ids_among(source.traits) & target.ids)


def _moves_whole(
    now: ObservedInventory,
    target: WantedInventory,
    present: Iterable[ObservedInventory],
    homes: Mapping[tuple[str, ResourceClass], WantedInventory],
    there: Providers,
) -> bool:
    """Whether the slots of a provider can go along: all that is used of it goes to one place."""
    if target.uuid == now.uuid or names.SLOT not in there[now.uuid].inventories:
        return True
    used = [other for other in present if other.uuid == now.uuid and other.claims]
    return all(other.place in homes and homes[other.place].uuid == target.uuid for other in used)


def _moves(now: ObservedInventory, target: WantedInventory, there: Providers) -> list[Move]:
    moves = [Move(now.uuid, now.resource_class, target.uuid, target.resource_class)]
    if now.uuid != target.uuid and names.SLOT in there[now.uuid].inventories:
        moves.append(Move(now.uuid, names.SLOT, target.uuid, names.SLOT))
    return moves


def arrivals(
    present: Iterable[ObservedInventory], moves: Iterable[Move]
) -> dict[tuple[str, ResourceClass], int]:
    """How many devices the claims hold that move to each place."""
    target = {(m.source, m.source_class): (m.target, m.target_class) for m in moves}
    found: dict[tuple[str, ResourceClass], int] = {}
    for now in present:
        if place := target.get(now.place):
            found[place] = found.get(place, 0) + sum((now.claims or {}).values())
    return found


def after_moves(
    there: Mapping[str, ObservedProvider], moves: Collection[Move], wanted: Mapping[str, Wanted]
) -> dict[str, ObservedProvider]:
    """The providers with their claims where the moves leave them, new ones included."""
    ends = {uuid for move in moves for uuid in (move.source, move.target)}
    before = {uuid: there.get(uuid) or newborn(wanted[uuid]) for uuid in ends}
    holdings = _by_consumer(before)
    followed = {who: follow(held, moves) for who, held in holdings.items()}
    return {
        **there,
        **{
            uuid: replace(have, consumers={w: h[uuid] for w, h in followed.items() if h.get(uuid)})
            for uuid, have in before.items()
        },
    }


def _by_consumer(providers: Mapping[str, ObservedProvider]) -> dict[str, Holdings]:
    everybody = {who for have in providers.values() for who in have.consumers or {}}
    return {
        who: {uuid: (have.consumers or {}).get(who, {}) for uuid, have in providers.items()}
        for who in everybody
    }


def during(inventories: Inventories, have: ObservedProvider) -> dict[ResourceClass, Inventory]:
    """Inventories with room for all that is used, as Placement demands while it moves claims."""
    return {name: _roomy(i, have.used.get(name, 0)) for name, i in inventories.items()}


def _roomy(inventory: Inventory, used: int) -> Inventory:
    total = max(inventory.total, used)
    return replace(
        inventory,
        total=total,
        max_unit=max(inventory.max_unit, total),
        reserved=min(inventory.reserved, total - used),
    )
