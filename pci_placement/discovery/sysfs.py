"""From the plain values that were read of a host to a `Snapshot`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pci_placement.errors import DiscoveryError
from pci_placement.model import DevType, PciAddress, PciDevice, Snapshot, Unreadable
from pci_placement.pci_address import Address

from .raw import RawHost, read_tree
from .raw.device import Function

if TYPE_CHECKING:
    from os import PathLike


class Sysfs:
    """A mounted or captured sysfs tree; root is the folder that contains `bus/`."""

    def __init__(self, root: str | PathLike[str] = "/sys") -> None:
        self._root = root

    def read(self) -> Snapshot:
        """Scan every PCI function once, without root rights.

        Devices come in address order. What vanishes in mid-scan is absent; what is there but
        cannot be understood is in `unreadable`, with the reason. Raises DiscoveryError where no
        PCI device can be listed at all.
        """
        return make_snapshot(read_tree(self._root))


def make_snapshot(host: RawHost) -> Snapshot:
    """The same host in the nouns of the model. Raises DiscoveryError where nothing was listed."""
    if host.failure:
        raise DiscoveryError(*host.failure)
    addresses = _Addresses()
    return Snapshot(
        tuple(_devices(host.functions, addresses)),
        {
            addresses[vf]: Unreadable(reason, pf and addresses[pf])
            for vf, (reason, pf) in host.unreadable.items()
        },
        {addresses[address]: reason for address, reason in host.in_use.items()},
        host.digest,
    )


class _Addresses(dict[Address, PciAddress]):
    """Each address once: hundreds of VFs name one PF."""

    def __missing__(self, address: Address) -> PciAddress:
        made = self[address] = PciAddress(*address)
        return made


def _devices(functions: Iterable[Function], addresses: _Addresses) -> Iterator[PciDevice]:
    for address, identity, pf, sriov, names, numa_node, iommu_group in functions:
        class_code, vendor_id, product_id, driver = identity
        totalvfs, vf_device, carries_bus = sriov
        yield PciDevice(  # by position: there are thousands
            addresses[address],
            vendor_id,
            product_id,
            class_code,
            DevType.VF if pf else DevType.PF if totalvfs else DevType.PCI,
            pf and addresses[pf],
            names,
            numa_node,
            driver,
            iommu_group,
            totalvfs,
            vf_device,
            carries_bus,
        )
