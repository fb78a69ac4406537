"""What can be written to Placement about a provider of ours, one class for each kind of action."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from .action import AnyAction, Effect, Names, Providers
from .provider import (
    Consumers,
    ConsumerUuid,
    Inventories,
    ObservedProvider,
    ProviderUuid,
    Trait,
)
from .reasons import Reason


@dataclass(frozen=True, slots=True)
class CreateProvider(AnyAction):
    """Create a provider below its parent."""

    verb: ClassVar[str] = "create_provider"

    uuid: ProviderUuid
    name: str
    parent: ProviderUuid
    parent_name: str
    reason: Reason

    def awaits(self) -> frozenset[ProviderUuid]:
        """Its parent must be there."""
        return frozenset({self.uuid, self.parent})

    def effect(self, _: Providers) -> Effect:
        """It is there, and bare."""
        bare = ObservedProvider(
            self.uuid, self.name, self.parent, 0, {}, frozenset(), consumers={}, unused=True
        )
        return {self.uuid: bare}


@dataclass(frozen=True, slots=True)
class RenameProvider(AnyAction):
    """Give a provider of ours its name back, or one that follows a renamed host."""

    verb: ClassVar[str] = "rename_provider"

    uuid: ProviderUuid
    name: str
    old_name: str
    parent: ProviderUuid
    reason: Reason

    def _after(self, have: ObservedProvider) -> ObservedProvider:
        return replace(have, name=self.name, parent=self.parent)


@dataclass(frozen=True, slots=True)
class MoveProvider(AnyAction):
    """Put a provider of ours below another parent; Placement does that from 1.37 on.

    Source: placement/rest_api_version_history.rst, 1.37.
    """

    verb: ClassVar[str] = "move_provider"

    uuid: ProviderUuid
    name: str
    parent: ProviderUuid
    parent_name: str
    reason: Reason

    def _after(self, have: ObservedProvider) -> ObservedProvider:
        return replace(have, name=self.name, parent=self.parent)


@dataclass(frozen=True, slots=True)
class SetTraits(AnyAction):
    """Replace a provider's traits."""

    verb: ClassVar[str] = "set_traits"

    uuid: ProviderUuid
    name: str
    traits: frozenset[Trait]
    added: frozenset[Trait]
    removed: frozenset[Trait]
    reason: Reason

    def used_names(self) -> Names:
        """All of its traits."""
        return Names(traits=self.traits)

    def _after(self, have: ObservedProvider) -> ObservedProvider:
        return have.written(have.inventories, self.traits)


@dataclass(frozen=True, slots=True)
class SetInventories(AnyAction):
    """Replace a provider's inventories; `before` is what they are now."""

    verb: ClassVar[str] = "set_inventories"

    uuid: ProviderUuid
    name: str
    inventories: Inventories
    before: Inventories
    reason: Reason
    rests_on: tuple[ProviderUuid, ...] = ()

    def used_names(self) -> Names:
        """All of its classes."""
        return Names(classes=frozenset(self.inventories))

    def takes_away(self) -> bool:
        """Whether a class goes, or becomes less."""
        return _is_less(self.inventories, self.before)

    def _after(self, have: ObservedProvider) -> ObservedProvider:
        return have.written(self.inventories, have.traits)


class _TraitsAndInventories(AnyAction):
    """An action that sets both."""

    __slots__ = ()

    traits: frozenset[Trait]
    inventories: Inventories

    def used_names(self) -> Names:
        """All of its classes and traits."""
        return Names(frozenset(self.inventories), self.traits)

    def _after(self, have: ObservedProvider) -> ObservedProvider:
        return have.written(self.inventories, self.traits)


@dataclass(frozen=True, slots=True)
class Drain(_TraitsAndInventories):
    """Mark a provider and set reserved = total: nothing new lands, what runs stays.

    Source: placement/rest_api_version_history.rst, 1.26.
    """

    verb: ClassVar[str] = "drain"

    uuid: ProviderUuid
    name: str
    traits: frozenset[Trait]
    inventories: Inventories
    before: Inventories
    reason: Reason
    consumers: Consumers = field(default_factory=dict)

    def takes_away(self) -> bool:
        """It always does."""
        return True

    def users(self) -> tuple[ConsumerUuid, ...]:
        """Those who have something of it, and keep it."""
        return tuple(sorted(self.consumers))


@dataclass(frozen=True, slots=True)
class Undrain(_TraitsAndInventories):
    """Offer a drained provider again: first the inventories, then the mark comes off."""

    verb: ClassVar[str] = "undrain"

    uuid: ProviderUuid
    name: str
    traits: frozenset[Trait]
    inventories: Inventories
    before: Inventories
    reason: Reason
    rests_on: tuple[ProviderUuid, ...] = ()

    def takes_away(self) -> bool:
        """Whether a class goes, or becomes less."""
        return _is_less(self.inventories, self.before)


@dataclass(frozen=True, slots=True)
class DeleteProvider(AnyAction):
    """Delete a provider of ours that nobody uses.

    One that has inventories is emptied first: Placement looks for claims and then deletes, without
    regard to the generation, and a claim that came in between would vanish.

    Source: placement/objects/resource_provider.py, ResourceProvider._delete.
    """

    verb: ClassVar[str] = "delete_provider"

    uuid: ProviderUuid
    name: str
    reason: Reason
    empty_first: bool = False

    def takes_away(self) -> bool:
        """It always does."""
        return True

    def effect(self, providers: Providers) -> Effect:
        """It is gone."""
        return {self.uuid: None} if self.uuid in providers else {}


def _is_less(after: Inventories, before: Inventories) -> bool:
    return any(n not in after or after[n].total < old.total for n, old in before.items())


ProviderAction = (
    CreateProvider
    | RenameProvider
    | MoveProvider
    | SetTraits
    | SetInventories
    | Drain
    | Undrain
    | DeleteProvider
)
