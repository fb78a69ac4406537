"""Which devices each inventory counts after a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pci_placement.model import Counted, InventoryKey, Ledger, PciAddress, ProviderKey

from .compare import Comparison
from .devices import contains, functions_of, union
from .inventories import ObservedInventory, WantedInventory


def ledger_after(
    compared: Comparison,
    present: Iterable[ObservedInventory],
    known: Iterable[ProviderKey],
    before: Ledger,
    kept: Mapping[PciAddress, ProviderKey],
) -> Ledger:
    """What each inventory counts once the plan is carried out.

    known are the keys of all providers that can be ours; of those on which nothing may change
    stays what was said `before`. kept are devices that stay out of service, and where.
    """
    there = {now.key: now for now in present}
    unchanged = set(known) - compared.changeable.keys() - compared.wanted.keys()
    return {
        **{key: entry for key, entry in before.items() if key.provider in unchanged},
        **{key: _left(now) for key, now in there.items()},
        **{t.key: _counted(t, there.get(t.key), kept) for t in compared.targets},
    }


def _left(now: ObservedInventory) -> Counted:
    """What is no longer wanted counts all that its claims may hold, until they end.

    Of what is out of service, and of what nobody remembers, that is told apart from what it counts.
    """
    if now.stays or now.is_unknown:
        return _as_it_is(now)
    if now.told:
        return Counted(functions_of(now.may_hold))
    return Counted(functions_of(union(now.devices, now.may_hold)))


def as_it_is(present: Iterable[ObservedInventory]) -> dict[InventoryKey, Counted]:
    """What each inventory counts now."""
    return {now.key: _as_it_is(now) for now in present}


def _as_it_is(now: ObservedInventory) -> Counted:
    may_hold = functions_of(now.may_hold) if now.old else frozenset()
    return Counted(now.functions, may_hold, dict(now.old), now.known)


def _counted(
    target: WantedInventory, now: ObservedInventory | None, kept: Mapping[PciAddress, ProviderKey]
) -> Counted:
    """What a target counts, with the claims of before that may hold something else."""
    own = target.key.provider
    devices = functions_of(target.devices)
    if now is not None and now.stays:
        # what is out of service stays so while it is away
        devices |= now.functions
    devices = frozenset(a for a in devices if kept.get(a, own) == own)
    if now is None or not (now.old or (now.stays and now.is_unknown)):
        return Counted(devices)
    if not now.is_unknown and contains(target.devices, now.may_hold):
        return Counted(devices)
    return Counted(devices, functions_of(now.may_hold), dict(now.old), now.known)
