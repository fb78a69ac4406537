"""Folders of a hypervisor that are mounted here: the virtio devices through which they come.

A mount of 9p or virtiofs names a tag. The driver of 9p shows the tag of each of its devices as
the attribute `mount_tag`; that of virtiofs shows tags below fs/virtiofs, with a link to the device,
from Linux 6.9 on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from .mounts import Mount
from .texts import listed, text

_VIRTIO_FS = "0x001a"  # which an older kernel shows without its tag


def devices_of(mount: Mount, sysfs: Path) -> Iterable[Path]:
    """Where /sys shows the devices that a mount may come through; none of another kind does."""
    find = _FINDERS.get(mount.kind)
    return find(mount.source, sysfs) if find else ()


def _of_9p(tag: str, sysfs: Path) -> list[Path]:
    """The devices with this tag: several may have it, and the kernel takes one that is free."""
    return [d for d in _virtio(sysfs) if tag and text(d / "mount_tag").strip() == tag]


def _of_virtiofs(tag: str, sysfs: Path) -> list[Path]:
    shares = listed(sysfs / "fs/virtiofs")
    if not shares:
        return [d for d in _virtio(sysfs) if text(d / "device").strip() == _VIRTIO_FS]
    return [share / "device" for share in shares if text(share / "tag").strip() == tag]


def _virtio(sysfs: Path) -> list[Path]:
    return listed(sysfs / "bus/virtio/devices")


_FINDERS: Mapping[str, Callable[[str, Path], list[Path]]] = {"9p": _of_9p, "virtiofs": _of_virtiofs}
