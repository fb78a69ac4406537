"""The network names of PCI functions."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from contextlib import suppress
from glob import glob

from .handles import DEVICES, opened

_REPRESENTOR = re.compile(r"(c[0-9]+)?pf[0-9]+(vf|sf)[0-9]+")
_OWNER = re.compile(r"(?P<device>[^/]+)/(?:virtio[0-9]+/)?net/(?P<name>[^/]+)$")


def network_names(root: str) -> dict[str, list[str]]:
    """The network names of each device, by the name of its directory; its own port comes first.

    A name belongs to the PCI function above its net/, with at most a virtio device between: the
    name of a USB NIC must not select the USB controller that it hangs on.
    """
    names: dict[str, list[str]] = defaultdict(list)
    for path in _netdev_paths(root):
        found = _OWNER.search(path)
        if found:
            names[found["device"]].append(found["name"])
    return {device: _ordered(root, several) for device, several in names.items()}


def _ordered(root: str, names: list[str]) -> list[str]:
    """In alphabetical order, but those that stand for VFs after the port itself (switchdev).

    The attribute takes the lock of the network configuration: one name alone is not asked for it.

    Source: Linux, Documentation/networking/switchdev.rst (phys_port_name of representors).
    """
    names = sorted(names)
    if len(names) < 2:
        return names
    return sorted(names, key=lambda name: bool(_REPRESENTOR.match(_port_name(root, name))))


def _port_name(root: str, name: str) -> str:
    with suppress(OSError), open(os.path.join(root, "class/net", name, "phys_port_name")) as file:
        return file.read()
    return ""


def _netdev_paths(root: str) -> list[str]:
    try:
        with opened(os.path.join(root, "class/net")) as folder:
            return [_target(folder, name) for name in os.listdir(folder)]
    except OSError:  # many captures have no class/net
        places = ("*/net/*", "*/virtio*/net/*")
        return [path for place in places for path in glob(f"{DEVICES}/{place}", root_dir=root)]


def _target(folder: int, name: str) -> str:
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError:  # renamed or gone since it was listed, or the file bonding_masters
        return ""
