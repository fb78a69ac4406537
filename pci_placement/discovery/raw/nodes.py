"""The device nodes that a driver makes of one PCI function, as its folder in /sys tells them.

Only of what the kernel itself names: which nodes a driver from elsewhere makes, and which of them
belong to which function, is not said there.

Source: Linux, drivers/gpu/drm/drm_sysfs.c, drm_devnode; drivers/accel/drm_accel.c, accel_devnode.
"""

from __future__ import annotations

import os

from .texts import listed

_KINDS = (("drm", ("card", "renderD"), "/dev/dri"), ("accel", ("accel",), "/dev/accel"))


def device_nodes(root: str, address: str) -> tuple[str, ...]:
    """The nodes of a function, in order; root is the folder that contains `bus/`."""
    device = os.path.join(root, "bus", "pci", "devices", address)
    return tuple(
        f"{folder}/{name}"
        for kind, prefixes, folder in _KINDS
        for prefix in prefixes
        for name in listed(os.path.join(device, kind), prefix)
        if name.removeprefix(prefix).isdecimal()
    )
