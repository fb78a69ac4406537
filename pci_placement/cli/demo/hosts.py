"""The two hosts of the demo: the machine that it runs on, and a captured one with SR-IOV."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pci_placement.mapping.alias import of_kind
from pci_placement.model import DevType, PciDevice, Snapshot

_KINDS = {
    "01": "storage",
    "02": "nic",
    "03": "display",
    "04": "multimedia",
    "05": "memory",
    "07": "serial",
    "08": "system",
    "0c": "bus",
    "10": "crypto",
    "12": "accelerator",
}

CAPTURED = """
[pci]
# the first network card's VFs are wired to physnet1, the second's to physnet2
device_spec = {"devname": "enp65s0f0", "physical_network": "physnet1"}
device_spec = {"devname": "enp131s0", "physical_network": "physnet2"}
# every VF of the SR-IOV disks
device_spec = {"product_id": "0010", "device_type": "type-VF"}
# the captured machine has no crypto card: its igb VFs (8086:10ca) play that
alias = {"name": "QuickAssist", "vendor_id": "8086", "product_id": "10ca"}
alias = {"name": "disk", "vendor_id": "1b36", "product_id": "0010"}
"""


@dataclass(frozen=True, slots=True)
class DemoHost:
    """A host to show: its name in Placement, its /sys, and the lists of its operator."""

    name: str
    sysfs: Path
    config: str


def captured_host(folder: Path) -> DemoHost:
    """Unpack the capture that is part of this package: as `sys`, named from the folder."""
    archive = resources.files("pci_placement") / "captures" / "full-vfs.sys.tar.gz"
    with archive.open("rb") as file, tarfile.open(fileobj=file) as tar:
        # the safe filter came with Python 3.11.4, and Debian 12 has 3.11.2
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(folder)  # noqa: S202  it is our own archive
    return DemoHost("sriov-host", Path("sys"), CAPTURED)


def without_comments(config: str) -> str:
    """The lines of a configuration that say something to a program."""
    return "\n".join(line for line in config.splitlines() if not line.startswith("#"))


def own_config(snapshot: Snapshot) -> str:
    """Write lists that fit this machine: all that is no bridge, named by what it is."""
    kinds = {(d.vendor_id, d.product_id): d for d in _worth_listing(snapshot.devices)}
    entries = [
        f"device_spec = {json.dumps({'vendor_id': vendor, 'product_id': product})}"
        for vendor, product in kinds
    ]
    aliases = [f"alias = {json.dumps(_alias(device))}" for device in kinds.values()]
    return "\n".join(["", "[pci]", *entries, *aliases, ""])


def _worth_listing(devices: Iterable[PciDevice]) -> list[PciDevice]:
    return [device for device in devices if not device.is_bridge]


def _alias(device: PciDevice) -> dict[str, str]:
    name = _KINDS.get(device.class_code[:2], "device")
    return of_kind(f"{name}-card" if device.dev_type is DevType.PF else name, device)
