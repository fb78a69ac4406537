"""Placement between two actions of a plan, as far as it is ours."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from pci_placement.model import (
    Action,
    CreateProvider,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    Inventory,
    ObservedProvider,
    ProviderUuid,
    Reshape,
    ResourceClass,
    Trait,
    Undrain,
)

from .evidence import Evidence, Place


class Change(NamedTuple):
    """A provider as it is and as it becomes; None where it is not there."""

    uuid: ProviderUuid
    before: ObservedProvider | None
    after: ObservedProvider | None

    @property
    def counts(self) -> bool:
        """Whether its inventories may change."""
        now = self.after.inventories if self.after else None
        return self.before.inventories is not now if self.before else bool(now)


class Step(NamedTuple):
    """An action of a plan, and what it makes of the providers that it changes.

    uuids are all that it is about, altered the changes of those that were there before.
    """

    position: int
    action: Action
    uuids: frozenset[ProviderUuid]
    changes: tuple[Change, ...]
    altered: tuple[Change, ...]


class Moment:
    """What there is of ours, which moves on from action to action.

    children are all that stand below a provider, whose ever they are; moved are the inventories
    whose claims have all moved away.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.providers = {uuid: _as_known(have) for uuid, have in evidence.ours.items()}
        self.created: set[ProviderUuid] = set()
        self.moved: set[Place] = set()
        self.children: dict[ProviderUuid | None, set[ProviderUuid]] = {}
        for line in evidence.facts.observed.listed:
            self.children.setdefault(line.parent, set()).add(line.uuid)
        known = evidence.facts.observed.providers.values()
        self.classes: set[ResourceClass] = {n for have in known for n in have.inventories}
        self.traits: set[Trait] = {t for have in known for t in have.traits}

    def step(self, position: int, action: Action) -> Step:
        """What an action would make of this moment."""
        there, found = self.providers, action.effect(self.providers)
        changes = tuple([Change(uuid, there.get(uuid), now) for uuid, now in found.items()])
        altered = tuple([change for change in changes if change.before])
        return Step(position, action, action.changes(), changes, altered)

    def go_on(self, step: Step) -> None:
        """Let the action happen."""
        for change in step.changes:
            self._move(change)
        action = step.action
        if isinstance(action, CreateProvider):
            self.created.add(action.uuid)
            self.providers[action.uuid] = _bare(action)
        elif isinstance(action, EnsureResourceClass):
            self.classes.add(action.resource_class)
        elif isinstance(action, EnsureTrait):
            self.traits.add(action.trait)
        elif isinstance(action, Reshape):
            self.moved |= {(move.source, move.source_class) for move in action.moves}

    def _move(self, change: Change) -> None:
        uuid, was, now = change
        if was and not (now and now.parent == was.parent):
            self.children.get(was.parent, set()).discard(uuid)
        if now is None:
            del self.providers[uuid]
            return
        self.providers[uuid] = now
        if not (was and now.parent == was.parent):
            self.children.setdefault(now.parent, set()).add(uuid)


def _bare(action: CreateProvider) -> ObservedProvider:
    """What was just created: nobody has anything of it."""
    uuid, name, parent = action.uuid, action.name, action.parent
    return ObservedProvider(uuid, name, parent, 0, {}, frozenset(), consumers={})


def _as_known(have: ObservedProvider) -> ObservedProvider:
    """What has no inventory has no claims, without that anybody need ask."""
    return have if have.inventories or have.consumers is not None else replace(have, consumers={})


def requests(
    step: Step, before: ObservedProvider, after: ObservedProvider
) -> list[ObservedProvider]:
    """A provider after each request of an action; some take two."""
    if isinstance(step.action, Drain):
        return [replace(before, traits=after.traits), after]
    if isinstance(step.action, Undrain):
        return [replace(before, inventories=after.inventories), after]
    return [after]


def capacity(inventory: Inventory | None) -> int:
    """How many devices of a class can be in use at once."""
    if inventory is None:
        return 0
    return int((inventory.total - inventory.reserved) * inventory.allocation_ratio)
