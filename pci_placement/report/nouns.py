"""What is known of our providers everywhere, and the lines of a report."""

from __future__ import annotations

from dataclasses import dataclass

from pci_placement import identity, names
from pci_placement.model import Inventories, ResourceClass
from pci_placement.placement.summaries import Summary


@dataclass(frozen=True, slots=True)
class Found:
    """A provider of ours somewhere in the cloud, and what Placement said of it.

    summary is None where nothing was said; inventories is None where it was not read by itself, and
    then what is reserved of it is not known.
    """

    node: str
    name: str
    summary: Summary | None = None
    inventories: Inventories | None = None

    @property
    def counts_one(self) -> bool:
        """Whether its name tells that it counts one device, plain or a whole card."""
        key = identity.key_in_name(self.name)
        if not self.summary or key is None or names.SLOT in self.summary.capacity:
            return False
        return identity.card_of_key(key) is not None and not identity.is_vf_key(key)

    @property
    def is_certain(self) -> bool:
        """Whether it is known what is reserved of it."""
        if self.summary is None:
            return False
        return self.inventories is not None or self.counts_one or not self.summary.capacity


@dataclass(frozen=True, slots=True)
class Line:
    """What one node has of one class; None is what Placement cannot tell, or was not asked.

    resource_class is None for providers of which nothing is known. marks say why devices that
    nobody has cannot be claimed.
    """

    node: str
    resource_class: ResourceClass | None
    total: int | None
    used: int | None
    reserved: int | None
    free: int | None
    held: int | None
    draining: int | None
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The lines, how many nodes and providers they are of, and of how many not all is known."""

    lines: tuple[Line, ...]
    nodes: int
    providers: int
    uncertain: int
