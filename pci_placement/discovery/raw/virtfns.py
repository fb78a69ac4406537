"""The VFs that PFs name: `virtfnN` in the directory of a PF, the other end of `physfn`."""

from __future__ import annotations

import os

from pci_placement.pci_address import Address, split, written

from .attributes import UnreadableDevice, link
from .device import pf_of
from .handles import Opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .device import Function

_PREFIX = "virtfn"
NO_PHYSFN = "physfn: not there, though {} names it as a VF"


def pfs_by_vf(folder: int, pfs: Iterable[tuple[Address, str]]) -> dict[Address, Address]:
    """The PF of each VF that a PF names; folder holds the directories of the given functions.

    The kernel makes this link before the VF's `physfn` and takes it away before that: a VF that
    is half-made, or half gone, may have either. What cannot be read, or is gone, names nothing.

    Source: Linux, drivers/pci/iov.c, pci_iov_sysfs_link and pci_iov_remove_virtfn.
    """
    return {vf: pf for pf, name in pfs for vf in _named_by(folder, name)}


def half_made_vfs(
    readable: Sequence[Function],
    unreadable: Iterable[Address],
    folder: int,
    names: Mapping[Address, str],
) -> dict[Address, tuple[str, Address]]:
    """What looks like a plain device and is a VF, because a PF names it: it has no `physfn` yet.

    A sound host has hardly a plain device of the kind of some PF's VFs, so that its links need not
    be read.
    """
    no_vfs = [function for function in readable if not pf_of(function)]
    kinds = {
        address: (vendor_id, product_id)
        for address, (_, vendor_id, product_id, _), _, (totalvfs, *_), *_ in no_vfs
        if not totalvfs
    }
    pfs = [*_pfs_of(no_vfs, {*kinds.values()}), *unreadable]
    named = pfs_by_vf(folder, [(pf, names[pf]) for pf in pfs])
    found = [address for address in kinds if address in named]
    return {vf: (NO_PHYSFN.format(written(named[vf])), named[vf]) for vf in found}


def _pfs_of(readable: Iterable[Function], kinds: set[tuple[str, str]]) -> Iterator[Address]:
    """The PFs whose VFs are of one of these kinds, as far as the kernel tells.

    Source: Linux, drivers/pci/iov.c, pci_iov_add_virtfn (a VF has its PF's vendor).
    """
    vendors = {vendor_id for vendor_id, _ in kinds}
    for address, (_, vendor_id, *_), _, (totalvfs, vf_device, _), *_ in readable:
        told = vf_device is not None
        if totalvfs and ((vendor_id, vf_device) in kinds if told else vendor_id in vendors):
            yield address


def _named_by(folder: int, name: str) -> list[Address]:
    try:
        with Opened(name, folder) as device:
            names = [name for name in os.listdir(device) if name.startswith(_PREFIX)]
            found = [_address(device, name) for name in names]
    except OSError:
        return []
    return [address for address in found if address]


def _address(device: int, name: str) -> Address | None:
    try:
        return split(link(device, name) or "")
    except UnreadableDevice:
        return None
