"""One card never stops a node: what cannot be planned of a card holds that card alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from pci_placement import identity
from pci_placement.errors import PciPlacementError
from pci_placement.model import ObservedTree, PciAddress, ProviderTree

T = TypeVar("T")

FAULT = "a fault of this program keeps it from being planned ({}: {}): see --debug, and report it"


@dataclass(frozen=True, slots=True)
class Apart(Generic[T]):
    """What was made of a tree, the tree that it was made of, and the faults of cards left out."""

    made: T
    tree: ProviderTree
    faults: Mapping[PciAddress, Exception]


def make_apart(
    make: Callable[[ProviderTree], T], tree: ProviderTree, observed: ObservedTree
) -> Apart[T]:
    """Make something of a tree; where that fails, of the cards for which it does not.

    Which they are is found by trying each card alone, which takes its time and happens only then.
    A fault that belongs to no card, or to all, is raised.
    """
    try:
        return Apart(make(tree), tree, {})
    except PciPlacementError:
        raise
    except Exception:
        cards = _cards(tree, observed)
        faults = {card: fault for card in cards if (fault := _fault(make, tree, cards, card))}
        if not faults or faults.keys() == cards:
            raise
        left = holding(tree, {c: FAULT.format(type(f).__name__, f) for c, f in faults.items()})
        return Apart(make(left), left, faults)


def _cards(tree: ProviderTree, observed: ObservedTree) -> set[PciAddress]:
    keys = {*(provider.key for provider in tree.providers), *observed.keys.values()}
    found = {identity.card_of_key(key) for key in keys} - tree.held.keys()
    return {card for card in found if card is not None}


def _fault(
    make: Callable[[ProviderTree], T],
    tree: ProviderTree,
    cards: set[PciAddress],
    card: PciAddress,
) -> Exception | None:
    """What goes wrong where all but one card are held."""
    try:
        make(holding(tree, dict.fromkeys(cards - {card}, "")))
    except Exception as fault:
        return fault
    return None


def holding(tree: ProviderTree, held: Mapping[PciAddress, str]) -> ProviderTree:
    """The tree with some more cards held."""
    providers = tuple(p for p in tree.providers if identity.card_of_key(p.key) not in held)
    return replace(tree, providers=providers, held={**tree.held, **held})
