"""What the operator of the guest wrote, and what its NICs are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.command import by_token

from pci_placement.model import PciAddress, Snapshot

ROOT_NAME = "compute-1"
STATE = "/run/pci-placement"
NIC_IDS, DISK_IDS = ("8086", "10c9"), ("1b36", "0010")
"""igb and nvme, whose VFs have the ids of their PF."""

NIC, DISK, WHOLE, WIRE = (f"CUSTOM_PCI_{name}" for name in ("NIC", "DISK", "WHOLE_DISK", "WIRE"))
WHOLE_NIC = "CUSTOM_PCI_8086_10C9"
"""A PF without VFs is offered whole, and no alias names that."""

NAME = "uplink0"
"""What the first NIC is called; its VFs are listed by it."""

LISTS = """
[pci]
device_spec = {{"devname": "{name}", "physical_network": "physnet0"}}
device_spec = {{"vendor_id": "8086", "product_id": "10ca", "physical_network": "physnet1"}}
device_spec = {{"address": "{whole}", "device_type": "type-PF"}}
device_spec = {{"address": "{split}"}}
device_spec = {{"vendor_id": "1b36", "product_id": "0010", "device_type": "type-PCI"}}
device_spec = {{"vendor_id": "8086", "product_id": "10d3"}}
alias = {{"name": "nic", "vendor_id": "8086", "product_id": "10ca"}}
alias = {{"name": "disk", "vendor_id": "1b36", "product_id": "0010", "device_type": "type-PCI"}}
alias = {{"name": "disk", "vendor_id": "1b36", "product_id": "0010", "device_type": "type-VF"}}
alias = {{"name": "whole-disk", "vendor_id": "1b36", "product_id": "0010",
         "device_type": "type-PF"}}
alias = {{"name": "wire", "vendor_id": "8086", "product_id": "10d3"}}

[placement]
{placement}

[pci_placement]
root_provider_name = {root}
state_dir = {state}
{more}
"""


@dataclass(frozen=True, slots=True)
class Cards:
    """What is built in: the NIC that is listed by name and the one by ids, two disks."""

    named_nic: PciAddress
    other_nic: PciAddress
    split_disk: PciAddress
    whole_disk: PciAddress

    @staticmethod
    def of(host: Snapshot) -> Cards:
        """Find them by what they are and by their NUMA node."""
        found = {(d.vendor_id, d.product_id, d.numa_node): d.address for d in host.devices}
        kinds = ((*ids, node) for ids in (NIC_IDS, DISK_IDS) for node in (0, 1))
        return Cards(*(found[kind] for kind in kinds))


def write_lists(file: Path, url: str, cards: Cards, more: Mapping[str, object]) -> None:
    """Write the configuration that the agent reads in the guest, and we outside."""
    file.write_text(
        LISTS.format(
            name=NAME,
            whole=cards.whole_disk,
            split=cards.split_disk,
            placement=by_token(url),
            root=ROOT_NAME,
            state=STATE,
            more="\n".join(f"{name} = {value}" for name, value in more.items()),
        )
    )
