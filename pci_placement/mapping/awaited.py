"""To whom the VFs go that a PF does not have yet: sriov_numvfs is 0 until its owner raises it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from pci_placement.discovery.selection import may_select_vfs, named
from pci_placement.model import AddressGlob, PciAddress, PciDevice, Snapshot, WhitelistEntry


def remote_vfs(
    snapshot: Snapshot, whitelist: Sequence[WhitelistEntry]
) -> Callable[[PciDevice], bool]:
    """Give the function that says whether the VFs of a PF are to be remote_managed.

    Where they will be is not known before they are there: an entry that may select them counts, up
    to the first one that certainly does.
    """
    names, there = named(snapshot), snapshot.by_address().keys()
    if not any(entry.tags.remote_managed for entry in whitelist):
        return lambda _: False

    def awaits_remote(pf: PciDevice) -> bool:
        for entry in whitelist:
            if not _is_of_its_vfs(entry, pf):
                continue
            if entry.tags.remote_managed and _may_reach(entry, pf, names, there):
                return True
            if pf.sriov_vf_device and _reaches(entry, pf, names):
                return False
        return False

    return awaits_remote


def _is_of_its_vfs(entry: WhitelistEntry, pf: PciDevice) -> bool:
    """Whether an entry leaves room for the kind of a PF's VFs, as far as the kernel tells it."""
    return entry.vendor_id in (None, pf.vendor_id) and may_select_vfs(entry, pf)


def _reaches(entry: WhitelistEntry, pf: PciDevice, names: dict[str, PciAddress]) -> bool:
    """Whether the place that an entry names is every VF's of a PF, wherever they come."""
    if entry.devname is not None:
        return names.get(entry.devname) == pf.address
    if entry.address is None:
        return True
    return entry.address.is_exact and entry.address.matches(pf.address)


def _may_reach(
    entry: WhitelistEntry,
    pf: PciDevice,
    names: dict[str, PciAddress],
    there: Collection[PciAddress],
) -> bool:
    """Whether a VF may come to where an entry points: the bus of its PF, if nothing is there."""
    if _reaches(entry, pf, names):
        return True
    if entry.address is None:
        return False
    taken = isinstance(entry.address, AddressGlob) and entry.address.only in there
    return entry.address.matches_bus(pf.address) and not taken
