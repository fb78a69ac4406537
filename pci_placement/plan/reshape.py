"""Turning the actions of several providers into one request that moves claims with inventories."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from pci_placement.model import (
    Action,
    ConsumerUuid,
    CreateProvider,
    DeleteProvider,
    Drain,
    Inventories,
    Move,
    MoveProvider,
    ObservedProvider,
    ProviderAction,
    ProviderUuid,
    Reason,
    ReasonCode,
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

FOLLOW = Reason(
    ReasonCode.CLAIMS, "the devices that its claims may hold are all counted there from now on"
)


@dataclass(frozen=True, slots=True)
class Staged:
    """Actions before and after a reshape, and the inventories that it is to set."""

    before: tuple[ProviderAction, ...]
    inventories: Inventories
    after: tuple[ProviderAction, ...]


@dataclass(frozen=True, slots=True)
class Ends:
    """The providers between which claims move, as they are and with the claims moved.

    names are what they are to be called; rests_on are providers that must have given up devices
    before.
    """

    moves: tuple[Move[ProviderUuid], ...]
    before: Mapping[ProviderUuid, ObservedProvider]
    moved: Mapping[ProviderUuid, ObservedProvider]
    names: Mapping[ProviderUuid, str]
    rests_on: tuple[ProviderUuid, ...] = ()

    def staged(self, actions: Iterable[ProviderAction]) -> StagedReshape:
        """Split the actions of these providers around one request for all of them."""
        own = _by_provider(actions)
        stages = {
            uuid: stage(own.get(uuid, ()), self.before.get(uuid), moved)
            for uuid, moved in self.moved.items()
        }
        return StagedReshape(self._request(stages), stages)

    def _request(self, stages: Mapping[ProviderUuid, Staged]) -> Reshape:
        there = self.before
        return Reshape(
            moves=self.moves,
            inventories={uuid: each.inventories for uuid, each in stages.items()},
            before={u: there[u].inventories if u in there else {} for u in stages},
            names={uuid: self.names[uuid] for uuid in stages},
            consumers=tuple(sorted(self._consumers())),
            reason=FOLLOW,
            rests_on=self.rests_on,
        )

    def _consumers(self) -> set[ConsumerUuid]:
        return {
            who
            for move in self.moves
            for who, claimed in (self.before[move.source].consumers or {}).items()
            if claimed.get(move.source_class)
        }


@dataclass(frozen=True, slots=True)
class StagedReshape:
    """The request that moves claims, and what is done to its providers before and after it."""

    request: Reshape
    stages: Mapping[ProviderUuid, Staged]

    def before(self, actions: Iterable[ProviderAction]) -> list[ProviderAction]:
        """The actions, those of the ends as they are before the request, where the first stood."""
        found: list[ProviderAction] = []
        for uuid, own in itertools.groupby(actions, lambda action: action.uuid):
            found += self.stages[uuid].before if uuid in self.stages else own
        return found

    def left(self, removal: Iterable[ProviderAction]) -> list[ProviderAction]:
        """The removals that are as they were."""
        return [a for a in removal if a.uuid not in self.stages or a in self.stages[a.uuid].after]

    def actions(self, removal: Iterable[ProviderAction]) -> list[Action]:
        """The request, and what comes right after it."""
        kept = _by_provider(self.left(removal))
        late = (action for each in self.stages.values() for action in each.after)
        return [self.request, *(a for a in late if a not in kept.get(a.uuid, ()))]


def _by_provider(
    actions: Iterable[ProviderAction],
) -> dict[ProviderUuid, list[ProviderAction]]:
    found: dict[ProviderUuid, list[ProviderAction]] = {}
    for action in actions:
        found.setdefault(action.uuid, []).append(action)
    return found


def stage(
    actions: Iterable[ProviderAction], have: ObservedProvider | None, moved: ObservedProvider
) -> Staged:
    """Split the actions of one provider; `moved` is it with its claims where they are to be.

    Traits come first, so that nothing is offered before it is qualified; what Placement cannot do
    while it moves claims (reserve what is in use) comes last.
    """
    actions = tuple(actions)
    end = _at_the_end(actions, moved)
    final: Inventories = end.inventories if end else {}
    made = during(final, replace(end, consumers=moved.consumers) if end else moved)
    if have and made != final and final == have.inventories:
        # nothing was to change here, but the room that the claims need must not stay
        actions += (SetInventories(have.uuid, moved.name, final, made, OFFERED_HERE),)
    return Staged(
        before=tuple(a for action in actions if (a := _before(action, have))),
        inventories=made,
        after=tuple(a for action in actions if (a := _after(action, made))),
    )


def _at_the_end(
    actions: Iterable[ProviderAction], have: ObservedProvider
) -> ObservedProvider | None:
    """A provider once its own actions are done; None if it is deleted."""
    now = {have.uuid: have}
    for action in actions:
        carry_over(action, now)
    return now.get(have.uuid)


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
