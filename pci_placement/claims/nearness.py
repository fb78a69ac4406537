"""In which order devices are given: near each other first, and always in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from pci_placement.model import ConsumerUuid, InventoryKey, PciAddress

from .facts import Facts, Wanted

Fit = Mapping[InventoryKey, Sequence[PciAddress]]
"""The devices of each inventory that can be given."""

NOWHERE = 2**31
"""The NUMA node of a device of which the kernel knows none: the last one."""


def in_order(facts: Facts, consumer: ConsumerUuid, fit: Fit) -> Fit:
    """The same devices, the first ones first.

    What an inventory counts now comes before what it counted when the claim was made: others wait
    for that. What shares an IOMMU group with a device of somebody else comes last: only one program
    can open a group. Then come those of the NUMA node that has most of what is wanted.

    Source: Linux, drivers/vfio/group.c, vfio_group_ioctl_set_container, vfio_group_fops_open.
    """
    node = _nearest(facts, facts.wanted(consumer), fit)
    foreign = _groups(facts, (address for _, address, _ in facts.given()))

    def rank(key: InventoryKey, address: PciAddress) -> tuple[bool, bool, bool, int, PciAddress]:
        here, group = _node(facts, address), facts.devices[address].iommu_group
        now = address in facts.counts.get(key, ())
        return not now, group in foreign, here != node, here, address

    return {key: sorted(devices, key=partial(rank, key)) for key, devices in fit.items()}


def _nearest(facts: Facts, wanted: Wanted, fit: Fit) -> int:
    """The node that has most of what is wanted; the first one of several."""
    nodes = {key: [_node(facts, address) for address in devices] for key, devices in fit.items()}
    every = sorted({node for found in nodes.values() for node in found})

    def served(node: int) -> int:
        return sum(min(wanted[key], found.count(node)) for key, found in nodes.items())

    return max(every, key=served, default=NOWHERE)


def _node(facts: Facts, address: PciAddress) -> int:
    node = facts.devices[address].numa_node
    return NOWHERE if node is None else node


def _groups(facts: Facts, addresses: Iterable[PciAddress]) -> set[int]:
    there = (facts.devices[address] for address in addresses if address in facts.devices)
    return {device.iommu_group for device in there if device.iommu_group is not None}
