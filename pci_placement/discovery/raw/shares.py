"""Folders of a hypervisor that are mounted here: the virtio devices through which they come.

A mount of 9p or virtiofs names a tag. The driver of 9p shows the tag of each of its devices as
the attribute `mount_tag`; that of virtiofs shows tags below fs/virtiofs, with a link to the device,
from Linux 6.9 on.

Source: Linux, net/9p/trans_virtio.c, p9_mount_tag_show.
Source: Linux, fs/fuse/virtio_fs.c, virtio_fs_add_instance.
"""

from __future__ import annotations

import os

from .texts import paths, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .mounts import Mount

_VIRTIO_FS = "0x001a"  # which an older kernel shows without its tag


def devices_of(mount: Mount, sysfs: str) -> Iterable[str]:
    """Where /sys shows the devices that a mount may come through; none of another kind does."""
    find = _FINDERS.get(mount.kind)
    return find(mount.source, sysfs) if find else ()


def _of_9p(tag: str, sysfs: str) -> list[str]:
    """The devices with this tag: several may have it, and the kernel takes one that is free."""
    return [d for d in _virtio(sysfs) if tag and word(os.path.join(d, "mount_tag")) == tag]


def _of_virtiofs(tag: str, sysfs: str) -> list[str]:
    shares = paths(os.path.join(sysfs, "fs/virtiofs"))
    if not shares:
        return [d for d in _virtio(sysfs) if word(os.path.join(d, "device")) == _VIRTIO_FS]
    tagged = [share for share in shares if word(os.path.join(share, "tag")) == tag]
    return [os.path.join(share, "device") for share in tagged]


def _virtio(sysfs: str) -> list[str]:
    return paths(os.path.join(sysfs, "bus/virtio/devices"))


_FINDERS = {"9p": _of_9p, "virtiofs": _of_virtiofs}
