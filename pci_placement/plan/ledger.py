"""Which devices each inventory counts after a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pci_placement.model import Counted, Ledger

from .compare import Scene
from .devices import functions_of, joined, within
from .inventories import Lot, Stock


def ledger_after(
    scene: Scene, stocks: Iterable[Stock], keys: Mapping[str, str], before: Ledger
) -> Ledger:
    """What each inventory counts once the plan is carried out."""
    there = {stock.place: stock for stock in stocks}
    known = {have.uuid: keys[have.uuid] for have in scene.changeable}
    known |= {want.uuid: want.provider.key for want in scene.wanted}
    held = set(keys.values()) - set(known.values())
    return {
        **{place: entry for place, entry in before.items() if place[0] in held},
        **{(s.key, s.resource_class): _left(s) for s in there.values()},
        **{
            (known[lot.uuid], lot.resource_class): _counted(
                lot, there.get((lot.uuid, lot.resource_class))
            )
            for lot in scene.lots
        },
    }


def _left(stock: Stock) -> Counted:
    """What is no longer wanted counts all that its claims may hold, until they end."""
    return Counted(functions_of(joined(stock.devices, stock.held)), sure=stock.known)


def as_it_is(stock: Stock) -> Counted:
    """What an inventory counts now."""
    devices, held = functions_of(stock.devices), functions_of(stock.held)
    return Counted(devices, held if stock.old else frozenset(), dict(stock.old), stock.known)


def _counted(lot: Lot, stock: Stock | None) -> Counted:
    """What a lot counts, with the claims of before that may hold something else."""
    devices = functions_of(lot.sites)
    if stock is None or not stock.old or within(stock.held, lot.sites):
        return Counted(devices)
    return Counted(devices, functions_of(stock.held), dict(stock.old), stock.known)
