"""What a picture shows: nodes, PCIe roots, cards, groups of functions, and a cell for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pci_placement.model import PciAddress
from pci_placement.text.counts import counted


class CellState(StrEnum):
    """What may become of a function now; the more that speaks against giving it, the later."""

    FREE = "free"
    OFFERED = "offered"
    IGNORED = "ignored"
    DRAINED = "drained"
    HELD = "held"
    UNREADABLE = "unreadable"
    USED = "used"


MEANINGS = {
    CellState.FREE: "free: on offer, and nobody has it",
    CellState.USED: "used: somebody has it",
    CellState.DRAINED: "drained or reserved: nobody new gets it",
    CellState.OFFERED: "offered: whether it is free, Placement did not say",
    CellState.HELD: "held: listed, and left as it is",
    CellState.UNREADABLE: "unreadable",
    CellState.IGNORED: "ignored: on no list",
}
"""In the order of a legend."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One function."""

    address: PciAddress
    state: CellState


@dataclass(frozen=True, slots=True)
class Group:
    """The functions of a card of which the same is true; note says why they are as they are."""

    kind: str
    resource_class: str
    physical_network: str
    note: str
    cells: tuple[Cell, ...]

    @property
    def title(self) -> str:
        """What they are, how many, as which class, and on which network."""
        named = self.kind if len(self.cells) == 1 else counted(len(self.cells), self.kind)
        return "  ".join(filter(None, (named, self.resource_class, self.physical_network)))


@dataclass(frozen=True, slots=True)
class Card:
    """A card of which something is listed; name is that of the product, or its ids."""

    address: PciAddress
    name: str
    devnames: tuple[str, ...]
    driver: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Bus:
    """A PCIe root: its cards, and the functions of those that are on no list."""

    name: str
    cards: tuple[Card, ...]
    others: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A NUMA node; the number is None where the kernel does not know it."""

    number: int | None
    buses: tuple[Bus, ...]

    @property
    def title(self) -> str:
        """How it is called."""
        return "NUMA node not known" if self.number is None else f"NUMA node {self.number}"


@dataclass(frozen=True, slots=True)
class Topology:
    """One host; told is whether Placement said what is used, notes are what a reader must know."""

    host: str
    nodes: tuple[Node, ...]
    told: bool
    notes: tuple[str, ...] = ()

    @property
    def cards(self) -> Iterator[Card]:
        """All cards, node by node."""
        for node in self.nodes:
            for bus in node.buses:
                yield from bus.cards

    @property
    def totals(self) -> dict[tuple[str, str], Counter[CellState]]:
        """How many functions are in which state, by class and network; those without at the end."""
        found: dict[tuple[str, str], Counter[CellState]] = {}
        for card in self.cards:
            for group in card.groups:
                kind = group.resource_class, group.physical_network
                found.setdefault(kind, Counter()).update(states_of(group.cells))
        named = sorted(kind for kind in found if kind[0])
        return {kind: found[kind] for kind in (*named, *(k for k in sorted(found) if not k[0]))}

    @property
    def shown(self) -> list[CellState]:
        """The states that there are, in the order of a legend."""
        seen = {cell.state for cell in self._cells}
        return [state for state in MEANINGS if state in seen]

    @property
    def _cells(self) -> Iterator[Cell]:
        for node in self.nodes:
            for bus in node.buses:
                yield from bus.others
        for card in self.cards:
            for group in card.groups:
                yield from group.cells


def states_of(cells: tuple[Cell, ...]) -> Counter[CellState]:
    """How many cells are in which state."""
    return Counter(cell.state for cell in cells)
