"""From a claim in Placement to the PCI devices of this host that may serve it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pci_placement import identity
from pci_placement.model import PciAddress, ProviderTree, ProviderUuid


def addresses(
    allocations: Mapping[ProviderUuid, Any], tree: ProviderTree, root_uuid: ProviderUuid
) -> dict[ProviderUuid, tuple[PciAddress, ...]]:
    """Say which addresses may serve a claim, by provider uuid; no address appears twice.

    `allocations` maps provider uuids to `{"resources": {class: amount}}`, as Placement gives them
    for a consumer. Providers that are not ours, and those of other hosts, are left out. Of the
    addresses of one provider the caller takes as many as it claimed of that class: Placement
    counts devices and does not tell them apart.
    """
    ours = {identity.provider_uuid(root_uuid, p.key): p.addresses for p in tree.providers}
    served = {
        uuid: tuple(
            address for address, name in sorted(ours[uuid].items()) if name in held["resources"]
        )
        for uuid, held in allocations.items()
        if uuid in ours
    }
    return {uuid: found for uuid, found in served.items() if found}
