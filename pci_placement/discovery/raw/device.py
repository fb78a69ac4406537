"""The facts of one PCI function, read through one handle.

Nothing is read that takes a lock or wakes a device: sriov_numvfs blocks for seconds while somebody
resizes a card, and config, vpd and current_link_* are slow and can wake sleeping cards. Nor is rom,
which nobody may read before it was written to.

Source: Linux, drivers/pci/iov.c, sriov_numvfs_store; drivers/pci/pci-sysfs.c, pci_read_config.
"""

from __future__ import annotations

import os

from pci_placement.pci_address import Address, split

from .attributes import (
    UnreadableDevice,
    attribute,
    content,
    hexadecimal,
    link,
    number,
    raise_unless_absent,
)
from .handles import FOLDER
from .identity import Identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Sriov = tuple[int, str | None, bool]
"""sriov_totalvfs, the id of the VFs, and whether other devices hang on this one."""

Function = tuple[Address, Identity, Address | None, Sriov, tuple[str, ...], int | None, int | None]
"""A PCI function: its address, what it is, the PF of a VF, what it can be divided into, its network
names, NUMA node and IOMMU group."""

_NO_PF: Sriov = 0, None, False


def address_of(function: Function) -> Address:
    """Where a function is."""
    return function[0]


def class_of(function: Function) -> str:
    """What kind of function it is: six hexadecimal digits."""
    return function[1][0]


def pf_of(function: Function) -> Address | None:
    """The PF of a function that is a VF."""
    return function[2]


class Reader:
    """Reads the functions of one folder; what many of them say alike is understood once."""

    def __init__(
        self,
        folder: int,
        devnames: Mapping[str, tuple[str, ...]],
        identify: Callable[[int], Identity],
    ) -> None:
        self._folder = folder
        self._devnames = devnames
        self._identify = identify
        self._pfs: dict[str, Address] = {}

    def read(self, name: str, address: Address) -> Function | None:
        """Read one function, so that all facts are of one incarnation.

        None if it vanished. Raises UnreadableDevice.
        """
        try:
            device = os.open(name, FOLDER, dir_fd=self._folder)
            try:
                return self._describe(device, name, address)
            except UnreadableDevice as error:
                if _is_alive(self._folder, name, device):
                    error.pf = self._pf_if_readable(device)
                    raise
                return None
            finally:
                os.close(device)
        except OSError as error:
            raise_unless_absent("its directory", error)
            return None

    def _describe(self, device: int, name: str, address: Address) -> Function:
        pf = self._pf(device)
        # only PFs have sriov_totalvfs, and no bridge is a VF, so a VF need not be asked
        # Source: Linux, drivers/pci/iov.c, sriov_pf_attrs_are_visible.
        sriov = _NO_PF if pf else _sriov(device)
        numa_node = number("numa_node", content(device, "numa_node"))
        iommu_group = number("iommu_group", link(device, "iommu_group"))
        # Last, because the kernel removes uevent first. Where it still is, what was absent above
        # was absent from a living device: a dying PF does not turn into a plain device, nor a NUMA
        # node into "unknown".
        # Source: Linux, drivers/base/core.c, device_del.
        identity = self._identify(device)
        names = self._devnames.get(name, ())
        return address, identity, pf, sriov, names, numa_node, iommu_group

    def _pf(self, device: int) -> Address | None:
        """The PF of a VF; hundreds name the same one."""
        name = link(device, "physfn")
        if name is None:
            return None
        return self._pfs.get(name) or self._pfs.setdefault(name, _address(name))

    def _pf_if_readable(self, device: int) -> Address | None:
        try:
            return self._pf(device)
        except UnreadableDevice:
            return None


def _sriov(device: int) -> Sriov:
    totalvfs = number("sriov_totalvfs", content(device, "sriov_totalvfs")) or 0
    vf_device = attribute(device, "sriov_vf_device") if totalvfs else None
    secondary_bus = content(device, "secondary_bus_number")
    # the kernel writes this one without leading zeros
    # Source: Linux, drivers/pci/iov.c, sriov_vf_device_show.
    full = None if vf_device is None else hexadecimal("sriov_vf_device", vf_device, 4)
    return totalvfs, full, secondary_bus is not None


def _address(text: str) -> Address:
    address = split(text)
    if address is None:
        raise UnreadableDevice(f"physfn: {text!r} is not a PCI address")
    return address


def _is_alive(folder: int, name: str, device: int) -> bool:
    """Whether a device is still there; a dead handle lists as empty, or raises FileNotFoundError.

    The name goes before vendor, device and class do, but after uevent and sriov_totalvfs.

    Source: Linux, drivers/base/bus.c, bus_remove_device; fs/kernfs/dir.c, kernfs_fop_readdir.
    """
    os.stat(name, dir_fd=folder)
    return bool(os.listdir(device))
