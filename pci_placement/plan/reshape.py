"""Turning the actions of several providers into one request that moves claims with inventories."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pci_placement.model import (
    Action,
    DeleteProvider,
    Drain,
    Inventories,
    Move,
    ObservedProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)

from .moves import during
from .provider import KNOWN_OF_DEVICES, OFFERED_HERE

FOLLOW = "the devices that its claims may hold are all counted there from now on"


@dataclass(frozen=True, slots=True)
class Staged:
    """Actions before and after a reshape, and the inventories that it is to set."""

    before: tuple[Action, ...]
    inventories: Inventories
    after: tuple[Action, ...]


def stage(
    actions: Iterable[Action], have: ObservedProvider | None, moved: ObservedProvider
) -> Staged:
    """Split the actions of one provider; `moved` is it with its claims where they are to be.

    Traits come first, so that nothing is offered before it is qualified; what Placement cannot do
    while it moves claims (reserve what is in use) comes last.
    """
    actions = tuple(actions)
    final = _final(actions, have.inventories if have else {})
    made = during(final, moved)
    if have and made != final and final == have.inventories:
        # nothing was to change here, but the room that the claims need must not stay
        actions += (SetInventories(have.uuid, moved.name, final, made, OFFERED_HERE),)
    return Staged(
        before=tuple(a for action in actions if (a := _before(action, have))),
        inventories=made,
        after=tuple(a for action in actions if (a := _after(action, made))),
    )


def _final(actions: Sequence[Action], inventories: Inventories) -> Inventories:
    for action in actions:
        if isinstance(action, SetInventories | Drain | Undrain):
            return action.inventories
        if isinstance(action, DeleteProvider):
            return {}
    return inventories


def _before(action: Action, have: ObservedProvider | None) -> Action | None:
    if isinstance(action, SetInventories | Undrain | DeleteProvider):
        return None
    if not isinstance(action, Drain):
        return action
    before = have.traits if have else frozenset()
    added, removed = action.traits - before, before - action.traits
    if not added | removed:
        return None
    return SetTraits(action.uuid, action.name, action.traits, added, removed, KNOWN_OF_DEVICES)


def _after(action: Action, made: Inventories) -> Action | None:
    if isinstance(action, Undrain):
        return replace(action, before=made)
    if isinstance(action, SetInventories | Drain):
        return replace(action, before=made) if action.inventories != made else None
    if isinstance(action, DeleteProvider):
        return replace(action, empty_first=bool(made))
    return None


def reshape(
    moves: Sequence[Move],
    staged: Mapping[str, Staged],
    there: Mapping[str, ObservedProvider],
    names: Mapping[str, str],
    only_after: Collection[str],
) -> Reshape:
    """The one request for all the moves."""
    consumers = {
        who
        for move in moves
        for who, held in (there[move.source].consumers or {}).items()
        if held.get(move.source_class)
    }
    return Reshape(
        moves=tuple(moves),
        inventories={uuid: each.inventories for uuid, each in staged.items()},
        before={uuid: there[uuid].inventories if uuid in there else {} for uuid in staged},
        names={uuid: names[uuid] for uuid in staged},
        consumers=tuple(sorted(consumers)),
        reason=FOLLOW,
        only_after=tuple(sorted(set(only_after) - set(staged))),
    )
