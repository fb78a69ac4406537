"""Claims that follow their devices to another class or another provider.

A claim can follow where all the devices that it may hold go to one inventory. Placement moves such
claims together with the inventories, in one request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from pci_placement import names
from pci_placement.model import (
    MAKING_ROOM,
    Inventories,
    Inventory,
    InventoryKey,
    Move,
    ObservedProvider,
    Provider,
    ProviderKey,
    ResourceClass,
    follow_all,
)

from .devices import CardIndex, contains
from .inventories import ObservedInventory, OurProviders, WantedInventory, WantedProviders
from .reservations import holds_slots, whole_card

KeyMove = Move[ProviderKey]


def find_moves(
    present: Iterable[ObservedInventory],
    targets: Iterable[WantedInventory],
    wanted: WantedProviders,
    ours: OurProviders,
) -> tuple[KeyMove, ...]:
    """The moves of all claims that can follow their devices."""
    finder = _Finder(targets, wanted, ours)
    found = [(now, target) for now in present if (target := finder.home(now))]
    homes = {now.key: target.key for now, target in found}
    used = _used(present)
    moves = [
        move
        for now, target in found
        if _moves_whole(now.key, target.key, used, homes, ours)
        for move in _moves(now.key, target.key, ours)
    ]
    return tuple(dict.fromkeys(moves))


class _Finder:
    def __init__(
        self, targets: Iterable[WantedInventory], wanted: WantedProviders, ours: OurProviders
    ) -> None:
        self._on_cards = CardIndex((target.devices, target) for target in targets)
        self._wanted, self._ours = wanted, ours

    def home(self, now: ObservedInventory) -> WantedInventory | None:
        """The one other target that has all devices that the claims of an inventory may hold."""
        if not now.claims or not now.leaving or now.stays or now.is_unknown:
            return None
        near = self._on_cards.on(now.may_hold)
        return next((target for target in near if self._fits(now, target)), None)

    def _fits(self, now: ObservedInventory, target: WantedInventory) -> bool:
        source = self._ours[now.key.provider]
        return (
            now.key != target.key
            and contains(target.devices, now.may_hold)
            and bool(now.ids & target.ids)  # the devices are those that they were
            and _agree_on_slots(now, source, self._wanted[target.key.provider], target.key)
        )


def _agree_on_slots(
    now: ObservedInventory, source: ObservedProvider, target: Provider, key: InventoryKey
) -> bool:
    """Whether the claims hold slots exactly if they are asked for where they go, and as many."""
    claimed = source.consumers or {}
    wants, least = names.SLOT in target.inventories, _slots_asked(target, key.resource_class)
    return all(
        _has_slots(claimed[who]) == wants and claimed[who].get(names.SLOT, 0) >= least
        for who in now.claims or ()
    )


def _slots_asked(provider: Provider, name: ResourceClass) -> int:
    """How many slots somebody has at least who holds something of a class: of a PF all."""
    kinds = provider.inventories.keys() - {names.SLOT}
    beside_vfs = len(kinds) > 1 and name == whole_card(provider)
    slots = provider.inventories.get(names.SLOT)
    return slots.total if slots and beside_vfs else 0


def _has_slots(resources: Mapping[ResourceClass, int]) -> bool:
    return bool(resources.get(names.SLOT)) and holds_slots(resources)


def _used(present: Iterable[ObservedInventory]) -> dict[ProviderKey, list[InventoryKey]]:
    """What is used of each provider."""
    found: dict[ProviderKey, list[InventoryKey]] = {}
    for now in present:
        if now.claims:
            found.setdefault(now.key.provider, []).append(now.key)
    return found


def _moves_whole(
    source: InventoryKey,
    target: InventoryKey,
    used: Mapping[ProviderKey, Collection[InventoryKey]],
    homes: Mapping[InventoryKey, InventoryKey],
    ours: OurProviders,
) -> bool:
    """Whether the slots of a provider can go along: all that is used of it goes to one provider."""
    if target.provider == source.provider:
        return True
    if names.SLOT not in ours[source.provider].inventories:
        return True
    found = [homes.get(other) for other in used[source.provider]]
    return all(home is not None and home.provider == target.provider for home in found)


def _moves(source: InventoryKey, target: InventoryKey, ours: OurProviders) -> list[KeyMove]:
    moves: list[KeyMove] = [Move(*source, *target)]
    slots = names.SLOT in ours[source.provider].inventories
    if source.provider != target.provider and slots:
        moves.append(Move(source.provider, names.SLOT, target.provider, names.SLOT))
    return moves


def arrivals(
    present: Iterable[ObservedInventory], moves: Iterable[KeyMove]
) -> dict[InventoryKey, int]:
    """How many devices the claims hold that move to each inventory."""
    goes = {
        InventoryKey(m.source, m.source_class): InventoryKey(m.target, m.target_class)
        for m in moves
    }
    found: dict[InventoryKey, int] = {}
    for now in present:
        if key := goes.get(now.key):
            found[key] = found.get(key, 0) + sum((now.claims or {}).values())
    return found


def after_moves(
    before: Mapping[ProviderKey, ObservedProvider], moves: Collection[KeyMove]
) -> dict[ProviderKey, ObservedProvider]:
    """The providers with their claims where the moves leave them; new ones are there already."""
    ends = {key for move in moves for key in (move.source, move.target)}
    moved = follow_all({key: before[key].consumers or {} for key in ends}, moves)
    return {**before, **{key: replace(before[key], consumers=moved[key]) for key in ends}}


def during(inventories: Inventories, have: ObservedProvider) -> dict[ResourceClass, Inventory]:
    """Inventories with room for all that is used, as Placement demands while it moves claims.

    What is reserved could not be told any more if the request that sets the final numbers were not
    to come. So it stays so beside that room, but where we drain; and that it is all is told by
    max_unit.

    Source: placement/objects/allocation.py, _check_capacity_exceeded.
    """
    draining = names.DRAINING in have.traits
    return {n: _with_room(i, have.used.get(n, 0), draining) for n, i in inventories.items()}


def _with_room(inventory: Inventory, used: int, draining: bool) -> Inventory:
    if used <= inventory.total - inventory.reserved:
        return inventory
    is_ours = draining and inventory.is_all_reserved
    return _less_reserved(inventory, used) if is_ours else _more_in_all(inventory, used)


def _more_in_all(inventory: Inventory, used: int) -> Inventory:
    total = used + inventory.reserved
    most = total + MAKING_ROOM if inventory.is_all_reserved else total
    return replace(inventory, total=total, max_unit=most)


def _less_reserved(inventory: Inventory, used: int) -> Inventory:
    total = max(inventory.total, used)
    reserved = min(inventory.reserved, total - used)
    return replace(inventory, total=total, max_unit=total + MAKING_ROOM, reserved=reserved)
