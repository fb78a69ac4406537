"""Which PCI functions the host itself lives on: its default route, its disks, its screen.

Read from the live /sys and /proc only; a captured tree belongs to no running host.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pci_placement.model import PciAddress

_ADDRESS = re.compile(r"/([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])(?=/|$)")
_ROUTE_UP = 0x1

ROUTE = "the host's default route goes through it ({})"
MOUNT = "the host has {} mounted from it ({})"
SWAP = "the host swaps to it ({})"
VOLUME = "it is part of an active volume of the host ({})"
DISPLAY = "it is the display that the host booted with"


class HostUse:
    """What of this host's own /sys and /proc tells that a PCI function is in use by the host."""

    def __init__(self, sysfs: str = "/sys", proc: str = "/proc", dev: str = "/dev") -> None:
        self._sysfs, self._proc, self._dev = Path(sysfs), Path(proc), Path(dev)

    def read(self) -> dict[PciAddress, str]:
        """Say of each function that the host lives on why; the first reason found counts.

        What cannot be read (in a container, say) tells nothing and raises nothing.
        """
        used: dict[PciAddress, str] = {}
        for path, reason in self._uses():
            for address in self._functions(path):
                used.setdefault(address, reason)
        return used

    def _uses(self) -> Iterator[tuple[Path, str]]:
        """Paths of devices below /sys, and what the host does with each."""
        yield from self._routes()
        yield from self._disks()
        for path in _listed(self._sysfs / "class/block"):
            for holder in _listed(path / "holders"):
                yield path.resolve(), VOLUME.format(holder.name)
        for path in _listed(self._sysfs / "bus/pci/devices"):
            if _text(path / "boot_vga").strip() == "1":
                yield path.resolve(), DISPLAY

    def _routes(self) -> Iterator[tuple[Path, str]]:
        for interface in sorted(self._default_interfaces()):
            for path in self._below_interface(interface):
                yield path, ROUTE.format(interface)

    def _disks(self) -> Iterator[tuple[Path, str]]:
        for number, mount_point in self._mounts():
            for path in self._below_block(self._sysfs / "dev/block" / number):
                yield path, MOUNT.format(mount_point, path.name)
        for name in self._swaps():
            for path in self._below_block(self._sysfs / "class/block" / name):
                yield path, SWAP.format(name)

    def _functions(self, path: Path) -> Iterator[PciAddress]:
        """The PCI function that a device hangs on, and where that is a VF its PF too.

        Giving the PF away would take its VFs along.
        """
        found = _ADDRESS.findall(str(path))
        if found:
            yield PciAddress.parse(found[-1])
            with suppress(OSError, ValueError):
                physfn = os.readlink(self._sysfs / "bus/pci/devices" / found[-1] / "physfn")
                yield PciAddress.parse(physfn.rpartition("/")[2])

    def _default_interfaces(self) -> set[str]:
        v4 = [line.split() for line in _text(self._proc / "net/route").splitlines()[1:]]
        v6 = [line.split() for line in _text(self._proc / "net/ipv6_route").splitlines()]
        return {
            fields[0]
            for fields in v4
            if fields[1] == fields[7] == "00000000" and int(fields[3], 16) & _ROUTE_UP
        } | {
            fields[9]
            for fields in v6
            if set(fields[0]) == {"0"} and fields[1] == "00" and fields[9] != "lo"
        }

    def _below_interface(self, name: str) -> Iterator[Path]:
        """The devices of an interface: its own, or those that a bond, bridge or VLAN rests on."""
        folder = self._sysfs / "class/net" / name
        lower = [path.name.removeprefix("lower_") for path in _listed(folder, "lower_*")]
        ports = [path.name for path in _listed(folder / "brif")]
        for below in {*lower, *ports} - {name}:
            yield from self._below_interface(below)
        if (folder / "device").exists():
            yield (folder / "device").resolve()

    def _mounts(self) -> Iterator[tuple[str, str]]:
        """Device number and mount point of each mounted block device."""
        for line in _text(self._proc / "self/mountinfo").splitlines():
            fields, _, source = line.partition(" - ")
            number, mount_point = fields.split()[2], fields.split()[4]
            # btrfs and overlays have a number of their own, and name the device as their source
            yield (self._number(source.split()[1]) or number), mount_point

    def _number(self, source: str) -> str | None:
        if not source.startswith(f"{self._dev}/"):
            return None
        with suppress(OSError):
            device = os.stat(source).st_rdev
            return f"{os.major(device)}:{os.minor(device)}"
        return None

    def _swaps(self) -> Iterator[str]:
        for line in _text(self._proc / "swaps").splitlines()[1:]:
            name = Path(line.split()[0])
            if name.is_relative_to(self._dev):
                yield name.resolve().name

    def _below_block(self, path: Path) -> Iterator[Path]:
        """The disks of a block device: itself, or what device-mapper, md or multipath rest on."""
        if not path.exists():
            return
        path = path.resolve()
        slaves = _listed(path / "slaves")
        for slave in slaves:
            yield from self._below_block(slave)
        if "nvme-subsystem" in str(path):
            for controller in _listed(path.parent, "nvme*"):
                yield controller.resolve()
        if not slaves:
            yield path


def _listed(folder: Path, pattern: str = "*") -> list[Path]:
    return sorted(folder.glob(pattern))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
