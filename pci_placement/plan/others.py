"""Inventories that nova's provider.yaml puts on a provider of ours: they stay, and are told.

nova adds them again whenever it reads the provider anew, so taking them off would never end.

Source: nova/compute/resource_tracker.py, _merge_provider_configs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pci_placement import names
from pci_placement.model import (
    Inventories,
    LastPass,
    ObservedProvider,
    ObservedTree,
    Problem,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
    ResourceClass,
    Severity,
)

NOVA_ADDS = "nova has put {} on {}, which is ours: it stays, but there is no device behind it"
TAKE_IT_OUT = (
    "take that provider out of nova's provider.yaml, restart nova-compute, and take OWNER_NOVA off "
    "it: the next pass takes off the rest"
)


def set_apart(desired: ProviderTree, observed: ObservedTree, last_pass: LastPass) -> ObservedTree:
    """The tree, in which providers of ours have apart what nova has put on them."""
    wanted = {provider.key: provider.inventories for provider in desired.providers}
    apart = {
        uuid: _apart(have, _ours(have, observed.keys[uuid], wanted, last_pass))
        for uuid, have in observed.providers.items()
    }
    return replace(observed, providers=apart)


def others(observed: ObservedTree) -> dict[ProviderUuid, Inventories]:
    """What is written along with whatever is written of a provider."""
    return {uuid: have.others for uuid, have in observed.providers.items() if have.others}


def tell_others(observed: ObservedTree) -> Iterator[Problem]:
    """A line for each provider that has something of nova's."""
    for have in observed.providers.values():
        if have.others:
            told = NOVA_ADDS.format(", ".join(sorted(have.others)), have.name)
            yield Problem(told, TAKE_IT_OUT, severity=Severity.WARNING)


def _ours(
    have: ObservedProvider,
    key: ProviderKey,
    wanted: dict[ProviderKey, Inventories],
    last_pass: LastPass,
) -> set[ResourceClass]:
    """The classes that are of our making; all where nobody remembers which are."""
    left = last_pass.providers.get(have.uuid)
    if names.OWNER_NOVA not in have.traits or left is None:
        return {*have.inventories, *have.others}
    begun = {place.resource_class for place in last_pass.begun if place.provider == key}
    return begun | {*wanted.get(key, ()), *left.inventories, names.SLOT}


def _apart(have: ObservedProvider, ours: set[ResourceClass]) -> ObservedProvider:
    every = {**have.others, **have.inventories}
    mine = {name: each for name, each in every.items() if name in ours}
    rest = {name: each for name, each in every.items() if name not in ours}
    if (mine, rest) == (have.inventories, have.others):
        return have
    return replace(have, inventories=mine, others=rest)
