"""A limit on what one pass may remove: what is over it is drained instead, which can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from . import names
from .model import (
    Action,
    DeleteProvider,
    EnsureResourceClass,
    EnsureTrait,
    Inventories,
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
from .ownership import is_ours
from .reservations import reserved
from .shape import drained

WITHHELD = "its removal is withheld"
LEAST = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a pass may remove.

    max_removals None stands for half of our providers, at least two. With removes False (the
    policy upsert-only) nothing is ever removed, with force everything is.
    """

    max_removals: int | None = None
    removes: bool = True
    force: bool = False

    def allow(self, removals: int, providers: int) -> bool:
        """Whether so many removals may be made where there are so many providers of ours."""
        most = max(LEAST, providers // 2) if self.max_removals is None else self.max_removals
        return self.force or not removals or (self.removes and removals <= most)


def guard(plan: Plan, observed: ObservedTree, limits: Limits) -> Plan:
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
        return drained(now, now.traits | {names.DRAINING}, inventories, WITHHELD)
