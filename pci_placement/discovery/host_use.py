"""Which PCI functions the host itself lives on: its default route, its disks, its screen.

Read from the live /sys and /proc only; a captured tree belongs to no running host.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pci_placement.model import PciAddress

T = TypeVar("T")

_ADDRESS = re.compile(r"/([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])(?=/|$)")
_MOUNT = re.compile(r"[^ ]+ [^ ]+ ([0-9]+:[0-9]+) [^ ]+ ([^ ]+) .*? - [^ ]+ ([^ ]*)")
_ESCAPED = re.compile(r"\\(040|043|134)")  # how /proc writes a blank, # and a backslash
_UP, _REJECT = 0x1, 0x200  # flags of a route
_OVS = "ovs-system"  # on which the cards of all bridges of Open vSwitch hang

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
        for interface in sorted(self._default_interfaces()):
            for name in _with_all_below(interface, self._interfaces_below):
                yield self._sysfs / "class/net" / name, ROUTE.format(interface)
        for node, reason in self._block_devices():
            for path in _with_all_below(_real(node), _disks_below):
                yield path, reason
        for path in _listed(self._sysfs / "bus/pci/devices"):
            if _text(path / "boot_vga").strip() == "1":
                yield path, DISPLAY

    def _functions(self, path: Path) -> Iterator[PciAddress]:
        """All PCI functions above a device, and of those that are VFs the PF too.

        Giving any of them away would take the device along.
        """
        for text in _ADDRESS.findall(str(_real(path))):
            yield PciAddress.parse(text)
            with suppress(OSError, ValueError):
                physfn = os.readlink(self._sysfs / "bus/pci/devices" / text / "physfn")
                yield PciAddress.parse(physfn.rpartition("/")[2])

    def _default_interfaces(self) -> set[str]:
        v4 = [line.split() for line in _lines(self._proc / "net/route")]
        v6 = [line.split() for line in _lines(self._proc / "net/ipv6_route")]
        routes = [(route[0], route[1] + route[7], route[3]) for route in v4 if len(route) > 7]
        routes += [(route[9], route[0] + route[1], route[8]) for route in v6 if len(route) > 9]
        return {
            name for name, network, flags in routes if set(network) == {"0"} and _leads_out(flags)
        }

    def _interfaces_below(self, name: str) -> list[str]:
        """What a bond, bridge, team or VLAN rests on."""
        folder = self._sysfs / "class/net" / name
        below = [path.name.removeprefix("lower_") for path in _listed(folder, "lower_")]
        below += [path.name for path in _listed(folder / "brif")]
        if not below and not os.path.exists(folder / "device"):
            return [_OVS]  # a bridge of Open vSwitch does not show which cards it uses
        return below

    def _block_devices(self) -> Iterator[tuple[Path, str]]:
        """Where /sys shows a block device, or may, and what the host does with it."""
        for number, mount_point, source in self._mounts():
            reason = MOUNT.format(mount_point, source)
            yield self._sysfs / "dev/block" / number, reason
            # btrfs has a number of its own, and names one of its devices as its source
            yield self._named(source), reason
        for name in (line.partition(" ")[0] for line in _lines(self._proc / "swaps")):
            yield self._named(name), SWAP.format(name)
        for path in _listed(self._sysfs / "class/block"):
            for holder in _listed(path / "holders"):
                yield path, VOLUME.format(holder.name)
        for volume in _listed(self._sysfs / "fs/btrfs"):
            for path in _listed(volume / "devices"):
                yield path, VOLUME.format(f"btrfs {volume.name}")

    def _mounts(self) -> Iterator[tuple[str, str, str]]:
        """Device number, mount point and source of each mount.

        In a container, process 1 may be that of the host and see more.
        """
        paths = [self._proc / process / "mountinfo" for process in ("1", "self")]
        lines = dict.fromkeys(line for path in paths for line in _lines(path))
        for found in filter(None, map(_MOUNT.match, lines)):
            number, mount_point, source = (_unescaped(field) for field in found.groups())
            yield number, mount_point, source

    def _named(self, source: str) -> Path:
        """Where /sys shows the block device of a path below /dev, if it is one."""
        path = _real(Path(source))
        return self._sysfs / "class/block" / (path.name if path.is_relative_to(self._dev) else "")


def _with_all_below(start: T, below: Callable[[T], Iterable[T]]) -> list[T]:
    """A thing and all that it rests on, directly or through others, in whatever knots."""
    found = [start]
    for thing in found:  # grows meanwhile
        found += [other for other in below(thing) if other not in found]
    return found


def _disks_below(path: Path) -> list[Path]:
    """What a block device of device-mapper, md or nvme multipath rests on."""
    disk = path.parent if os.path.exists(path / "partition") else path
    controllers = _listed(disk.parent, "nvme") if "nvme-subsystem" in disk.parts else []
    return [_real(below) for below in [*_listed(disk / "slaves"), *controllers]]


def _leads_out(flags: str) -> bool:
    try:
        return int(flags, 16) & (_UP | _REJECT) == _UP
    except ValueError:
        return False


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _listed(folder: Path, prefix: str = "") -> list[Path]:
    try:
        return sorted(folder / name for name in os.listdir(folder) if name.startswith(prefix))
    except OSError:
        return []


def _lines(path: Path) -> list[str]:
    return _text(path).split("\n")


def _text(path: Path) -> str:
    try:
        # bytes, because a name may hold a carriage return; no path may hold a NUL
        return path.read_bytes().decode(errors="replace").replace("\0", "")
    except OSError:
        return ""
