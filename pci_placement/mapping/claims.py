"""From a claim in Placement to the PCI devices of this host that may serve it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pci_placement import identity
from pci_placement.model import (
    Ledger,
    PciAddress,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
    ResourceClass,
)

NOTHING: Ledger = {}


def counted(
    tree: ProviderTree, ledger: Ledger = NOTHING
) -> dict[ProviderKey, dict[PciAddress, ResourceClass]]:
    """Which devices each provider counts: those that the last pass left it, where that is known.

    That may be fewer than this host would have it count: a device that an operator keeps out of
    service stays where it was, and claims may hold others.
    """
    found = {provider.key: dict(provider.addresses) for provider in tree.providers}
    for (key, name), left in ledger.items():
        if left.sure:
            others = {a: of for a, of in found.get(key, {}).items() if of != name}
            found[key] = others | dict.fromkeys(sorted(left.devices), name)
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
    ours = {identity.provider_uuid(root_uuid, k): of for k, of in counted(tree, ledger).items()}
    served = {
        uuid: tuple(
            address for address, name in sorted(ours[uuid].items()) if name in held["resources"]
        )
        for uuid, held in allocations.items()
        if uuid in ours
    }
    return {uuid: found for uuid, found in served.items() if found}
