"""Sets of devices by card, and which ones a claim keeps from being given away again.

A claim of a whole card takes its VFs with it, and one of a VF the whole card.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from pci_placement import identity
from pci_placement.model import PciAddress, ProviderKey

T = TypeVar("T")

DevicesByCard = Mapping[PciAddress, frozenset[PciAddress]]
"""Functions by card; a card with none stands for VFs of it that nobody can name any more."""


def by_card(key: ProviderKey, addresses: Iterable[PciAddress]) -> DevicesByCard:
    """The devices of a provider; in a pool each is a card of its own."""
    card = identity.card_of_key(key)
    functions = frozenset(addresses)
    return {card: functions} if card else {address: frozenset({address}) for address in functions}


def functions_of(devices: DevicesByCard) -> frozenset[PciAddress]:
    """All of them, whatever their cards."""
    return frozenset().union(*devices.values())


def count(devices: DevicesByCard) -> int:
    """How many they are; no function is on two cards."""
    return sum(map(len, devices.values()))


def union(*several: DevicesByCard) -> DevicesByCard:
    """All devices of several together."""
    found: dict[PciAddress, frozenset[PciAddress]] = {}
    for devices in several:
        for card, functions in devices.items():
            found[card] = found.get(card, frozenset()) | functions
    return found


def contains(many: DevicesByCard, few: DevicesByCard) -> bool:
    """Whether the first has all devices of the second, as far as they are named."""
    return all(named and named <= many.get(card, frozenset()) for card, named in few.items())


def clash(one: DevicesByCard, other: DevicesByCard) -> bool:
    """Whether a device of the one cannot be given away beside some device of the other."""
    return most_blocked(1, one, other) > 0


def most_blocked(claims: int, held: DevicesByCard, wanted: DevicesByCard) -> int:
    """How many of the wanted devices are perhaps not there, while `claims` of the held are used."""
    gains = [gain for card in held for gain in _gains(card, held[card], wanted.get(card))]
    return sum(sorted(gains, reverse=True)[:claims])


def _gains(
    card: PciAddress, held: frozenset[PciAddress], wanted: frozenset[PciAddress] | None
) -> list[int]:
    """What each claim of one card blocks, at most."""
    if not wanted:
        return []
    whole = [len(wanted)] if card in held else []
    vfs = [1 for address in held - {card} if address in wanted]
    if card in wanted and (held - {card} or not held):
        # the first VF in use takes the whole card out of reach
        first, *others = vfs or [0]
        vfs = [first + 1, *others]
    return whole + vfs


class CardIndex(Generic[T]):
    """Finds what has devices on some cards: nothing else can have to do with them."""

    def __init__(self, items: Iterable[tuple[DevicesByCard, T]]) -> None:
        self._items: list[T] = []
        self._on: dict[PciAddress, list[int]] = {}
        for position, (devices, item) in enumerate(items):
            self._items.append(item)
            for card in devices:
                self._on.setdefault(card, []).append(position)

    def on(self, cards: Iterable[PciAddress]) -> list[T]:
        """All on these cards, each once, in the order in which they were given."""
        found = {position for card in cards for position in self._on.get(card, ())}
        return [self._items[position] for position in sorted(found)]
