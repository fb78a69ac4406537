"""Below which PCIe root each function is: the first part of its path in sysfs."""

from __future__ import annotations

import os

from pci_placement.pci_address import Address, written

from .handles import DEVICES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_ROOT = "pci"


def root_buses(sysfs: str, functions: Iterable[Address]) -> dict[Address, str]:
    """The root bus of each function, as the kernel names it (`pci0000:80`).

    No part of a scan: only a picture wants it. What has no path (a capture holds values, no links)
    is left out.

    Source: Linux, drivers/pci/probe.c, pci_register_host_bridge.
    """
    found = {address: _root_bus(sysfs, address) for address in functions}
    return {address: bus for address, bus in found.items() if bus}


def _root_bus(sysfs: str, address: Address) -> str:
    try:
        path = os.readlink(os.path.join(sysfs, DEVICES, written(address)))
    except OSError:
        return ""
    # a bridge that makes a domain of its own (VMD) has its root below another one
    return next((part for part in reversed(path.split("/")) if part.startswith(_ROOT)), "")
