"""Which devices a whitelist entry selects, and which entry shadows which."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

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
    names = named(snapshot)

    def selects(entry: WhitelistEntry, device: PciDevice) -> bool:
        return (
            entry.vendor_id in (None, device.vendor_id)
            and entry.product_id in (None, device.product_id)
            and entry.tags.device_type in (None, device.dev_type)
            and _selects_place(entry, device, names)
        )

    return selects


def named(snapshot: Snapshot) -> dict[str, PciAddress]:
    """Which device has each name."""
    return {name: d.address for d in snapshot.devices for name in d.devnames}


Chooser = Callable[[PciDevice], Iterator[WhitelistEntry]]


def chooser(snapshot: Snapshot, whitelist: Sequence[WhitelistEntry]) -> Chooser:
    """Give the function that says which entries select a device, in their order.

    Only those are asked that could: lists and hosts may both be long.
    """
    selects, names = selector(snapshot), named(snapshot)
    index: dict[object, list[int]] = {}
    for position, entry in enumerate(whitelist):
        index.setdefault(_hint(entry, names), []).append(position)

    def choose(device: PciDevice) -> Iterator[WhitelistEntry]:
        hints = {None, device.product_id, device.address, device.card_addr}
        for position in heapq.merge(*(index.get(hint, ()) for hint in hints)):
            if selects(whitelist[position], device):
                yield whitelist[position]

    return choose


def _hint(entry: WhitelistEntry, named: dict[str, PciAddress]) -> object:
    """What a device must have (its own address or its card's, or an id), if that can be said."""
    if entry.devname is not None:
        return named.get(entry.devname, entry.devname)  # a name of nobody finds nobody
    only = entry.address.only if isinstance(entry.address, AddressGlob) else None
    return only or entry.product_id


def _selects_place(entry: WhitelistEntry, device: PciDevice, named: dict[str, PciAddress]) -> bool:
    if entry.devname is not None:
        return named.get(entry.devname) in (device.address, device.card_addr)
    if entry.address is None or entry.address.matches(device.address):
        return True
    if device.card_addr == device.address:
        return False
    return entry.address.is_exact and entry.address.matches(device.card_addr)


def may_select_vfs(entry: WhitelistEntry, pf: PciDevice) -> bool:
    """Whether an entry that selects a PF could select VFs that this PF does not have yet."""
    return entry.tags.device_type in (None, DevType.VF) and (
        entry.product_id is None
        or pf.sriov_vf_device is None
        or entry.product_id == pf.sriov_vf_device
    )


def rooms(whitelist: Sequence[WhitelistEntry]) -> Callable[[PciAlias], bool]:
    """Give the function that says whether one of the entries may select a device of an alias."""
    classes = {entry.tags.resource_class for entry in whitelist} - {None}
    kinds = {(e.vendor_id, e.product_id, e.tags.device_type) for e in whitelist}

    def may_select(alias: PciAlias) -> bool:
        ids = (None, alias.vendor_id), (None, alias.product_id)
        fitting = itertools.product(*ids, (None, *alias.device_types))
        return alias.resource_class in classes or not kinds.isdisjoint(fitting)

    return may_select


def may_select_kind(entry: WhitelistEntry, alias: PciAlias) -> bool:
    """Whether an entry leaves room for the ids and the type that an alias names."""
    return (
        entry.vendor_id in (None, alias.vendor_id)
        and entry.product_id in (None, alias.product_id)
        and entry.tags.device_type in (None, *alias.device_types)
    )


_Place = tuple[str | None, AddressPattern | None]
_Shape = tuple[str | None, str | None, DevType | None, _Place]


def shadows(whitelist: Iterable[WhitelistEntry]) -> Iterator[tuple[WhitelistEntry, WhitelistEntry]]:
    """Each entry that never counts, and the first one that covers it."""
    before: dict[_Shape, tuple[int, WhitelistEntry]] = {}
    for position, entry in enumerate(whitelist):
        found = [before[shape] for shape in _covering(entry) if shape in before]
        if found:
            yield entry, min(found, key=lambda pair: pair[0])[1]
        before.setdefault(_shape(entry), (position, entry))


def _shape(entry: WhitelistEntry) -> _Shape:
    place = (entry.devname, entry.address)
    return entry.vendor_id, entry.product_id, entry.tags.device_type, place


def _covering(entry: WhitelistEntry) -> set[_Shape]:
    """The shapes of the entries that select all that this one selects: a few hundred at most."""
    return set(
        itertools.product(
            (None, entry.vendor_id),
            (None, entry.product_id),
            (None, entry.tags.device_type),
            _covering_places(entry),
        )
    )


def _covering_places(entry: WhitelistEntry) -> set[_Place]:
    """An exact address may also mean the VFs of a PF, so a wider glob does not cover it."""
    own = (entry.devname, entry.address)
    if not isinstance(entry.address, AddressGlob) or entry.address.is_exact:
        return {own, (None, None)}
    address = entry.address
    fields = (address.domain, address.bus, address.slot, address.function)
    wider = itertools.product(*((None, field) for field in fields))
    return {own, (None, None), *((None, AddressGlob(*some)) for some in wider)}
