"""What somebody is told who asks which devices a consumer has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pci_placement.identity import provider_name
from pci_placement.mapping.claims import Counts
from pci_placement.model import (
    ClaimRecord,
    ConsumerUuid,
    Given,
    InventoryKey,
    PciAddress,
    PciDevice,
    ResourceClass,
)

from .cdi import qualified
from .nodes import nodes_of

MadeNodes = Callable[[PciDevice], tuple[str, ...]]
"""The nodes that the driver of a device made."""


@dataclass(frozen=True, slots=True)
class ClaimedDevice:
    """One device of a consumer.

    provider is its name, devname the names of its network interfaces with commas between. driver,
    iommu_group and devname are what they are now, and None where the device is gone. cdi is what to
    ask a container runtime for, None where nothing of /dev is known to be needed; nodes are
    those of /dev. vendor_id and product_id are four hexadecimal digits.
    """

    consumer: ConsumerUuid
    address: PciAddress
    provider: str
    resource_class: ResourceClass
    vendor_id: str
    product_id: str
    driver: str | None
    iommu_group: int | None
    devname: str | None
    cdi: str | None
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Here:
    """The host as an answer describes it: what it counts where, what is there, and its name."""

    root_name: str
    counts: Counts
    devices: Mapping[PciAddress, PciDevice]
    made: MadeNodes

    def described(self, record: ClaimRecord, consumer: ConsumerUuid) -> tuple[ClaimedDevice, ...]:
        """What a consumer was given; nothing where nobody asked."""
        given = record.given.get(consumer, ())
        return tuple(self._describe(consumer, each) for each in given)

    def described_all(self, record: ClaimRecord) -> Iterator[ClaimedDevice]:
        """What everybody was given, by consumer."""
        for consumer in sorted(record.given):
            yield from self.described(record, consumer)

    def is_another(self, given: Given) -> bool:
        """Whether other hardware is now where a device was."""
        device = self.devices.get(given.address)
        then = (given.vendor_id, given.product_id)
        return device is not None and (device.vendor_id, device.product_id) != then

    def _describe(self, consumer: ConsumerUuid, given: Given) -> ClaimedDevice:
        device = None if self.is_another(given) else self.devices.get(given.address)
        nodes = nodes_of(device, self.made(device)) if device else ()
        place = self.place(given)
        return ClaimedDevice(
            consumer=consumer,
            address=given.address,
            provider=provider_name(self.root_name, place.provider),
            resource_class=place.resource_class,
            vendor_id=given.vendor_id,
            product_id=given.product_id,
            driver=device.driver if device else None,
            iommu_group=device.iommu_group if device else None,
            devname=(",".join(device.devnames) or None) if device else None,
            cdi=qualified(given.address) if nodes else None,
            nodes=nodes,
        )

    def place(self, given: Given) -> InventoryKey:
        """Which inventory counts a device now: claims follow their devices."""
        if given.address in self.counts.get(given.place, ()):
            return given.place
        found = (key for key, devices in self.counts.items() if given.address in devices)
        return next(found, given.place)
