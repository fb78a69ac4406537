"""What is deleted of the providers that are no longer wanted, and what is drained instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from pci_placement import identity
from pci_placement.model import (
    DeleteProvider,
    ListedProvider,
    ObservedProvider,
    ObservedTree,
    ProviderAction,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
    Reason,
    ReasonCode,
    SetInventories,
    Trait,
)

from .provider import drains
from .reservations import nothing_is_free, reserved, stays, still_used

GONE = Reason(ReasonCode.GONE, "no offered device belongs to it any more")
KEPT = Reason(
    ReasonCode.KEPT,
    "no offered device belongs to it any more; it stays reserved until an operator lifts that",
)


def believe_unused(desired: ProviderTree, observed: ObservedTree) -> ObservedTree:
    """Take for unused what is no longer wanted and was unused at the generation that it has.

    A generation can be reached again by a provider that was made anew, so this holds only for what
    is to be deleted: Placement itself refuses that where somebody uses it.
    """
    wanted = {provider.key for provider in desired.providers}
    believed = {
        uuid: replace(have, consumers={})
        for uuid, have in observed.providers.items()
        if have.unused and have.consumers is None and _is_gone(observed.keys[uuid], wanted, desired)
    }
    return replace(observed, providers={**observed.providers, **believed})


def _is_gone(key: ProviderKey, wanted: Collection[ProviderKey], desired: ProviderTree) -> bool:
    return key not in wanted and identity.card_of_key(key) not in desired.not_ours


def remove(
    gone: Collection[ObservedProvider],
    listed: Iterable[ListedProvider],
    retiring: bool,
    hardware: Mapping[ProviderUuid, frozenset[Trait]],
) -> list[ProviderAction]:
    """Delete what is free, from the leaves up, and drain what is used.

    hardware tells which each of them counts.
    """
    children: dict[ProviderUuid, set[ProviderUuid]] = {}
    for provider in listed:
        if provider.parent:
            children.setdefault(provider.parent, set()).add(provider.uuid)
    deleted: set[ProviderUuid] = set()
    actions: list[ProviderAction] = []
    for have in sorted(gone, key=lambda p: (_height(p.uuid, children), p.name)):
        if not retiring and stays(have) and have.inventories:
            actions += drains(have, have.traits, reserved(have.inventories), KEPT)
        elif children.get(have.uuid, set()) <= deleted and not have.used:
            deleted.add(have.uuid)
            actions.append(DeleteProvider(have.uuid, have.name, GONE, bool(have.inventories)))
        else:
            actions += _retire(have, hardware[have.uuid])
    return actions


def _height(uuid: ProviderUuid, children: Mapping[ProviderUuid, set[ProviderUuid]]) -> int:
    """How many levels of providers stand below one."""
    return 1 + max((_height(child, children) for child in children.get(uuid, ())), default=0)


def _retire(have: ObservedProvider, counts: frozenset[Trait]) -> list[ProviderAction]:
    """Keep a provider that cannot be deleted, but offer nothing on it."""
    inventories = still_used(have, ())
    if inventories:
        return drains(have, have.traits, inventories, GONE, counts=counts)
    if have.inventories:
        return [SetInventories(have.uuid, have.name, {}, have.inventories, GONE)]
    return []


def let_go(
    have: ObservedProvider, why: str, counts: frozenset[Trait], *, as_left: bool = False
) -> list[ProviderAction]:
    """Offer nothing of what is not ours to give; who has it keeps it.

    What an operator has reserved altogether is left as it is, to be reserved still afterwards.
    counts is the hardware that it counts; as_left tells that nobody can have had it since the last
    pass.
    """
    if nothing_is_free(have.inventories):
        return []
    reason = Reason(ReasonCode.NOT_OURS, f"it is not ours to give: {why}")
    fresh = as_left and have.consumers == {}
    everything = reserved(have.inventories)
    return drains(have, have.traits, everything, reason, fresh=fresh, counts=counts)
