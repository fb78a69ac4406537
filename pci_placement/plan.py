"""From what this host wants and what Placement has to the writes that lead from one to the other.

The order is what keeps live workloads safe: names first, then parents before children and traits
before inventories (nothing can be claimed before it is qualified), then drains, then deletions
from the leaves up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from . import names
from .contest import in_question, settle
from .model import (
    Action,
    CreateProvider,
    DeleteProvider,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    ListedProvider,
    MoveProvider,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    Plan,
    ProviderTree,
    RenameProvider,
    ResourceClass,
    Root,
    SetInventories,
    SetTraits,
    Trait,
    Undrain,
)
from .shape import Wanted, drained, kept_drained, shape

FOREIGN = "a provider that is not ours has its uuid: it lacks our marker trait, and is left alone"
BELOW_FOREIGN = "its parent is not ours to change"
GONE = "no offered device belongs to it any more"


def candidates(root: Root, listed: Iterable[ListedProvider], keys: Iterable[str]) -> dict[str, str]:
    """Say which providers of a tree can be ours, and their keys, by uuid.

    A uuid can be ours if it was made from one of `keys` (what is wanted now, what was there at the
    last pass) or from the key that the provider's own name ends with.
    """
    known = {names.provider_uuid(root.uuid, key): key for key in keys}
    for provider in listed:
        key = names.key_in_name(provider.name)
        if key and provider.uuid == names.provider_uuid(root.uuid, key):
            known[provider.uuid] = key
    return {p.uuid: known[p.uuid] for p in listed if p.uuid in known}


def is_ours(provider: ObservedProvider) -> bool:
    """Whether a candidate carries our marker, or is bare: half-made by a pass that was cut off."""
    bare = not (provider.traits or provider.inventories or provider.has_aggregates)
    return names.MANAGED in provider.traits or bare


def needs_consumers(desired: ProviderTree, observed: ObservedTree) -> set[str]:
    """Which providers of ours the plan must know the consumers of."""
    wanted = [Wanted.bind(provider, observed.root) for provider in desired.providers]
    ours = [have for have in observed.providers.values() if is_ours(have)]
    return in_question(wanted, ours, observed.keys)


def make_plan(
    desired: ProviderTree, observed: ObservedTree, remembered: Collection[Trait] = ()
) -> Plan:
    """Work out what to write; an empty plan means that Placement is true to the host.

    `observed` has the consumers of all that `needs_consumers` names. `remembered` are traits that
    whitelist entries gave our providers at the last pass: those may go.
    """
    ours = {uuid: have for uuid, have in observed.providers.items() if is_ours(have)}
    bound = [Wanted.bind(provider, observed.root) for provider in desired.providers]
    blocked = _foreign(bound, observed, ours)
    ours_now = [p for u, p in ours.items() if not _is_held(observed.keys[u], desired.held)]
    settled = settle((w for w in bound if w.name not in blocked), ours_now, observed.keys)
    gone = [have for have in ours_now if have.uuid not in {want.uuid for want in bound}]
    actions = _in_order(
        [a for w in settled.wanted for a in shape(w, ours.get(w.uuid), remembered)],
        _remove(gone, observed.listed),
        settled.first,
    )
    return Plan(
        actions=(*_ensure(actions, observed), *actions),
        generations={uuid: have.generation for uuid, have in ours.items()},
        blocked={**blocked, **settled.withheld},
    )


def _foreign(
    wanted: Iterable[Wanted], observed: ObservedTree, ours: Mapping[str, ObservedProvider]
) -> dict[str, str]:
    """Providers that somebody else's stands in the place of, and what would go below them."""
    blocked: dict[str, str] = {}
    uuids: set[str] = set()
    for want in wanted:
        foreign = want.uuid in observed.providers and want.uuid not in ours
        if foreign or want.parent in uuids:
            uuids.add(want.uuid)
            blocked[want.name] = FOREIGN if foreign else BELOW_FOREIGN
    return blocked


def _is_held(key: str, held: Mapping[PciAddress, str]) -> bool:
    return names.card_of_key(key) in held


def _remove(gone: Iterable[ObservedProvider], listed: Iterable[ListedProvider]) -> list[Action]:
    """Delete what is free, from the leaves up, and drain what is used."""
    children: dict[str, set[str]] = {}
    for provider in listed:
        children.setdefault(provider.parent or "", set()).add(provider.uuid)
    deleted: set[str] = set()
    actions: list[Action] = []
    for have in sorted(gone, key=lambda p: _height(p.uuid, children)):
        if children.get(have.uuid, set()) <= deleted and not have.used:
            deleted.add(have.uuid)
            actions.append(DeleteProvider(have.uuid, have.name, GONE))
        else:
            actions += _retire(have)
    return actions


def _height(uuid: str, children: Mapping[str, set[str]]) -> int:
    """How many levels of providers stand below one."""
    return 1 + max((_height(child, children) for child in children.get(uuid, ())), default=0)


def _retire(have: ObservedProvider) -> list[Action]:
    """Keep a provider that cannot be deleted, but offer nothing on it."""
    inventories = kept_drained(have, ())
    if inventories:
        return drained(have, have.traits | {names.DRAINING}, inventories, GONE)
    if have.inventories:
        return [SetInventories(have.uuid, have.name, {}, have.inventories, GONE)]
    return []


def _in_order(
    shaping: Collection[Action], removal: Collection[Action], first: Collection[str]
) -> list[Action]:
    """Put what makes room on a card first, then the rest: shape, drain, delete."""
    removal = sorted(removal, key=lambda action: isinstance(action, DeleteProvider))
    # all of it, if any of it makes room: a parent cannot be deleted before its children
    room = removal if any(action.uuid in first for action in removal) else []
    # but a provider is moved only once its new parent is there
    room += [a for a in shaping if a.uuid in first and not isinstance(a, _PLACING)]
    drains = [action for action in shaping if isinstance(action, Drain)]
    rest = [action for action in shaping if action not in drains]
    return room + [action for action in (*rest, *drains, *removal) if action not in room]


_PLACING = (CreateProvider, MoveProvider, RenameProvider)


def _ensure(actions: Iterable[Action], observed: ObservedTree) -> list[Action]:
    """The custom names that the actions use and no provider of ours has yet."""
    traits: set[Trait] = set()
    classes: set[ResourceClass] = set()
    for action in actions:
        if isinstance(action, SetTraits | Drain | Undrain):
            traits |= action.traits
        if isinstance(action, SetInventories | Drain | Undrain):
            classes |= set(action.inventories)
    for have in observed.providers.values():
        traits -= have.traits
        classes -= set(have.inventories)
    return [
        *(EnsureResourceClass(n) for n in sorted(classes) if not names.is_standard(n)),
        *(EnsureTrait(n) for n in sorted(traits) if not names.is_standard(n)),
    ]
