"""Actions that are about a name, of a resource class or of a trait, and no provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .action import AnyAction
from .provider import ProviderUuid, ResourceClass, Trait
from .reasons import Reason, ReasonCode

IN_USE_HERE = Reason(ReasonCode.NAME, "a provider of this host has it")
NOT_IN_USE_HERE = Reason(ReasonCode.NAME, "no provider of this host has it any more")


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


NameAction = EnsureResourceClass | EnsureTrait | DeleteResourceClass | DeleteTrait
