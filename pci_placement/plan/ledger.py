"""Which devices each inventory counts after a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pci_placement.model import Counted, Ledger

from .compare import Comparison
from .devices import contains, functions_of, union
from .inventories import ObservedInventory, WantedInventory


def ledger_after(
    compared: Comparison,
    present: Iterable[ObservedInventory],
    keys: Mapping[str, str],
    before: Ledger,
) -> Ledger:
    """What each inventory counts once the plan is carried out."""
    there = {now.place: now for now in present}
    known = {have.uuid: keys[have.uuid] for have in compared.changeable}
    known |= {want.uuid: want.provider.key for want in compared.wanted}
    held = set(keys.values()) - set(known.values())
    return {
        **{place: entry for place, entry in before.items() if place[0] in held},
        **{(s.key, s.resource_class): _left(s) for s in there.values()},
        **{
            (known[target.uuid], target.resource_class): _counted(
                target, there.get((target.uuid, target.resource_class))
            )
            for target in compared.targets
        },
    }


def _left(now: ObservedInventory) -> Counted:
    """What is no longer wanted counts all that its claims may hold, until they end."""
    return Counted(functions_of(union(now.devices, now.may_hold)), sure=now.known)


def as_it_is(now: ObservedInventory) -> Counted:
    """What an inventory counts now."""
    devices, held = functions_of(now.devices), functions_of(now.may_hold)
    return Counted(devices, held if now.old else frozenset(), dict(now.old), now.known)


def _counted(target: WantedInventory, now: ObservedInventory | None) -> Counted:
    """What a target counts, with the claims of before that may hold something else."""
    devices = functions_of(target.devices)
    if now is None or not now.old or contains(target.devices, now.may_hold):
        return Counted(devices)
    return Counted(devices, functions_of(now.may_hold), dict(now.old), now.known)
