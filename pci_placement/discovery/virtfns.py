"""The VFs that PFs name: `virtfnN` in the directory of a PF, the other end of `physfn`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from pci_placement.model import DevType, PciAddress, PciDevice, Snapshot, Unreadable

from .handles import opened

_PREFIX = "virtfn"
NO_PHYSFN = "physfn: not there, though {} names it as a VF"


def pfs_by_vf(folder: int, pfs: Iterable[tuple[PciAddress, str]]) -> dict[PciAddress, PciAddress]:
    """The PF of each VF that a PF names; folder holds the directories of the given functions.

    The kernel makes this link before the VF's `physfn` and takes it away before that: a VF that
    is half-made, or half gone, may have either. What cannot be read, or is gone, names nothing.

    Source: Linux, drivers/pci/iov.c, pci_iov_sysfs_link and pci_iov_remove_virtfn.
    """
    return {vf: pf for pf, name in pfs for vf in _named_by(folder, name)}


def half_made_vfs(
    found: Snapshot, folder: int, names: Mapping[PciAddress, str]
) -> dict[PciAddress, Unreadable]:
    """What looks like a plain device and is a VF, because a PF names it: it has no `physfn` yet.

    A sound host has hardly a plain device of the kind of some PF's VFs, so that its links need not
    be read.
    """
    plain = [device for device in found.devices if device.dev_type is DevType.PCI]
    pfs = [pf.address for pf in found.devices if any(_may_be_vf_of(device, pf) for device in plain)]
    named = pfs_by_vf(folder, ((pf, names[pf]) for pf in (*pfs, *found.unreadable)))
    return {
        device.address: Unreadable(NO_PHYSFN.format(named[device.address]), named[device.address])
        for device in plain
        if device.address in named
    }


def _may_be_vf_of(device: PciDevice, pf: PciDevice) -> bool:
    """Whether a function is of the kind that the VFs of a PF are, as far as the kernel tells.

    Source: Linux, drivers/pci/iov.c, pci_iov_add_virtfn (a VF has its PF's vendor).
    """
    return (
        pf.dev_type is DevType.PF
        and device.vendor_id == pf.vendor_id
        and pf.sriov_vf_device in (None, device.product_id)
    )


def _named_by(folder: int, name: str) -> Iterator[PciAddress]:
    with suppress(OSError), opened(name, folder) as device:
        for link in os.listdir(device):
            if link.startswith(_PREFIX):
                with suppress(OSError, ValueError):
                    target = os.readlink(link, dir_fd=device)
                    yield PciAddress.parse(target.rpartition("/")[2])
