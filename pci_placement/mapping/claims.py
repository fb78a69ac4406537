"""From a claim in Placement to the PCI devices of this host that may serve it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pci_placement import identity
from pci_placement.model import (
    InventoryKey,
    Ledger,
    PciAddress,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
)

NOTHING: Ledger = {}

Counts = Mapping[InventoryKey, tuple[PciAddress, ...]]
"""Which devices each inventory counts, in order."""


def counted(tree: ProviderTree, ledger: Ledger = NOTHING) -> Counts:
    """Which devices each inventory counts: those that the last pass left it, where that is known.

    That may be fewer than this host would have it count: a device that an operator keeps out of
    service stays where it was, and claims may hold others. A device is counted by more than one
    inventory where its class of before is being drained.
    """
    found = {key: set(devices) for key, devices in _wanted(tree)}
    for key, left in ledger.items():
        # of what nobody remembers those that this host would have counted there, if it would
        wanted = found.get(key) if not left.sure else None
        found[key] = {*left.devices} & wanted if wanted else {*left.devices}
    return {key: tuple(sorted(devices)) for key, devices in found.items() if devices}


def _wanted(tree: ProviderTree) -> Iterator[tuple[InventoryKey, list[PciAddress]]]:
    for provider in tree.providers:
        for name in sorted({*provider.addresses.values()}):
            devices = [a for a, of in provider.addresses.items() if of == name]
            yield InventoryKey(provider.key, name), devices


def by_provider(counts: Counts) -> dict[ProviderKey, frozenset[PciAddress]]:
    """Which devices each provider counts, whatever their class."""
    found: dict[ProviderKey, frozenset[PciAddress]] = {}
    for (key, _), devices in counts.items():
        found[key] = found.get(key, frozenset()).union(devices)
    return found


def addresses(
    allocations: Mapping[ProviderUuid, Any],
    tree: ProviderTree,
    root_uuid: ProviderUuid,
    ledger: Ledger = NOTHING,
) -> dict[ProviderUuid, tuple[PciAddress, ...]]:
    """Say which addresses may serve a claim, by provider uuid; no address appears twice.

    `allocations` maps provider uuids to `{"resources": {class: amount}}`, as Placement gives them
    for a consumer. Providers that are not ours, and those of other hosts, are left out. Of the
    addresses of one provider the caller takes as many as it claimed of that class: Placement
    counts devices and does not tell them apart. `ledger` is what the last pass left (LastPass).
    """
    found: dict[ProviderUuid, set[PciAddress]] = {}
    for (key, name), devices in counted(tree, ledger).items():
        uuid = identity.provider_uuid(root_uuid, key)
        if name in allocations.get(uuid, {}).get("resources", ()):
            found.setdefault(uuid, set()).update(devices)
    return {uuid: tuple(sorted(found[uuid])) for uuid in allocations if uuid in found}
