"""Which PCI functions the host itself lives on: its default route, its disks, its screen.

Read from the live /sys and /proc, and from what udev noted of them; a captured tree belongs to no
running host.
"""

from __future__ import annotations

import os

from pci_placement.pci_address import Address, split, written

from .device import address_of, class_of, pf_of
from .disks import Disks, mounted
from .handles import DEVICES
from .interfaces import Interfaces
from .mounts import read_mounts
from .routes import default_interfaces, interfaces_to, read_routes
from .shares import devices_of
from .sight import is_blind
from .texts import listed, paths, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .functions import Functions
    from .host import Running

ROUTE = "the host's default route goes through it ({})"
DISPLAY = "it is the display that the host booted with"
BLIND = (
    "this process runs in a container of its own process ids (podman run --pid=host, hostPID: true "
    "in Kubernetes), and sees the disks and routes of that alone: the host may live on it"
)

# the attributes are those of a display, and of what was one before there were classes
# Source: Linux, include/linux/pci.h, pci_is_vga.
_DISPLAYS = ("03", "0001")
_MARKS = ("boot_vga", "boot_display")


class HostUse:
    """What of this host's own /sys and /proc tells that a PCI function is in use by the host."""

    def __init__(self, sysfs: str, running: Running, functions: Functions) -> None:
        self._sysfs = sysfs
        self._running = running
        self._functions = functions
        self._pfs = {address_of(function): pf_of(function) for function in functions.readable}
        self._pfs |= {address: pf for address, (_, pf) in functions.unreadable.items()}
        self._interfaces = Interfaces(sysfs)
        self._disks = Disks(sysfs, running)
        self._routes = read_routes(running.proc)

    def read(self) -> dict[Address, str]:
        """Say of each function that the host lives on why; the first reason found counts.

        What cannot be read tells nothing and raises nothing; but in a container that does not see
        the host's processes the host may live on anything.
        """
        used: dict[Address, str] = {}
        for path, reason in self._uses():
            for address in self._above(path):
                used.setdefault(address, reason)
        return used

    def _uses(self) -> Iterator[tuple[str, str]]:
        """Paths of devices below /sys, and what the host does with each."""
        mounts = read_mounts(self._running.proc)
        for interface in default_interfaces(self._routes):
            for path in self._interfaces.cards(interface):
                yield path, ROUTE.format(interface)
        for path, reason in self._disks.used(mounts):
            yield path, reason
            yield from self._towards(self._disks.targets(path), reason)
        for mount in mounts:
            yield from self._towards(mount.servers, mounted(mount))
            for path in devices_of(mount, self._sysfs):
                yield path, mounted(mount)
        for path in self._displays():
            yield path, DISPLAY
        if is_blind(self._running.proc):
            for path in paths(os.path.join(self._sysfs, DEVICES)):
                yield path, BLIND

    def _above(self, path: str) -> Iterator[Address]:
        """All PCI functions above a device, and of those that are VFs the PF too.

        Giving any of them away would take the device along.
        """
        for address in filter(None, map(split, os.path.realpath(path).split("/"))):
            yield address
            pf = self._pfs.get(address)
            if pf:
                yield pf

    def _towards(self, servers: Iterable[str], reason: str) -> Iterator[tuple[str, str]]:
        """The cards that file systems and disks of the host come through, over a network."""
        for server in servers:
            for interface in interfaces_to(server, self._routes):
                for path in self._interfaces.cards(interface):
                    yield path, reason

    def _displays(self) -> Iterator[str]:
        """The display of the firmware: an attribute of it says so, or it still is its child.

        Source: Linux, drivers/pci/pci-sysfs.c; Documentation/ABI/testing/sysfs-class-drm.
        """
        # not every display is of the class VGA, and only those have boot_vga; boot_display is in
        # class/drm, and was at the PCI device in a draft
        cards = [*self._graphics(), *paths(os.path.join(self._sysfs, "class/drm"))]
        for card in cards:
            if any(word(os.path.join(card, mark)) == "1" for mark in _MARKS):
                yield card
        platform = os.path.join(self._sysfs, "bus/platform/devices")
        for name in listed(platform):
            if "-framebuffer." in name:
                yield os.path.join(platform, name)

    def _graphics(self) -> Iterator[str]:
        """What may be a display: of thousands of functions hardly one is."""
        known = (
            (address_of(function), class_of(function)) for function in self._functions.readable
        )
        found = [address for address, class_code in known if class_code.startswith(_DISPLAYS)]
        for address in (*found, *self._functions.unreadable):
            yield os.path.join(self._sysfs, DEVICES, written(address))
