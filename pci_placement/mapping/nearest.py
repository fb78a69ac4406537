"""What to write so that a device is offered which is not, and which entry came nearest to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from pci_placement.discovery.selection import chooser, selector
from pci_placement.model import (
    AddressGlob,
    DevType,
    Match,
    Matching,
    PciAddress,
    PciDevice,
    Refusal,
    Snapshot,
    Source,
    Tags,
    WhitelistEntry,
)

from .alias import of_kind
from .match import BRIDGE, NOT_LISTED, NOVA_REPORTS, UNALIASED, VFS_AWAITED, VFS_MEANT, VFS_OFFERED

IS_NEAREST = "nearest is {}: it asks for {}"
IS_LISTED_BY = "it is listed by {}"
OFFERED_BY_LINE = "this line offers it{}: {}"
LISTED_BY_LINE = "this line lists it{}: {}; but then: {}"
NAMED_BY_LINE = "this line names it: {}"
IN_PLACE_OF = ", in place of {}"
_AS_A_WHOLE = (VFS_OFFERED, VFS_MEANT, VFS_AWAITED)
_WITHOUT_ALIAS = (UNALIASED, NOVA_REPORTS)
_OPTION, _NEW = "device_spec", Source("", "", 0)


class Judged(Protocol):
    """What becomes of all devices, and of which cards everything is left alone, and why."""

    @property
    def matching(self) -> Matching:
        """The verdict on each device."""

    @property
    def kept(self) -> Mapping[PciAddress, str]:
        """The cards on which nothing changes, or that are not ours to give."""


Judge = Callable[[Sequence[WhitelistEntry]], Judged]
"""What would become of all devices by these entries."""


def how_to_offer(
    refusal: Refusal, snapshot: Snapshot, whitelist: Sequence[WhitelistEntry], judge: Judge
) -> str:
    """What to write for a device that is not offered; nothing for what never is."""
    device, reason = refusal.device, refusal.reason
    if reason == BRIDGE:
        return ""
    if reason in _WITHOUT_ALIAS:
        return NAMED_BY_LINE.format(f"alias = {json.dumps(_alias(device))}")
    if reason != NOT_LISTED and reason not in _AS_A_WHOLE:
        return IS_LISTED_BY.format(_told(next(chooser(snapshot, whitelist)(device))))
    near = [_near(device, snapshot, whitelist)] if reason == NOT_LISTED else []
    line = _line(device, whitelist, judge, whole=reason in _AS_A_WHOLE)
    return "; ".join(filter(None, (*near, line)))


def _told(entry: WhitelistEntry) -> str:
    text = f" ({entry.source.text})" if entry.source.text else ""
    return f"{entry.source}{text}"


# --- the nearest entry


def _near(device: PciDevice, snapshot: Snapshot, whitelist: Sequence[WhitelistEntry]) -> str:
    """The entry that asks for least else, of those that ask for something that is so."""
    asked = [(entry, list(_differences(entry, device, snapshot))) for entry in whitelist]
    near = [(entry, other) for entry, other in asked if len(other) < _criteria(entry)]
    if not near:
        return ""
    entry, other = min(near, key=lambda pair: len(pair[1]))
    return IS_NEAREST.format(_told(entry), " and ".join(other))


def _criteria(entry: WhitelistEntry) -> int:
    """How much an entry asks for."""
    place = entry.devname or entry.address
    return sum(
        criterion is not None
        for criterion in (entry.vendor_id, entry.product_id, entry.tags.device_type, place)
    )


def _differences(entry: WhitelistEntry, device: PciDevice, snapshot: Snapshot) -> Iterator[str]:
    """What an entry asks for that a device is not."""
    if entry.vendor_id not in (None, device.vendor_id):
        yield f"vendor_id {entry.vendor_id}, and this is {device.vendor_id}"
    if entry.product_id not in (None, device.product_id):
        yield f"product_id {entry.product_id}, and this is {device.product_id}"
    if entry.tags.device_type not in (None, device.dev_type):
        yield f"device_type {entry.tags.device_type}, and this is {device.dev_type}"
    place = WhitelistEntry(entry.source, address=entry.address, devname=entry.devname)
    if not selector(snapshot)(place, device):
        yield f"another {'devname' if entry.devname else 'address'}"


# --- the line to write


def _line(
    device: PciDevice,
    whitelist: Sequence[WhitelistEntry],
    judge: Judge,
    whole: bool,
) -> str:
    """A line that lists the device, and what becomes of it by that."""
    rivals = _rivals(device, whitelist, judge)
    rest = [entry for entry in whitelist if entry not in rivals]
    fields, entry = _entry(device, whole)
    option = whitelist[0].source.option.split()[-1] if whitelist else _OPTION
    text = f"{option} = {json.dumps(fields)}"
    instead = IN_PLACE_OF.format(" and ".join(map(_told, rivals))) if rivals else ""
    becomes = _why_not(device, judge([entry, *rest]))
    form = LISTED_BY_LINE if becomes else OFFERED_BY_LINE
    return form.format(instead, text, becomes)


def _why_not(device: PciDevice, judged: Judged) -> str:
    verdict = judged.matching.verdicts[device.address]
    if isinstance(verdict, Match):
        return judged.kept.get(device.card_addr, "")
    return verdict.reason


def _rivals(
    device: PciDevice, whitelist: Sequence[WhitelistEntry], judge: Judge
) -> list[WhitelistEntry]:
    """The entries that offer the same card in its other form."""
    card = [
        verdict.entry
        for verdict in judge(whitelist).matching.verdicts.values()
        if isinstance(verdict, Match) and _is_other_form(device, verdict.device)
    ]
    return [entry for entry in whitelist if entry in card]


def _is_other_form(device: PciDevice, other: PciDevice) -> bool:
    forms = {device.dev_type, other.dev_type}
    return device.card_addr == other.card_addr and forms == {DevType.PF, DevType.VF}


def _entry(device: PciDevice, whole: bool) -> tuple[dict[str, str], WhitelistEntry]:
    """An entry as it is written, and as it is read: this card alone, or all of its kind."""
    is_plain = device.dev_type is DevType.PCI
    tags = Tags(device_type=None if is_plain else device.dev_type)
    kind = {} if is_plain else {"device_type": device.dev_type.value}
    if whole:
        at = device.address
        only = AddressGlob(at.domain, at.bus, at.slot, at.function)
        return {"address": str(at), **kind}, WhitelistEntry(_NEW, address=only, tags=tags)
    ids = {"vendor_id": device.vendor_id, "product_id": device.product_id}
    return ids | kind, WhitelistEntry(_NEW, device.vendor_id, device.product_id, tags=tags)


def _alias(device: PciDevice) -> dict[str, str]:
    return of_kind(f"pci-{device.vendor_id}-{device.product_id}", device)
