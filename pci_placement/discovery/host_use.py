"""Which PCI functions the host itself lives on: its default route, its disks, its screen.

Read from the live /sys and /proc, and from what udev noted of them; a captured tree belongs to no
running host.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pci_placement.model import PciAddress

from .mounts import Mount, read_mounts, unescaped
from .routes import Route, default_interfaces, interfaces_to, read_routes
from .shares import devices_of
from .texts import lines, listed, real, text

T = TypeVar("T")

_ADDRESS = re.compile(r"/([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])(?=/|$)")
_SESSION = re.compile(r"/session([0-9]+)/")  # of iSCSI
_TARGET = re.compile(r"(?:^|,)traddr=([^,\s]+)")  # of nvme over fabrics
# Source: Linux, net/openvswitch/vport-netdev.c, ovs_netdev_link.
_OVS = "ovs-system"  # on which the cards of all bridges of Open vSwitch hang
_ZFS_MEMBER = "E:ID_FS_TYPE=zfs_member"
_LABEL = re.compile(r"E:ID_FS_LABEL(?:_ENC)?=(.*)")  # the one without _ENC has _ for blanks
_ENCODED = re.compile(r"\\x([0-9a-f]{2})")

ROUTE = "the host's default route goes through it ({})"
MOUNT = "the host has {} mounted from it ({})"
SWAP = "the host swaps to it ({})"
VOLUME = "it is part of an active volume of the host ({})"
DISPLAY = "it is the display that the host booted with"


class HostUse:
    """What of this host's own /sys and /proc tells that a PCI function is in use by the host."""

    def __init__(
        self, sysfs: str = "/sys", proc: str = "/proc", dev: str = "/dev", udev: str = "/run/udev"
    ) -> None:
        self._sysfs, self._proc, self._dev, self._udev = map(Path, (sysfs, proc, dev, udev))

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
        routes = read_routes(self._proc)
        for interface in sorted(default_interfaces(routes)):
            for path in self._cards(interface):
                yield path, ROUTE.format(interface)
        for node, reason in self._block_devices():
            for path in _with_all_below(real(node), self._disks_below):
                yield path, reason
                yield from self._towards(self._targets(path), routes, reason)
        for mount in read_mounts(self._proc):
            yield from self._towards(mount.servers, routes, _mounted(mount))
            for path in devices_of(mount, self._sysfs):
                yield path, _mounted(mount)
        for path in self._displays():
            yield path, DISPLAY

    def _functions(self, path: Path) -> Iterator[PciAddress]:
        """All PCI functions above a device, and of those that are VFs the PF too.

        Giving any of them away would take the device along.
        """
        for found in _ADDRESS.findall(str(real(path))):
            yield PciAddress.parse(found)
            with suppress(OSError, ValueError):
                physfn = os.readlink(self._sysfs / "bus/pci/devices" / found / "physfn")
                yield PciAddress.parse(physfn.rpartition("/")[2])

    def _cards(self, interface: str) -> Iterator[Path]:
        for name in _with_all_below(interface, self._interfaces_below):
            yield self._sysfs / "class/net" / name

    def _interfaces_below(self, name: str) -> list[str]:
        """What a bond, bridge, team or VLAN rests on."""
        folder = self._sysfs / "class/net" / name
        below = [path.name.removeprefix("lower_") for path in listed(folder, "lower_")]
        below += [path.name for path in listed(folder / "brif")]
        if not below and not os.path.exists(folder / "device"):
            return [_OVS]  # a bridge of Open vSwitch does not show which cards it uses
        return below

    def _block_devices(self) -> Iterator[tuple[Path, str]]:
        """Where /sys shows a block device, or may, and what the host does with it."""
        for mount in read_mounts(self._proc):
            yield self._sysfs / "dev/block" / mount.number, _mounted(mount)
            # btrfs has a number of its own, and names one of its devices as its source
            # Source: Linux, fs/btrfs/super.c, btrfs_show_devname.
            for name in mount.devices:
                yield self._named(name), _mounted(mount)
        for name in (unescaped(line.partition(" ")[0]) for line in lines(self._proc / "swaps")):
            yield self._named(name), SWAP.format(name)
        for path in listed(self._sysfs / "class/block"):
            for holder in listed(path / "holders"):
                yield path, VOLUME.format(holder.name)
        for volume in listed(self._sysfs / "fs/btrfs"):
            for path in listed(volume / "devices"):
                yield path, VOLUME.format(f"btrfs {volume.name}")
        yield from self._members_of_zfs()

    def _members_of_zfs(self) -> Iterator[tuple[Path, str]]:
        """The disks of imported pools: the kernel does not tell them, udev saw their labels.

        Source: OpenZFS, module/zfs/spa_stats.c; systemd, src/udev/udev-builtin-blkid.c.
        """
        pools = {path.name for path in listed(self._proc / "spl/kstat/zfs") if path.is_dir()}
        for path in listed(self._sysfs / "class/block") if pools else ():
            known = lines(self._udev / "data" / f"b{text(path / 'dev').strip()}")
            for pool in sorted(pools & _labels(known)) if _ZFS_MEMBER in known else ():
                yield path, VOLUME.format(f"zfs {pool}")

    def _disks_below(self, path: Path) -> list[Path]:
        """What a block device rests on: device-mapper, md, nvme multipath, loop or zram.

        Source: Linux, block/holder.c, bd_link_disk_holder; drivers/nvme/host/core.c.
        """
        disk = path.parent if os.path.exists(path / "partition") else path
        controllers = listed(disk.parent, "nvme") if "nvme-subsystem" in disk.parts else []
        backing = [text(disk / name).strip() for name in ("loop/backing_file", "backing_dev")]
        named = [self._named(name) for name in backing if name.startswith("/")]
        return [real(below) for below in [*listed(disk / "slaves"), *controllers, *named]]

    def _named(self, source: str) -> Path:
        """Where /sys shows the block device of a path below /dev, if it is one."""
        path = real(Path(source))
        return self._sysfs / "class/block" / (path.name if path.is_relative_to(self._dev) else "")

    def _towards(
        self, servers: Iterable[str], routes: list[Route], reason: str
    ) -> Iterator[tuple[Path, str]]:
        """The cards that file systems and disks of the host come through, over a network."""
        for server in servers:
            for interface in sorted(interfaces_to(server, routes)):
                for path in self._cards(interface):
                    yield path, reason

    def _targets(self, disk: Path) -> Iterator[str]:
        """Where a disk is that is reached by iSCSI, or by nvme over fabrics.

        Source: Linux, drivers/scsi/scsi_transport_iscsi.c; drivers/nvme/host/fabrics.c.
        """
        for number in _SESSION.findall(str(disk)):
            for path in listed(self._sysfs / "class/iscsi_connection", f"connection{number}:"):
                yield text(path / "address").strip()
        for folder in (disk, *disk.parents):
            if "nvme-fabrics" in folder.parts and folder.name.startswith("nvme"):
                yield from _TARGET.findall(text(folder / "address"))

    def _displays(self) -> Iterator[Path]:
        """The display of the firmware: an attribute of it says so, or it still is its child.

        Source: Linux, drivers/pci/pci-sysfs.c; Documentation/ABI/testing/sysfs-class-drm.
        """
        marks = [path / "boot_vga" for path in listed(self._sysfs / "bus/pci/devices")]
        marks += [path.with_name("boot_display") for path in marks]
        # not every display is of the class VGA, and only those have boot_vga; boot_display is in
        # class/drm, and was at the PCI device in a draft
        marks += [path / "boot_display" for path in listed(self._sysfs / "class/drm")]
        yield from (mark.parent for mark in marks if text(mark).strip() == "1")
        for path in listed(self._sysfs / "bus/platform/devices"):
            if "-framebuffer." in path.name:
                yield path


def _labels(known: Iterable[str]) -> set[str]:
    """What a file system is called, from what udev knows of its device.

    Source: util-linux, libblkid/src/encode.c, blkid_encode_string and blkid_safe_string.
    """
    found = (line[1] for line in map(_LABEL.fullmatch, known) if line)
    return {_ENCODED.sub(lambda code: chr(int(code[1], 16)), label) for label in found}


def _mounted(mount: Mount) -> str:
    return MOUNT.format(mount.where, mount.source)


def _with_all_below(start: T, below: Callable[[T], Iterable[T]]) -> list[T]:
    """A thing and all that it rests on, directly or through others, in whatever knots."""
    found = [start]
    for thing in found:  # grows meanwhile
        found += [other for other in below(thing) if other not in found]
    return found
