"""What Placement is to have of the host of this moment, as far as claims leave that open."""

from __future__ import annotations

from collections.abc import Mapping

from support.database import Row

from pci_placement import identity
from pci_placement.model import PciAddress, Provider, ProviderTree


def is_as_wanted(tree: ProviderTree, ours: Mapping[str, Row]) -> bool:
    """Whether Placement has what the tree says, of every card of which nobody holds anything.

    What becomes of a card in use depends on who holds what since when: that is for the judge.
    """
    held = cards_in_use(ours)
    wanted = {p.key: p for p in tree.providers if identity.card_of_key(p.key) not in held}
    have = {key: row for key, row in ours.items() if identity.card_of_key(key) not in held}
    return wanted.keys() == have.keys() and all(_is(wanted[key], have[key]) for key in wanted)


def cards_in_use(ours: Mapping[str, Row]) -> set[PciAddress | None]:
    """The cards of which somebody holds something."""
    return {identity.card_of_key(key) for key, row in ours.items() if row.claims}


def _is(wanted: Provider, have: Row) -> bool:
    stocks = {name: (i.total, i.reserved) for name, i in wanted.inventories.items()}
    return stocks == {name: stock[:2] for name, stock in have.stocks.items()} and (
        set(wanted.traits) == set(have.traits)
    )
