"""Which device somebody means who writes less than a whole address, or the name of an interface."""

from __future__ import annotations

import difflib
import re

from pci_placement.errors import RequestError
from pci_placement.model import PciAddress, Snapshot

NO_DEVICE_HERE = "this host has no PCI device {}{}; see device list --all"
SEVERAL_DEVICES = "{} may be any of {}: write one of them in full"
DID_YOU_MEAN = ": did you mean {}?"
_SHORT = re.compile(r"([0-9a-f]{1,2}):([01]?[0-9a-f])\.([0-7])", re.IGNORECASE | re.ASCII)
_MOST_NAMED = 4


def whole_address(text: str) -> PciAddress | None:
    """The address that a text spells out in full, if it does."""
    try:
        return PciAddress.parse(text)
    except ValueError:
        return None


def find_device(text: str, snapshot: Snapshot) -> PciAddress:
    """The device that a text means: a whole address, one without domain, or an interface's name.

    A whole address is taken as it is, there or not. Raises RequestError where none or several fit.
    """
    whole = whole_address(text)
    found = [whole] if whole else _fitting(text, snapshot)
    if not found:
        raise RequestError(NO_DEVICE_HERE.format(text, _hint(text, snapshot)))
    if len(found) > 1:
        told = ", ".join(map(str, found[:_MOST_NAMED]))
        raise RequestError(SEVERAL_DEVICES.format(text, told))
    return found[0]


def _fitting(text: str, snapshot: Snapshot) -> list[PciAddress]:
    short = _SHORT.fullmatch(text)
    there = sorted({*snapshot.by_address(), *snapshot.unreadable})
    if short:
        wanted = tuple(int(number, 16) for number in short.groups())
        return [a for a in there if (a.bus, a.slot, a.function) == wanted]
    return [device.address for device in snapshot.devices if text in device.devnames]


def _hint(text: str, snapshot: Snapshot) -> str:
    names = [name for device in snapshot.devices for name in device.devnames]
    near = difflib.get_close_matches(text, names, n=1, cutoff=0.75)
    return DID_YOU_MEAN.format(near[0]) if near else ""
