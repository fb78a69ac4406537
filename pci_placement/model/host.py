"""What is on the host: PCI functions and one scan of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from pci_placement import pci_address

_BRIDGES = frozenset(f"06{kind:02x}" for kind in range(0x0B) if kind != 0x06)


class DevType(StrEnum):
    """What kind of function a PCI device is, in nova's words."""

    PCI = "type-PCI"
    PF = "type-PF"
    VF = "type-VF"


class PciAddress(NamedTuple):
    """Where a PCI function sits; orders as lspci does."""

    domain: int
    bus: int
    slot: int
    function: int

    @classmethod
    def parse(cls, text: str) -> PciAddress:
        """Read `dddd:bb:ss.f`. Raises ValueError for anything else."""
        found = pci_address.split(text)
        if found is None:
            raise ValueError(f"{text!r} is not a PCI address such as 0000:81:00.0")
        return cls(*found)

    def __str__(self) -> str:
        return pci_address.written((self.domain, self.bus, self.slot, self.function))


@dataclass(frozen=True, slots=True)
class PciDevice:
    """One PCI function of the host, as sysfs describes it.

    Ids are four lower-case hex digits, class_code six. numa_node is None where the kernel does
    not know it. sriov_totalvfs is 0 for anything but a PF. carries_bus: others hang on it.
    """

    address: PciAddress
    vendor_id: str
    product_id: str
    class_code: str = "000000"
    dev_type: DevType = DevType.PCI
    parent_addr: PciAddress | None = None
    devnames: tuple[str, ...] = ()
    numa_node: int | None = None
    driver: str | None = None
    iommu_group: int | None = None
    sriov_totalvfs: int = 0
    sriov_vf_device: str | None = None
    carries_bus: bool = False

    @property
    def is_bridge(self) -> bool:
        """Bridges carry other devices and are never given away.

        Class 0680 ("other bridge") alone makes none: NVSwitches and the endpoints of NTBs and FPGAs
        have it.

        Source: Linux, include/linux/pci_ids.h, PCI_CLASS_BRIDGE_OTHER.
        """
        return self.carries_bus or self.class_code[:4] in _BRIDGES

    @property
    def is_network(self) -> bool:
        """Network controllers have class 02."""
        return self.class_code.startswith("02")

    @property
    def card_addr(self) -> PciAddress:
        """The PF of a VF, and of everything else the device itself."""
        return self.parent_addr or self.address


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a device that is there could not be read, and the PF above it if that much is known."""

    reason: str
    parent_addr: PciAddress | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one scan of /sys saw: devices in address order, and why others could not be read.

    in_use names the functions that the host itself lives on, and what it does with them. digest is
    equal for two scans alone that saw the same; it plays no part where snapshots are compared.
    """

    devices: tuple[PciDevice, ...]
    unreadable: Mapping[PciAddress, Unreadable] = field(default_factory=dict)
    in_use: Mapping[PciAddress, str] = field(default_factory=dict)
    digest: str = field(default="", compare=False)

    @property
    def unsure(self) -> dict[PciAddress, str]:
        """The cards of which something could not be read: what they offer is not known."""
        return {
            found.parent_addr or address: f"{address} cannot be read: {found.reason}"
            for address, found in self.unreadable.items()
        }

    def by_address(self) -> dict[PciAddress, PciDevice]:
        """Index the devices by address."""
        return {device.address: device for device in self.devices}
