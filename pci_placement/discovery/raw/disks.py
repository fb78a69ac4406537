"""The block devices that the running host uses, and what they rest on."""

from __future__ import annotations

import os

from .mounts import unescaped, values_of
from .texts import decoded, lines, listed, paths, text, with_all_below, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .host import Running
    from .mounts import Mount

_ZFS_MEMBER = "E:ID_FS_TYPE=zfs_member"
_LABELS = ("E:ID_FS_LABEL", "E:ID_FS_LABEL_ENC")  # the one without _ENC has _ for blanks
_TARGET = ("traddr",)  # of nvme over fabrics
_SESSION = "session"  # of iSCSI

MOUNT = "the host has {} mounted from it ({})"
SWAP = "the host swaps to it ({})"
VOLUME = "it is part of an active volume of the host ({})"


class Disks:
    """The block devices of a running host, in its /sys."""

    def __init__(self, sysfs: str, running: Running) -> None:
        self._sysfs = sysfs
        self._running = running
        self._dev = os.path.join(running.dev, "")
        self._connections = os.path.join(sysfs, "class/iscsi_connection")
        self._blocks = paths(os.path.join(sysfs, "class/block"))

    def used(self, mounts: Iterable[Mount]) -> Iterator[tuple[str, str]]:
        """The block devices in use and all that they rest on, and what the host does with each."""
        nodes: dict[str, str] = {}
        for node, reason in self._nodes(mounts):
            nodes.setdefault(node, reason)  # containers mount the same over and over
        for node, reason in nodes.items():
            if os.path.lexists(node):
                for path in with_all_below(os.path.realpath(node), self._below):
                    yield path, reason

    def _nodes(self, mounts: Iterable[Mount]) -> Iterator[tuple[str, str]]:
        """Where /sys shows a block device, or may, and what the host does with it."""
        for mount in mounts:
            yield os.path.join(self._sysfs, "dev/block", mount.number), mounted(mount)
            # btrfs has a number of its own, and names one of its devices as its source
            # Source: Linux, fs/btrfs/super.c, btrfs_show_devname.
            for path in self._named(mount.devices):
                yield path, mounted(mount)
        for line in lines(os.path.join(self._running.proc, "swaps")):
            name = unescaped(line.partition(" ")[0])
            for path in self._named([name]):
                yield path, SWAP.format(name)
        yield from self._volumes()

    def _volumes(self) -> Iterator[tuple[str, str]]:
        for path in self._blocks:
            for holder in listed(os.path.join(path, "holders")):
                yield path, VOLUME.format(holder)
        for volume in paths(os.path.join(self._sysfs, "fs/btrfs")):
            for path in paths(os.path.join(volume, "devices")):
                yield path, VOLUME.format(f"btrfs {os.path.basename(volume)}")
        yield from self._members_of_zfs()

    def _members_of_zfs(self) -> Iterator[tuple[str, str]]:
        """The disks of imported pools: the kernel does not tell them, udev saw their labels.

        Source: OpenZFS, module/zfs/spa_stats.c; systemd, src/udev/udev-builtin-blkid.c.
        """
        known = paths(os.path.join(self._running.proc, "spl/kstat/zfs"))
        pools = {os.path.basename(path) for path in known if os.path.isdir(path)}
        for path in self._blocks if pools else ():
            for pool in sorted(pools & self._labels(path)):
                yield path, VOLUME.format(f"zfs {pool}")

    def _labels(self, path: str) -> set[str]:
        """What the part of a pool on a block device is called, from what udev knows of it.

        Source: util-linux, libblkid/src/encode.c, blkid_encode_string and blkid_safe_string.
        """
        number = word(os.path.join(path, "dev"))
        known = lines(os.path.join(self._running.udev, "data", f"b{number}"))
        told = [line.partition("=") for line in known if _ZFS_MEMBER in known]
        return {decoded(label, r"\x", 2, _character) for name, _, label in told if name in _LABELS}

    def _below(self, path: str) -> list[str]:
        """What a block device rests on: device-mapper, md, nvme multipath, loop or zram.

        Source: Linux, block/holder.c, bd_link_disk_holder; drivers/nvme/host/core.c.
        """
        is_part = os.path.exists(os.path.join(path, "partition"))
        disk = os.path.dirname(path) if is_part else path
        is_shared = "nvme-subsystem" in disk.split("/")
        controllers = paths(os.path.dirname(disk), "nvme") if is_shared else []
        backing = [word(os.path.join(disk, name)) for name in ("loop/backing_file", "backing_dev")]
        slaves = paths(os.path.join(disk, "slaves"))
        return [*map(os.path.realpath, (*slaves, *controllers, *self._named(backing)))]

    def _named(self, sources: Iterable[str]) -> list[str]:
        """Where /sys shows the block devices of paths below /dev; other text names none."""
        found = [os.path.realpath(source) for source in sources if os.path.isabs(source)]
        names = [os.path.basename(path) for path in found if path.startswith(self._dev)]
        return [os.path.join(self._sysfs, "class/block", name) for name in names]

    def targets(self, disk: str) -> Iterator[str]:
        """Where a disk is that is reached by iSCSI, or by nvme over fabrics.

        Source: Linux, drivers/scsi/scsi_transport_iscsi.c; drivers/nvme/host/fabrics.c.
        """
        parts = disk.split("/")
        for name in parts:
            if name.startswith(_SESSION):
                number = name.removeprefix(_SESSION)
                for path in paths(self._connections, f"connection{number}:"):
                    yield word(os.path.join(path, "address"))
        for depth, name in enumerate(parts):
            if name.startswith("nvme") and "nvme-fabrics" in parts[:depth]:
                told = text(os.path.join("/".join(parts[: depth + 1]), "address"))
                yield from values_of(_TARGET, told.strip())


def _character(code: str) -> str | None:
    try:
        return chr(int(code, 16))
    except ValueError:
        return None


def mounted(mount: Mount) -> str:
    """What the host does with a device that something is mounted from."""
    return MOUNT.format(mount.where, mount.source)
