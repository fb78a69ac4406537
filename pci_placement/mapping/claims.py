"""From a claim in Placement to the PCI devices of this host that may serve it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pci_placement import identity, names
from pci_placement.errors import ClaimRefused
from pci_placement.model import (
    ConsumerUuid,
    InventoryKey,
    LastPass,
    Ledger,
    ObservedProvider,
    PciAddress,
    PciDevice,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
)

NOTHING: Ledger = {}
IS_ANOTHER_NOW = "another device is there than was counted: the next pass counts it"

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


def is_as_counted(left: ObservedProvider | None, device: PciDevice | None) -> bool:
    """Whether a device is what the traits of its provider tell, as far as they do.

    left is the provider as the last pass left it, device what is at the address now.
    """
    ids = names.ids_among(left.traits) if left else None
    return not (ids and device) or names.id_trait(device.vendor_id, device.product_id) in ids


@dataclass(frozen=True, slots=True)
class Seen:
    """What tells that a device is no longer the one that was counted, or that somebody was given.

    devices are what is there now, consumer whose claim it is; who was given nothing, or is not
    named, may have any that is counted.
    """

    last_pass: LastPass = field(default_factory=LastPass)
    devices: Mapping[PciAddress, PciDevice] = field(default_factory=dict)
    consumer: ConsumerUuid | None = None

    def of(
        self, uuid: ProviderUuid, key: InventoryKey, counted: tuple[PciAddress, ...], amount: int
    ) -> list[PciAddress]:
        """Those of the counted devices that can serve a claim of so many. Raises ClaimRefused."""
        has = self._given(key, counted)
        found = has or counted
        left = self.last_pass.providers.get(uuid)
        fit = [a for a in found if is_as_counted(left, self.devices.get(a))]
        if len(fit) < len(has) or len(fit) < min(amount, len(found)):
            another = min(set(found) - set(fit))
            raise ClaimRefused(f"{another}: {IS_ANOTHER_NOW}")
        return fit

    def _given(self, key: InventoryKey, counted: tuple[PciAddress, ...]) -> list[PciAddress]:
        """What the consumer was given of an inventory, by what is counted there or was."""
        given = self.last_pass.given.get(self.consumer, ()) if self.consumer else ()
        entry = self.last_pass.ledger.get(key)
        return sorted({*counted, *(entry.old_devices if entry else ())}.intersection(given))


BLIND = Seen()


def addresses(
    allocations: Mapping[ProviderUuid, Any],
    tree: ProviderTree,
    root_uuid: ProviderUuid,
    ledger: Ledger = NOTHING,
    seen: Seen = BLIND,
) -> dict[ProviderUuid, tuple[PciAddress, ...]]:
    """Say which addresses may serve a claim, by provider uuid; no address appears twice.

    `allocations` maps provider uuids to `{"resources": {class: amount}}`, as Placement gives them
    for a consumer. Providers that are not ours, and those of other hosts, are left out. Of the
    addresses of one provider the caller takes as many as it claimed of that class: Placement
    counts devices and does not tell them apart. `ledger` is what the last pass left (LastPass).

    With `seen` the answer is what `claim show` says: what the consumer was given is named alone,
    and an address at which there is another card now than was counted is not named. Without, such
    a card is named until a pass has seen it. Raises ClaimRefused where too few are left.
    """
    found: dict[ProviderUuid, set[PciAddress]] = {}
    for key, devices in counted(tree, ledger).items():
        uuid = identity.provider_uuid(root_uuid, key.provider)
        resources = allocations.get(uuid, {}).get("resources", {})
        if key.resource_class in resources:
            fit = seen.of(uuid, key, devices, resources[key.resource_class])
            found.setdefault(uuid, set()).update(fit)
    return {uuid: tuple(sorted(found[uuid])) for uuid in allocations if uuid in found}
