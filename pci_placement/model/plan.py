"""The plan: what would be written to Placement, in order, and why.

A plan is a value, so that it can be shown, refused, logged and tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .last_pass import Ledger
from .moves import Move
from .provider import Consumers, Inventories, ResourceClass, Trait


class _NameAction:
    """An action that is about a name and no provider."""

    __slots__ = ()
    uuid = ""
    name = ""


@dataclass(frozen=True, slots=True)
class EnsureResourceClass(_NameAction):
    """Make sure that Placement knows a resource class; harmless where it does."""

    resource_class: ResourceClass
    reason: str = "a provider of this host has it"


@dataclass(frozen=True, slots=True)
class EnsureTrait(_NameAction):
    """Make sure that Placement knows a custom trait; harmless where it does."""

    trait: Trait
    reason: str = "a provider of this host has it"


@dataclass(frozen=True, slots=True)
class CreateProvider:
    """Create a provider below its parent."""

    uuid: str
    name: str
    parent: str
    parent_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RenameProvider:
    """Give a provider of ours its name back, or one that follows a renamed host."""

    uuid: str
    name: str
    old_name: str
    parent: str
    reason: str


@dataclass(frozen=True, slots=True)
class MoveProvider:
    """Put a provider of ours below another parent."""

    uuid: str
    name: str
    parent: str
    parent_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SetTraits:
    """Replace a provider's traits."""

    uuid: str
    name: str
    traits: frozenset[Trait]
    added: frozenset[Trait]
    removed: frozenset[Trait]
    reason: str


@dataclass(frozen=True, slots=True)
class SetInventories:
    """Replace a provider's inventories; `before` is what they are now.

    only_after are providers that count the same devices now: where one of them cannot give them
    up, this must not happen either.
    """

    uuid: str
    name: str
    inventories: Inventories
    before: Inventories
    reason: str
    only_after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drain:
    """Mark a provider and set reserved = total: nothing new lands, what runs stays."""

    uuid: str
    name: str
    traits: frozenset[Trait]
    inventories: Inventories
    before: Inventories
    reason: str
    consumers: Consumers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undrain:
    """Offer a drained provider again: first the inventories, then the mark comes off."""

    uuid: str
    name: str
    traits: frozenset[Trait]
    inventories: Inventories
    before: Inventories
    reason: str
    only_after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeleteProvider:
    """Delete a provider of ours that nobody uses.

    One that has inventories is emptied first: Placement looks for claims and then deletes, without
    regard to the generation, and a claim that came in between would vanish.
    """

    uuid: str
    name: str
    reason: str
    empty_first: bool = False


@dataclass(frozen=True, slots=True)
class DeleteResourceClass(_NameAction):
    """Forget a resource class, unless somebody in the cloud still has it."""

    resource_class: ResourceClass
    reason: str = "no provider of this host has it any more"


@dataclass(frozen=True, slots=True)
class DeleteTrait(_NameAction):
    """Forget a custom trait, unless somebody in the cloud still has it."""

    trait: Trait
    reason: str = "no provider of this host has it any more"


@dataclass(frozen=True, slots=True)
class Reshape:
    """Change several inventories at once, and move claims from one to another with them.

    inventories are those of every provider that is involved, by uuid, with room for the claims;
    names and before say what these are called and have now. consumers are those whose claims move.
    only_after are providers that must have given up devices first.
    """

    moves: tuple[Move, ...]
    inventories: Mapping[str, Inventories]
    before: Mapping[str, Inventories]
    names: Mapping[str, str]
    consumers: tuple[str, ...]
    reason: str
    only_after: tuple[str, ...] = ()

    @property
    def uuid(self) -> str:
        """The target of the first move; `inventories` has all that are involved."""
        return self.moves[0].target

    @property
    def name(self) -> str:
        """The names of the targets."""
        return ", ".join(sorted({self.names[move.target] for move in self.moves}))


Action = (
    EnsureResourceClass
    | EnsureTrait
    | CreateProvider
    | RenameProvider
    | MoveProvider
    | SetTraits
    | SetInventories
    | Drain
    | Undrain
    | Reshape
    | DeleteProvider
    | DeleteResourceClass
    | DeleteTrait
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions in the order in which they are safe, and the generations that they rest on.

    blocked names, by provider, what is in our way and was left alone; withheld are removals that
    were too many for one pass. as_is is what the inventories count now, ledger once all is done.
    """

    actions: tuple[Action, ...]
    generations: Mapping[str, int] = field(default_factory=dict)
    blocked: Mapping[str, str] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    as_is: Ledger = field(default_factory=dict)
    ledger: Ledger = field(default_factory=dict)

    @property
    def takes_away(self) -> bool:
        """Whether anything that is offered now would no longer be."""
        return any(_takes_away(action) for action in self.actions)


def _takes_away(action: Action) -> bool:
    if isinstance(action, SetInventories | Undrain):
        return any(
            name not in action.inventories or action.inventories[name].total < old.total
            for name, old in action.before.items()
        )
    return isinstance(action, Drain | DeleteProvider | Reshape)


def concerned(action: Action) -> set[str]:
    """The providers that an action changes."""
    return set(action.inventories) if isinstance(action, Reshape) else {action.uuid} - {""}
