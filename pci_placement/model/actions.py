"""What can be written to Placement, one class for each kind of action.

An action says itself what it does: which providers it changes and into what, which names it needs
and what must have succeeded before. Who plans, orders, limits or judges asks it, and has no list
of the kinds; who has one (the requests to send, the words for a person) ends in `assert_never`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from .provider import (
    Consumers,
    ConsumerUuid,
    Inventories,
    ObservedProvider,
    ProviderUuid,
    ResourceClass,
    Trait,
)
from .reasons import Reason, ReasonCode

IN_USE_HERE = Reason(ReasonCode.NAME, "a provider of this host has it")
NOT_IN_USE_HERE = Reason(ReasonCode.NAME, "no provider of this host has it any more")

Providers = Mapping[ProviderUuid, ObservedProvider]
"""Providers as they are at some moment, by uuid."""

Effect = dict[ProviderUuid, ObservedProvider | None]
"""What becomes of the providers that an action changes; None of one that is deleted."""


class Names(NamedTuple):
    """The names that Placement must know before an action."""

    classes: frozenset[ResourceClass] = frozenset()
    traits: frozenset[Trait] = frozenset()


NO_NAMES = Names()


class AnyAction:
    """What every action can be asked."""

    __slots__ = ()

    rests_on: tuple[ProviderUuid, ...] = ()
    """Providers that count the same devices now: where one of them cannot give them up, this must
    not happen either."""

    if TYPE_CHECKING:  # fields of most, computed by one

        @property
        def uuid(self) -> ProviderUuid:
            """The provider that it is about; empty where it is about none."""

        @property
        def name(self) -> str:
            """What that is called."""

        def _after(self, have: ObservedProvider) -> ObservedProvider:
            """The provider once that was done."""

    def changes(self) -> frozenset[ProviderUuid]:
        """The providers that it changes, by uuid."""
        return frozenset({self.uuid})

    def awaits(self) -> frozenset[ProviderUuid]:
        """The providers whose own actions must have succeeded before it."""
        return self.changes() | frozenset(self.rests_on)

    def used_names(self) -> Names:
        """The names that it needs."""
        return NO_NAMES

    def takes_away(self) -> bool:
        """Whether something that is offered now would no longer be."""
        return False

    def users(self) -> tuple[ConsumerUuid, ...]:
        """Whose claims it concerns."""
        return ()

    def effect(self, providers: Providers) -> Effect:
        """What becomes of the providers that it changes, as far as they are there."""
        have = providers.get(self.uuid)
        return {} if have is None else {self.uuid: self._after(have)}


class _NameAction(AnyAction):
    """An action that is about a name and no provider."""

    __slots__ = ()
    uuid = ProviderUuid("")
    name = ""

    def changes(self) -> frozenset[ProviderUuid]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class EnsureResourceClass(_NameAction):
    """Make sure that Placement knows a resource class; harmless where it does."""

    verb: ClassVar[str] = "ensure_resource_class"

    resource_class: ResourceClass
    reason: Reason = IN_USE_HERE


@dataclass(frozen=True, slots=True)
class EnsureTrait(_NameAction):
    """Make sure that Placement knows a custom trait; harmless where it does."""

    verb: ClassVar[str] = "ensure_trait"

    trait: Trait
    reason: Reason = IN_USE_HERE


@dataclass(frozen=True, slots=True)
class DeleteResourceClass(_NameAction):
    """Forget a resource class, unless somebody in the cloud still has it."""

    verb: ClassVar[str] = "delete_resource_class"

    resource_class: ResourceClass
    reason: Reason = NOT_IN_USE_HERE


@dataclass(frozen=True, slots=True)
class DeleteTrait(_NameAction):
    """Forget a custom trait, unless somebody in the cloud still has it."""

    verb: ClassVar[str] = "delete_trait"

    trait: Trait
    reason: Reason = NOT_IN_USE_HERE


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


NameAction = EnsureResourceClass | EnsureTrait | DeleteResourceClass | DeleteTrait

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
