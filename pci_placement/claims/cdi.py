"""What container runtimes are told: a document of the Container Device Interface.

The name of a device may begin with a digit since version 0.5.0.

Source: container-device-interface, cncf-tags/container-device-interface/SPEC.md, CDI Devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pci_placement.model import PciAddress

if TYPE_CHECKING:
    from .answer import ClaimedDevice

KIND = "pci-placement.org/pci"
VERSION = "0.5.0"


def qualified(address: PciAddress) -> str:
    """What to ask a runtime for, to get a device."""
    return f"{KIND}={address}"


def document(devices: Iterable[ClaimedDevice]) -> Mapping[str, Any]:
    """The devices of which it is known what of /dev they need; an edit of nothing is invalid.

    Source: container-device-interface, pkg/cdi/device.go, Device.validate.
    """
    return {
        "cdiVersion": VERSION,
        "kind": KIND,
        "devices": [_device(each) for each in devices if each.nodes],
    }


def _device(device: ClaimedDevice) -> Mapping[str, Any]:
    nodes = [{"path": node, "permissions": "rw"} for node in device.nodes]
    return {"name": str(device.address), "containerEdits": {"deviceNodes": nodes}}
