"""Placement between two actions of a plan, as far as it is ours."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, assert_never

from pci_placement.model import (
    Action,
    CreateProvider,
    DeleteProvider,
    DeleteResourceClass,
    DeleteTrait,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    Inventory,
    MoveProvider,
    NameAction,
    ObservedProvider,
    ProviderAction,
    ProviderUuid,
    RenameProvider,
    Reshape,
    ResourceClass,
    SetInventories,
    SetTraits,
    Trait,
    Undrain,
)

from .evidence import Evidence, Place

Change = tuple[ProviderUuid, ObservedProvider | None, ObservedProvider | None]
"""A provider as it is and as it becomes; None where it is not there."""


class Step(NamedTuple):
    """An action of a plan, what it is about, and what it makes of the providers that are there."""

    action: Action
    uuids: frozenset[ProviderUuid]
    changes: list[Change]


class Moment:
    """What there is of ours, which moves on from action to action.

    children are all that stand below a provider, whose ever they are; moved are the inventories
    whose claims have all moved away.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.providers = {uuid: _as_known(have) for uuid, have in evidence.ours.items()}
        self.moved: set[Place] = set()
        self.children: dict[ProviderUuid | None, set[ProviderUuid]] = {}
        for line in evidence.facts.observed.listed:
            self.children.setdefault(line.parent, set()).add(line.uuid)
        known = evidence.facts.observed.providers.values()
        self.classes: set[ResourceClass] = {n for have in known for n in have.inventories}
        self.traits: set[Trait] = {t for have in known for t in have.traits}

    def step(self, action: Action) -> Step:
        """What an action would make of this moment."""
        there = self.providers
        changes = [(uuid, there.get(uuid), now) for uuid, now in action.effect(there).items()]
        return Step(action, action.changes(), changes)

    def lacks(self, action: Action) -> list[str]:
        """The names that an action needs and Placement has not; it always has the standard ones."""
        classes, traits = action.used_names()
        if classes <= self.classes and traits <= self.traits:
            return []
        missing = sorted((*(classes - self.classes), *(traits - self.traits)))
        lacking = [name for name in missing if name.startswith("CUSTOM_")]
        if not lacking:
            self.classes |= classes
            self.traits |= traits
        return lacking

    def go_on(self, step: Step) -> None:
        """Let the action happen."""
        for change in step.changes:
            uuid, was, now = change
            if now:
                self.providers[uuid] = now
            else:
                del self.providers[uuid]
            if not (was and now and now.parent == was.parent):
                self._put(change)
        if isinstance(step.action, Reshape):
            self.moved |= {(move.source, move.source_class) for move in step.action.moves}
        elif isinstance(step.action, NameAction):
            self._learn(step.action)

    def _learn(self, action: NameAction) -> None:
        match action:
            case EnsureResourceClass(name):
                self.classes.add(name)
            case EnsureTrait(name):
                self.traits.add(name)
            case DeleteResourceClass() | DeleteTrait():
                pass  # where somebody else has it, it stays
            case _:
                assert_never(action)

    def _put(self, change: Change) -> None:
        """Put a provider below another one, or below none."""
        uuid, was, now = change
        if was:
            self.children.get(was.parent, set()).discard(uuid)
        if now:
            self.children.setdefault(now.parent, set()).add(uuid)


def _as_known(have: ObservedProvider) -> ObservedProvider:
    """What has no inventory has no claims, without that anybody need ask."""
    return have if have.inventories or have.consumers is not None else replace(have, consumers={})


def requests(
    action: ProviderAction | Reshape, before: ObservedProvider, after: ObservedProvider
) -> list[ObservedProvider]:
    """A provider after each request of an action; some take two."""
    match action:
        case Drain():
            return [replace(before, traits=after.traits), after]
        case Undrain():
            return [replace(before, inventories=after.inventories), after]
        case SetInventories() | SetTraits() | CreateProvider() | RenameProvider() | MoveProvider():
            return [after]
        case Reshape() | DeleteProvider():
            return [after]
        case _:
            assert_never(action)


def capacity(inventory: Inventory | None) -> int:
    """How many devices of a class can be in use at once."""
    if inventory is None:
        return 0
    return int((inventory.total - inventory.reserved) * inventory.allocation_ratio)


def offered(have: ObservedProvider | None, name: ResourceClass) -> int:
    """How many devices of a class of a provider can be in use at once."""
    return capacity(have.inventories.get(name)) if have else 0


def but_for_reserved(inventory: Inventory, before: Inventory | None) -> int:
    """How many devices could be in use of an inventory but for what was reserved before."""
    reserved = before.reserved if before else 0
    return capacity(replace(inventory, reserved=max(0, inventory.reserved - reserved)))
