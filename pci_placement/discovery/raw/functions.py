"""The PCI functions of a sysfs tree: what each is, or why it cannot be read."""

from __future__ import annotations

import os

from pci_placement.pci_address import Address, split

from .attributes import UnreadableDevice
from .device import Function, Reader, address_of
from .handles import DEVICES, Opened
from .identity import NO_UEVENT, Identity, Uevents, without_uevent
from .netdevs import network_names
from .virtfns import half_made_vfs, pfs_by_vf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

Odd = tuple[str, Address | None]
"""Why a function that is there cannot be read, and the PF above it if that much is known."""

_Listed = list[tuple[Address, str]]
"""Functions and the names of their directories, in address order."""


class Functions:
    """The PCI functions of a tree in address order, and why others could not be read."""

    __slots__ = ("readable", "unreadable")

    def __init__(self, readable: list[Function], unreadable: dict[Address, Odd]) -> None:
        self.readable = readable
        self.unreadable = unreadable


def read_functions(root: str) -> Functions:
    """Read every PCI function once, without root rights.

    What vanishes in mid-scan is absent; what is there but cannot be understood is in `unreadable`,
    with the reason. Raises OSError where no PCI device can be listed.
    """
    with Opened(os.path.join(root, DEVICES)) as folder:
        return _scan(folder, network_names(root))


def _scan(folder: int, devnames: dict[str, tuple[str, ...]]) -> Functions:
    listed = _listed(folder)
    found = _read_all(folder, listed, devnames, Uevents().identity)
    if not found.readable and all(reason == NO_UEVENT for reason, _ in found.unreadable.values()):
        # no kernel shows that: somebody captured a few files of each device
        found = _read_all(folder, listed, devnames, without_uevent)
    half_made = half_made_vfs(found.readable, [*found.unreadable], folder, dict(listed))
    readable = [function for function in found.readable if address_of(function) not in half_made]
    return Functions(readable, {**_with_pfs(found.unreadable, folder, listed), **half_made})


def _listed(folder: int) -> _Listed:
    # by name they are nearly in order: the kernel writes all digits of an address
    # Source: Linux, drivers/pci/probe.c, pci_setup_device.
    names = sorted(os.listdir(folder))
    return sorted([(address, name) for name in names if (address := split(name))])


def _read_all(
    folder: int,
    listed: _Listed,
    devnames: dict[str, tuple[str, ...]],
    identify: Callable[[int], Identity],
) -> Functions:
    read = Reader(folder, devnames, identify).read
    readable: list[Function] = []
    unreadable: dict[Address, Odd] = {}
    for address, name in listed:
        try:
            function = read(name, address)
        except UnreadableDevice as error:
            unreadable[address] = str(error), error.pf
            continue
        if function:
            readable.append(function)
    return Functions(readable, unreadable)


def _with_pfs(unreadable: dict[Address, Odd], folder: int, listed: _Listed) -> dict[Address, Odd]:
    """Find the cards of what cannot name its own: a VF whose `physfn` is unreadable, or not yet."""
    if all(pf for _, pf in unreadable.values()):
        return unreadable  # PFs have hundreds of these links, which a sound host need not read
    pfs = pfs_by_vf(folder, listed)
    return {
        address: (reason, pf or pfs.get(address)) for address, (reason, pf) in unreadable.items()
    }
