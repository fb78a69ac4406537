"""What all pictures say in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pci_placement.text.counts import counted

from .nouns import MEANINGS, Cell, CellState, Group, Topology, states_of

NO_CARDS = "nothing of this host is listed"


def summary(topology: Topology) -> str:
    """One line: how many cards and functions are listed, and what became of these."""
    cards = len(list(topology.cards))
    if not cards:
        return NO_CARDS
    numbers = sum(topology.totals.values(), Counter[CellState]())
    told = ", ".join(f"{numbers[state]} {state}" for state in _counted(topology))
    return f"{counted(cards, 'card')}, {counted(numbers.total(), 'device')}: {told}"


def column_titles(topology: Topology) -> list[str]:
    """The numbers of the totals: all of a kind, then those in each state that there is."""
    return ["total", *_counted(topology)]


def total_rows(topology: Topology) -> Iterator[tuple[str, ...]]:
    """A row a class and network, as column_titles says; nothing in place of 0."""
    counted = _counted(topology)
    for (resource_class, network), numbers in topology.totals.items():
        name = "  ".join(filter(None, (resource_class or "not on offer", network)))
        yield name, str(numbers.total()), *(str(numbers[state] or "") for state in counted)


def _counted(topology: Topology) -> list[CellState]:
    totals = topology.totals.values()
    return [state for state in topology.shown if any(numbers[state] for numbers in totals)]


def counts_of(group: Group) -> str:
    """How many of its functions are in which state; of one only the state."""
    if len(group.cells) == 1:
        return group.cells[0].state
    numbers = states_of(group.cells)
    return ", ".join(f"{numbers[state]} {state}" for state in MEANINGS if numbers[state])


def told_of(cell: Cell) -> str:
    """What a cell says to who points at it."""
    return f"{cell.address}: {cell.state}"
