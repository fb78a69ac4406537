"""Cards that this host still offers below a root that was its own before.

A host that is renamed has a new root. What it offers below the old one can be claimed until
somebody takes it away, so it is not offered a second time below the new one.
"""

from __future__ import annotations

from collections.abc import Iterable

from pci_placement import identity
from pci_placement.model import (
    LastPass,
    LeftBehind,
    ListedProvider,
    PciAddress,
    ProviderKey,
    Root,
    Snapshot,
)

STILL_THERE = (
    "this host offers it below {} too, which was its root before: say `pci-placement retire --root "
    "{}`, and it is offered here once it is free there"
)
STILL_USED = (
    "somebody has it below {}, which was this host's root before and is retired: it is offered "
    "here once it is free there"
)


def left_behind(root: Root, listed: Iterable[ListedProvider], last_pass: LastPass) -> LeftBehind:
    """What is left below a root of before, by the providers in its tree and the last pass there."""
    keys = identity.candidates(root, listed, last_pass.keys).values()
    cards: set[PciAddress] = set()
    for key in keys:
        found = _cards(key, last_pass)
        if not found:
            return LeftBehind(root, cards=None)
        cards |= found
    return LeftBehind(root, frozenset(cards))


def _cards(key: ProviderKey, last_pass: LastPass) -> set[PciAddress]:
    """The cards that a provider speaks of; none where a pool does not tell."""
    card = identity.card_of_key(key)
    if card:
        return {card}
    counted = [counted for place, counted in last_pass.ledger.items() if place.provider == key]
    if not all(each.sure for each in counted):
        return set()
    return {address for each in counted for address in each.devices | each.old_devices}


def cards_left(left: Iterable[LeftBehind], snapshot: Snapshot) -> dict[PciAddress, str]:
    """The cards of this host that are left somewhere, and what to do about it."""
    cards = {device.address: device.card_addr for device in snapshot.devices}
    found: dict[PciAddress, str] = {}
    for each in left:
        reason = (STILL_USED if each.retired else STILL_THERE).format(
            each.root.name, each.root.name
        )
        there = cards.values() if each.cards is None else each.cards
        found |= {cards.get(card, card): reason for card in there}
    return found
