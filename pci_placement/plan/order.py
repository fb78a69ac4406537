"""The order in which the actions of a plan are safe."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence, Set

from pci_placement import names
from pci_placement.model import (
    Action,
    CreateProvider,
    DeleteProvider,
    DeleteResourceClass,
    DeleteTrait,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    ListedProvider,
    MoveProvider,
    ObservedProvider,
    Providers,
    ProviderUuid,
    RenameProvider,
    SetInventories,
    Undrain,
)

from .reservations import free

_PLACING = (CreateProvider, MoveProvider, RenameProvider)


def in_order(
    shaping: Collection[Action],
    removal: Collection[Action],
    first: Collection[ProviderUuid],
    reshaping: Sequence[Action] = (),
    late: Set[ProviderUuid] = frozenset(),
) -> list[Action]:
    """Put what makes room on a card first, then the rest: shape, reshape, drain, delete.

    late are providers whose claims move away with the reshape: what is done to them, and what
    rests on it, comes after it.
    """
    removal = sorted(removal, key=lambda action: isinstance(action, DeleteProvider))
    early = [action for action in removal if action.uuid not in late]
    # all of it, if any of it makes room: a parent cannot be deleted before its children
    # Source: placement/objects/resource_provider.py, ResourceProvider._delete.
    room = early if any(action.uuid in first for action in early) else []
    # but a provider is moved only once its new parent is there
    room = _smaller_first(
        [*room, *(a for a in shaping if a.uuid in first and not isinstance(a, _PLACING))]
    )
    drains, rest = _split(shaping, lambda action: isinstance(action, Drain))
    waiting, now = _split(rest, lambda action: not late.isdisjoint(action.rests_on))
    # side by side they can be written in one request
    now.sort(key=lambda action: isinstance(action, SetInventories))
    done = set(map(id, room))
    ordered = (*now, *reshaping, *waiting, *drains, *removal)
    return room + [action for action in ordered if id(action) not in done]


def _smaller_first(room: Collection[Action]) -> list[Action]:
    """Of those that give something up let all that shrink do so before one of them grows."""
    growing = {uuid for action in room if _grows(action) for uuid in action.changes()}
    return sorted(room, key=lambda action: not growing.isdisjoint(action.changes()))


def _grows(action: Action) -> bool:
    """Whether more of a class can be claimed once it is done."""
    if not isinstance(action, SetInventories | Undrain):
        return False
    return any(free(i) > free(action.before.get(n)) for n, i in action.inventories.items())


def _split(
    actions: Iterable[Action], goes: Callable[[Action], bool]
) -> tuple[list[Action], list[Action]]:
    """Those that meet a condition, and the others."""
    parts: tuple[list[Action], list[Action]] = ([], [])
    for action in actions:
        parts[not goes(action)].append(action)
    return parts


def forget(actions: Iterable[Action], known: Providers) -> list[Action]:
    """The custom names of ours that only providers have that the actions delete.

    What an operator named stays, and so does what other services name as well.
    """
    deleted = {action.uuid for action in actions if isinstance(action, DeleteProvider)}
    gone = [have for uuid, have in known.items() if uuid in deleted]
    left = [have for uuid, have in known.items() if uuid not in deleted]
    classes = {n for p in gone for n in p.inventories} - {n for p in left for n in p.inventories}
    traits = {t for p in gone for t in p.traits} - {t for p in left for t in p.traits}
    return [
        *(DeleteResourceClass(n) for n in sorted(classes) if names.is_of_our_making(n)),
        *(DeleteTrait(n) for n in sorted(traits) if names.is_of_our_making(n)),
    ]


def with_parents(
    uuids: Iterable[ProviderUuid], listed: Collection[ListedProvider]
) -> set[ProviderUuid]:
    """Some providers and all that stand above them."""
    parents = {line.uuid: line.parent for line in listed}
    found: set[ProviderUuid] = set()
    for uuid in uuids:
        above: ProviderUuid | None = uuid
        while above is not None:
            found.add(above)
            above = parents.get(above)
    return found


def ensure(actions: Iterable[Action], known: Iterable[ObservedProvider]) -> list[Action]:
    """The custom names that the actions use and no provider of ours has yet."""
    used = [action.used_names() for action in actions]
    classes = {name for each in used for name in each.classes}
    traits = {name for each in used for name in each.traits}
    for have in known:
        traits -= have.traits
        classes -= set(have.inventories)
    return [
        *(EnsureResourceClass(n) for n in sorted(classes) if not names.is_standard(n)),
        *(EnsureTrait(n) for n in sorted(traits) if not names.is_standard(n)),
    ]
