"""A limit on what one pass may remove: what is over it is drained instead, which can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pci_placement import names
from pci_placement.identity import is_ours
from pci_placement.model import (
    Action,
    DeleteProvider,
    EnsureResourceClass,
    EnsureTrait,
    Inventories,
    Limits,
    ObservedProvider,
    ObservedTree,
    Plan,
    Reshape,
    SetInventories,
    SetTraits,
    Trait,
    Undrain,
)

from .order import ensure
from .provider import drained
from .reservations import reserved

INSTEAD_OF_REMOVAL = "its removal is withheld"


def limit_removals(plan: Plan, observed: ObservedTree, limits: Limits) -> Plan:
    """Turn the removals of a plan into drains where they are too many."""
    ours = {uuid: have for uuid, have in observed.providers.items() if is_ours(have)}
    found = tuple(removals(plan))
    if limits.allow(len(found), len(ours)):
        return plan
    gentle = _Gentle({uuid: have for uuid, have in ours.items() if uuid not in _moved(plan)})
    actions = [step for action in plan.actions for step in gentle.instead(action)]
    return replace(
        plan,
        actions=(*ensure(actions, observed.providers.values()), *actions),
        withheld=found if limits.removes else (),
    )


def removals(plan: Plan) -> Iterator[str]:
    """The providers and the classes of providers that a plan removes, a line each.

    What a reshape moves is not removed.
    """
    moved = _moved(plan)
    for action in plan.actions:
        if action.uuid in moved:
            continue
        if isinstance(action, DeleteProvider):
            yield action.name
        if isinstance(action, SetInventories | Undrain):
            for name in dropped(action.before, action.inventories):
                yield f"{name} of {action.name}"


def _moved(plan: Plan) -> set[str]:
    """The providers between which claims move."""
    return {uuid for a in plan.actions if isinstance(a, Reshape) for uuid in a.inventories}


def dropped(before: Inventories, after: Inventories) -> list[str]:
    """The classes of devices that are in the first only."""
    return sorted(before.keys() - after.keys() - {names.SLOT})


class _Gentle:
    """Replaces what removes by what only drains."""

    def __init__(self, ours: dict[str, ObservedProvider]) -> None:
        self._ours = ours
        self._traits: dict[str, frozenset[Trait]] = {u: p.traits for u, p in ours.items()}

    def instead(self, action: Action) -> list[Action]:
        match action:
            case EnsureResourceClass() | EnsureTrait():
                return []  # worked out anew
            case SetTraits():
                self._traits[action.uuid] = action.traits
            case DeleteProvider() if action.uuid in self._ours:
                return self._drained(action.uuid, {})
            case SetInventories() | Undrain() if dropped(action.before, action.inventories):
                return self._drained(action.uuid, action.inventories)
        return [action]

    def _drained(self, uuid: str, wanted: Inventories) -> list[Action]:
        """Keep what would be removed, with nothing left to claim of it."""
        have = self._ours[uuid]
        kept = {name: i for name, i in have.inventories.items() if name not in wanted}
        if not kept:
            return []
        now = replace(have, traits=self._traits[uuid])
        inventories = {**wanted, **reserved(kept)}
        return drained(now, now.traits | {names.DRAINING}, inventories, INSTEAD_OF_REMOVAL)
