"""The only reader of /sys: one scan gives one `Snapshot`.

Nothing is read that takes a lock or wakes a device: sriov_numvfs blocks for seconds while somebody
resizes a card, and config, vpd and current_link_* are slow and can wake sleeping cards. Nor is rom,
which nobody may read before it was written to.

Source: Linux, drivers/pci/iov.c, sriov_numvfs_store; drivers/pci/pci-sysfs.c, pci_read_config.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import attrgetter

from pci_placement.errors import DiscoveryError
from pci_placement.model import DevType, PciAddress, PciDevice, Snapshot, Unreadable

from .attributes import (
    UnreadableDevice,
    attribute,
    hexadecimal,
    link,
    number,
    raise_unless_absent,
    required,
)
from .handles import DEVICES, opened
from .netdevs import network_names
from .virtfns import half_made_vfs, pfs_by_vf

_NO_UEVENT = (
    "has no uevent, and others here have one: it is being removed, or a capture is incomplete"
)
_in_order = attrgetter("domain", "bus", "slot", "function")

_Identity = tuple[str, str, str, str | None]
"""Class, vendor id, product id and driver, as they are written."""


class Sysfs:
    """A mounted or captured sysfs tree; root is the folder that contains `bus/`."""

    def __init__(self, root: str | os.PathLike[str] = "/sys") -> None:
        self._root = os.fspath(root)

    def read(self) -> Snapshot:
        """Scan every PCI function once, without root rights.

        Devices come in address order. What vanishes in mid-scan is absent; what is there but
        cannot be understood is in `unreadable`, with the reason. Raises DiscoveryError where no
        PCI device can be listed at all.
        """
        path = os.path.join(self._root, DEVICES)
        try:
            with opened(path) as folder:
                snapshot = _scan(folder, network_names(self._root))
        except FileNotFoundError as error:
            reason = "no such folder; is sysfs mounted here, and does this host have a PCI bus?"
            raise DiscoveryError(path, reason) from error
        except OSError as error:
            raise DiscoveryError(path, str(error.strerror)) from error
        if not snapshot.devices and not snapshot.unreadable:
            raise DiscoveryError(path, "it holds no PCI device")
        return snapshot


def _scan(folder: int, names: dict[str, list[str]]) -> Snapshot:
    functions = _addresses(folder)
    found = _read_all(folder, functions, names, _identity)
    if not found.devices and all(u.reason == _NO_UEVENT for u in found.unreadable.values()):
        # no kernel shows that: somebody captured a few files of each device
        found = _read_all(folder, functions, names, _identity_without_uevent)
    half_made = half_made_vfs(found, folder, dict(functions))
    readable = tuple(device for device in found.devices if device.address not in half_made)
    unreadable = _with_parents(found.unreadable, folder, functions)
    return Snapshot(readable, {**unreadable, **half_made})


def _read_all(
    folder: int,
    functions: list[tuple[PciAddress, str]],
    names: dict[str, list[str]],
    identify: Callable[[int], _Identity],
) -> Snapshot:
    devices: list[PciDevice] = []
    unreadable: dict[PciAddress, Unreadable] = {}
    for address, name in functions:
        try:
            device = _read_device(folder, name, address, names.get(name, []), identify)
        except UnreadableDevice as error:
            unreadable[address] = Unreadable(str(error), error.parent_addr)
            continue
        if device:
            devices.append(device)
    return Snapshot(tuple(devices), unreadable)


def _with_parents(
    unreadable: Mapping[PciAddress, Unreadable],
    folder: int,
    functions: list[tuple[PciAddress, str]],
) -> Mapping[PciAddress, Unreadable]:
    """Find the cards of what cannot name its own: a VF whose `physfn` is unreadable, or not yet."""
    if all(found.parent_addr for found in unreadable.values()):
        return unreadable  # PFs have hundreds of these links, which a sound host need not read
    parents = pfs_by_vf(folder, functions)
    return {
        address: replace(found, parent_addr=found.parent_addr or parents.get(address))
        for address, found in unreadable.items()
    }


def _addresses(folder: int) -> list[tuple[PciAddress, str]]:
    found = ((_address(name), name) for name in os.listdir(folder))
    known = [(address, name) for address, name in found if address]
    return sorted(known, key=lambda pair: _in_order(pair[0]))


def _address(text: str) -> PciAddress | None:
    try:
        return PciAddress.parse(text)
    except ValueError:
        return None


def _read_device(
    folder: int,
    name: str,
    address: PciAddress,
    devnames: list[str],
    identify: Callable[[int], _Identity],
) -> PciDevice | None:
    """Read one device through one handle, so that all facts are of one incarnation.

    None if it vanished. Raises UnreadableDevice.
    """
    try:
        with opened(name, folder) as device:
            try:
                return _describe(device, address, devnames, identify)
            except UnreadableDevice as error:
                if not _is_alive(folder, name, device):
                    return None
                error.parent_addr = _parent_if_readable(device)
                raise
    except OSError as error:
        raise_unless_absent("its directory", error)
        return None


def _is_alive(folder: int, name: str, device: int) -> bool:
    """Whether a device is still there; a dead handle lists as empty, or raises FileNotFoundError.

    The name goes before vendor, device and class do, but after uevent and sriov_totalvfs.

    Source: Linux, drivers/base/bus.c, bus_remove_device; fs/kernfs/dir.c, kernfs_fop_readdir.
    """
    os.stat(name, dir_fd=folder)
    return bool(os.listdir(device))


def _describe(
    device: int,
    address: PciAddress,
    devnames: list[str],
    identify: Callable[[int], _Identity],
) -> PciDevice:
    parent_addr = _parent(device)
    # only PFs have sriov_totalvfs, so a VF need not be asked
    # Source: Linux, drivers/pci/iov.c, sriov_pf_attrs_are_visible.
    totalvfs = 0 if parent_addr else number("sriov_totalvfs", attribute(device, "sriov_totalvfs"))
    vf_device = attribute(device, "sriov_vf_device") if totalvfs else None
    secondary_bus = None if parent_addr else attribute(device, "secondary_bus_number")
    numa_node = number("numa_node", attribute(device, "numa_node"))
    iommu_group = number("iommu_group", link(device, "iommu_group"))
    # Last, because the kernel removes uevent first. Where it still is, what was absent above was
    # absent from a living device: a dying PF does not turn into a plain device, nor a NUMA node
    # into "unknown".
    # Source: Linux, drivers/base/core.c, device_del.
    class_code, vendor_id, product_id, driver = identify(device)
    return PciDevice(
        address=address,
        vendor_id=hexadecimal("vendor id", vendor_id, 4),
        product_id=hexadecimal("product id", product_id, 4),
        class_code=hexadecimal("class", class_code, 6),
        dev_type=DevType.VF if parent_addr else DevType.PF if totalvfs else DevType.PCI,
        parent_addr=parent_addr,
        devnames=tuple(devnames),
        numa_node=numa_node,
        driver=driver,
        iommu_group=iommu_group,
        sriov_totalvfs=totalvfs or 0,
        # the kernel writes this one without leading zeros
        sriov_vf_device=None if vf_device is None else hexadecimal("sriov_vf_device", vf_device, 4),
        carries_bus=secondary_bus is not None,
    )


def _parent(device: int) -> PciAddress | None:
    target = link(device, "physfn")
    address = _address(target or "")
    if target is not None and address is None:
        raise UnreadableDevice(f"physfn: {target!r} is not a PCI address")
    return address


def _parent_if_readable(device: int) -> PciAddress | None:
    try:
        return _parent(device)
    except UnreadableDevice:
        return None


def _identity(device: int) -> _Identity:
    """Class, ids and driver by one read.

    Source: Linux, drivers/pci/pci-driver.c, pci_uevent.
    """
    text = attribute(device, "uevent")
    if text is None:
        raise UnreadableDevice(_NO_UEVENT)
    uevent = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if "PCI_CLASS" in uevent and "PCI_ID" in uevent:
        vendor_id, _, product_id = uevent["PCI_ID"].partition(":")
        return uevent["PCI_CLASS"], vendor_id, product_id, uevent.get("DRIVER")
    return _identity_without_uevent(device)


def _identity_without_uevent(device: int) -> _Identity:
    return (
        required(device, "class", "class"),
        required(device, "vendor", "vendor id"),
        required(device, "device", "product id"),
        link(device, "driver"),
    )
