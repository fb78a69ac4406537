"""The network names of PCI functions."""

from __future__ import annotations

import os

from .handles import DEVICES, Opened
from .texts import paths, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DIGITS_AS_ZERO = str.maketrans("123456789", "0" * 9)
# Source: Linux, net/devlink/port.c, __devlink_port_phys_port_name_get.
_REPRESENTORS = frozenset({"pf0vf0", "pf0sf0", "c0pf0vf0", "c0pf0sf0"})


def network_names(root: str) -> dict[str, tuple[str, ...]]:
    """The network names of each device, by the name of its directory; its own port comes first.

    A name belongs to the PCI function above its net/, with at most a virtio device between: the
    name of a USB NIC must not select the USB controller that it hangs on.
    """
    names: dict[str, list[str]] = {}
    for path in _netdev_paths(root):
        above, _, name = path.rpartition("/net/")
        if above and "/" not in name:
            names.setdefault(_owner(above), []).append(name)
    return {device: tuple(_ordered(root, several)) for device, several in names.items()}


def _owner(path: str) -> str:
    """The name of a device's directory; for a virtio device that of the function below it."""
    above, _, name = path.rpartition("/")
    is_virtio = name.startswith("virtio") and name.removeprefix("virtio").isdecimal()
    return above.rpartition("/")[2] if is_virtio else name


def _ordered(root: str, names: list[str]) -> list[str]:
    """In alphabetical order, but those that stand for VFs after the port itself (switchdev).

    The attribute takes the lock of the network configuration: one name alone is not asked for it.

    Source: Linux, Documentation/networking/switchdev.rst (phys_port_name of representors).
    """
    if len(names) < 2:
        return names
    return sorted(names, key=lambda name: (_is_representor(root, name), name))


def _is_representor(root: str, name: str) -> bool:
    """Whether a port is called like pf0vf1, pf0sf88 or c1pf0vf1."""
    port = word(os.path.join(root, "class/net", name, "phys_port_name"))
    shape = port.translate(_DIGITS_AS_ZERO)
    while "00" in shape:
        shape = shape.replace("00", "0")
    return shape in _REPRESENTORS


def _netdev_paths(root: str) -> Iterable[str]:
    try:
        with Opened(os.path.join(root, "class/net")) as folder:
            return [_target(folder, name) for name in os.listdir(folder)]
    except OSError:  # many captures have no class/net
        return _below_devices(os.path.join(root, DEVICES))


def _below_devices(devices: str) -> Iterator[str]:
    for device in paths(devices):
        for owner in (device, *paths(device, "virtio")):
            yield from paths(os.path.join(owner, "net"))


def _target(folder: int, name: str) -> str:
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError:  # renamed or gone since it was listed, or the file bonding_masters
        return ""
