"""Turning the actions of several providers into one request that moves claims with inventories."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    Drain,
    Inventories,
    Move,
    MoveProvider,
    ObservedProvider,
    ProviderAction,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Trait,
    Undrain,
)

from .effect import carry_over
from .moves import during
from .provider import KNOWN_OF_DEVICES, OFFERED_HERE

FOLLOW = "the devices that its claims may hold are all counted there from now on"


@dataclass(frozen=True, slots=True)
class Staged:
    """Actions before and after a reshape, and the inventories that it is to set."""

    before: tuple[ProviderAction, ...]
    inventories: Inventories
    after: tuple[ProviderAction, ...]


def stage(
    actions: Iterable[ProviderAction], have: ObservedProvider | None, moved: ObservedProvider
) -> Staged:
    """Split the actions of one provider; `moved` is it with its claims where they are to be.

    Traits come first, so that nothing is offered before it is qualified; what Placement cannot do
    while it moves claims (reserve what is in use) comes last.
    """
    actions = tuple(actions)
    final = _final(actions, moved)
    made = during(final, moved)
    if have and made != final and final == have.inventories:
        # nothing was to change here, but the room that the claims need must not stay
        actions += (SetInventories(have.uuid, moved.name, final, made, OFFERED_HERE),)
    return Staged(
        before=tuple(a for action in actions if (a := _before(action, have))),
        inventories=made,
        after=tuple(a for action in actions if (a := _after(action, made))),
    )


def _final(actions: Iterable[ProviderAction], have: ObservedProvider) -> Inventories:
    """The inventories of a provider once its own actions are done; none if it is deleted."""
    now = {have.uuid: have}
    for action in actions:
        carry_over(action, now)
    return now[have.uuid].inventories if have.uuid in now else {}


def _before(action: ProviderAction, have: ObservedProvider | None) -> ProviderAction | None:
    match action:
        case CreateProvider() | RenameProvider() | MoveProvider() | SetTraits():
            return action
        case SetInventories() | Undrain() | DeleteProvider():
            return None
        case Drain():
            return _only_traits(action, have.traits if have else frozenset())
        case _:
            assert_never(action)


def _only_traits(action: Drain, before: frozenset[Trait]) -> SetTraits | None:
    added, removed = action.traits - before, before - action.traits
    if not added | removed:
        return None
    return SetTraits(action.uuid, action.name, action.traits, added, removed, KNOWN_OF_DEVICES)


def _after(action: ProviderAction, made: Inventories) -> ProviderAction | None:
    match action:
        case CreateProvider() | RenameProvider() | MoveProvider() | SetTraits():
            return None
        case Undrain():
            return replace(action, before=made)
        case SetInventories() | Drain():
            return replace(action, before=made) if action.inventories != made else None
        case DeleteProvider():
            return replace(action, empty_first=bool(made))
        case _:
            assert_never(action)


def reshape(
    moves: Sequence[Move],
    staged: Mapping[str, Staged],
    there: Mapping[str, ObservedProvider],
    names: Mapping[str, str],
    rests_on: Collection[str],
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
        rests_on=tuple(sorted(set(rests_on) - set(staged))),
    )
