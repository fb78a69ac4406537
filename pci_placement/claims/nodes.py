"""What a container needs of /dev to use a device, by the driver that has it.

Beside vfio-pci there are drivers for one kind of device each, such as mlx5_vfio_pci.

Source: Linux, Documentation/driver-api/vfio.rst, VFIO Usage Example; drivers/vfio/pci/Kconfig.
"""

from __future__ import annotations

from collections.abc import Sequence

from pci_placement.model import PciDevice

NVIDIA = "nvidia"
VFIO_CONTAINER = "/dev/vfio/vfio"


def nodes_of(device: PciDevice, made: Sequence[str] = ()) -> tuple[str, ...]:
    """The nodes for a device; none where nobody can be sure, such as for a network interface.

    made are those that its driver made, as far as /sys tells them: of nvidia's own driver that is a
    part of what a program needs, and the rest is for nvidia's own tools to say.
    """
    if is_vfio(device):
        group = device.iommu_group
        return () if group is None else (VFIO_CONTAINER, f"/dev/vfio/{group}")
    return () if device.driver == NVIDIA else tuple(made)


def is_vfio(device: PciDevice) -> bool:
    """Whether a device is bound to a driver that hands it to a program as a whole."""
    return (device.driver or "").replace("_", "-").endswith("vfio-pci")
