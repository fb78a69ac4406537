"""Claims that follow their devices to another class or another provider.

A claim can follow where all the devices that it may hold go to one place. Placement moves such
claims together with the inventories, in one request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

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

from .devices import within
from .inventories import Lot, Stock
from .provider import Wanted, newborn


@dataclass(frozen=True, slots=True)
class Parties:
    """What is wanted and what is there, by uuid."""

    wanted: Mapping[str, Wanted]
    there: Mapping[str, ObservedProvider]

    def agree_on_slots(self, source: str, target: str) -> bool:
        """Whether claims hold slots at both ends, or at neither."""
        wants = names.SLOT in self.wanted[target].provider.inventories
        return wants == (names.SLOT in self.there[source].inventories)

    def same_hardware(self, source: str, lot: Lot) -> bool:
        """Whether the devices are the ones that they were, by their ids."""
        return bool(names.ids_among(self.there[source].traits) & lot.ids)


def find_moves(
    stocks: Collection[Stock], lots: Collection[Lot], parties: Parties
) -> tuple[Move, ...]:
    """The moves of all claims that can follow their devices."""
    found = [(stock, lot) for stock in stocks if (lot := _home(stock, lots, parties))]
    homes = {stock.place: lot for stock, lot in found}
    moves = [
        move
        for stock, lot in found
        if _moves_whole(stock, lot, stocks, homes, parties)
        for move in _moves(stock, lot, parties)
    ]
    return tuple(dict.fromkeys(moves))


def _home(stock: Stock, lots: Collection[Lot], parties: Parties) -> Lot | None:
    """The one other lot that has all devices that the claims of a stock may hold."""
    if not stock.claims or not stock.leaving or stock.kept:
        return None
    return next((lot for lot in lots if _fits(stock, lot, parties)), None)


def _fits(stock: Stock, lot: Lot, parties: Parties) -> bool:
    return (
        stock.place != (lot.uuid, lot.resource_class)
        and within(stock.held, lot.sites)
        and parties.same_hardware(stock.uuid, lot)
        and parties.agree_on_slots(stock.uuid, lot.uuid)
    )


def _moves_whole(
    stock: Stock,
    lot: Lot,
    stocks: Iterable[Stock],
    homes: Mapping[tuple[str, ResourceClass], Lot],
    parties: Parties,
) -> bool:
    """Whether the slots of a provider can go along: all that is used of it goes to one place."""
    if lot.uuid == stock.uuid or names.SLOT not in parties.there[stock.uuid].inventories:
        return True
    used = [other for other in stocks if other.uuid == stock.uuid and other.claims]
    return all(other.place in homes and homes[other.place].uuid == lot.uuid for other in used)


def _moves(stock: Stock, lot: Lot, parties: Parties) -> list[Move]:
    moves = [Move(stock.uuid, stock.resource_class, lot.uuid, lot.resource_class)]
    if stock.uuid != lot.uuid and names.SLOT in parties.there[stock.uuid].inventories:
        moves.append(Move(stock.uuid, names.SLOT, lot.uuid, names.SLOT))
    return moves


def arrivals(
    stocks: Iterable[Stock], moves: Iterable[Move]
) -> dict[tuple[str, ResourceClass], int]:
    """How many devices the claims hold that move to each place."""
    target = {(m.source, m.source_class): (m.target, m.target_class) for m in moves}
    found: dict[tuple[str, ResourceClass], int] = {}
    for stock in stocks:
        if place := target.get(stock.place):
            found[place] = found.get(place, 0) + sum((stock.claims or {}).values())
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
