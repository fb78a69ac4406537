"""Which devices a whitelist entry selects, and which entry covers which."""

from __future__ import annotations

from collections.abc import Callable

from pci_placement.model import (
    AddressGlob,
    AddressPattern,
    DevType,
    PciAddress,
    PciAlias,
    PciDevice,
    Snapshot,
    WhitelistEntry,
)

Selector = Callable[[WhitelistEntry, PciDevice], bool]


def selector(snapshot: Snapshot) -> Selector:
    """Give the function that says whether an entry selects a device of this snapshot.

    An exact address, or a device name, reaches from a PF to its VFs (as in nova).

    Source: nova/pci/devspec.py, WhitelistPciAddress.match.
    """
    named = {name: d.address for d in snapshot.devices for name in d.devnames}

    def selects(entry: WhitelistEntry, device: PciDevice) -> bool:
        return (
            entry.vendor_id in (None, device.vendor_id)
            and entry.product_id in (None, device.product_id)
            and entry.tags.device_type in (None, device.dev_type)
            and _selects_place(entry, device, named)
        )

    return selects


def _selects_place(entry: WhitelistEntry, device: PciDevice, named: dict[str, PciAddress]) -> bool:
    if entry.devname is not None:
        return named.get(entry.devname) in (device.address, device.card_addr)
    if entry.address is None or entry.address.matches(device.address):
        return True
    return entry.address.is_exact and entry.address.matches(device.card_addr)


def may_select_vfs(entry: WhitelistEntry, pf: PciDevice) -> bool:
    """Whether an entry that selects a PF could select VFs that this PF does not have yet."""
    return entry.tags.device_type in (None, DevType.VF) and (
        entry.product_id is None
        or pf.sriov_vf_device is None
        or entry.product_id == pf.sriov_vf_device
    )


def may_select(entry: WhitelistEntry, alias: PciAlias) -> bool:
    """Whether some device of an alias could be one that the entry selects."""
    if alias.resource_class and alias.resource_class == entry.tags.resource_class:
        return True
    return may_select_kind(entry, alias)


def may_select_kind(entry: WhitelistEntry, alias: PciAlias) -> bool:
    """Whether an entry leaves room for the ids and the type that an alias names."""
    return (
        entry.vendor_id in (None, alias.vendor_id)
        and entry.product_id in (None, alias.product_id)
        and entry.tags.device_type in (None, *alias.device_types)
    )


def covers(earlier: WhitelistEntry, later: WhitelistEntry) -> bool:
    """Whether an entry selects all that a later one selects, on whatever host."""
    return (
        earlier.vendor_id in (None, later.vendor_id)
        and earlier.product_id in (None, later.product_id)
        and earlier.tags.device_type in (None, later.tags.device_type)
        and _covers_place(earlier, later)
    )


def _covers_place(earlier: WhitelistEntry, later: WhitelistEntry) -> bool:
    if earlier.devname is not None or later.devname is not None:
        anywhere = earlier.devname is None and earlier.address is None
        return anywhere or earlier.devname == later.devname
    if earlier.address is None or earlier.address == later.address:
        return True
    return _is_wider(earlier.address, later.address)


def _is_wider(wide: AddressPattern, narrow: AddressPattern | None) -> bool:
    """Whether a glob has no field that another glob leaves open or has with another value.

    An exact address may also mean the VFs of a PF, so a wider glob does not cover it.
    """
    if not isinstance(wide, AddressGlob) or not isinstance(narrow, AddressGlob) or narrow.is_exact:
        return False
    pairs = (
        (wide.domain, narrow.domain),
        (wide.bus, narrow.bus),
        (wide.slot, narrow.slot),
        (wide.function, narrow.function),
    )
    return all(field in (None, other) for field, other in pairs)
