"""Sets of devices by card, and which ones a claim keeps from being given away again.

A claim of a whole card takes its VFs with it, and one of a VF the whole card.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
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
    first, *others = devices.values() or [frozenset()]
    return first.union(*others) if others else first


def count(devices: DevicesByCard) -> int:
    """How many they are; no function is on two cards."""
    return sum(map(len, devices.values()))


def union(*several: DevicesByCard) -> DevicesByCard:
    """All devices of several together; the first itself, if it has those of all the others."""
    first, *others = [devices for devices in several if devices] or [{}]
    more = [devices for devices in others if not contains(first, devices)]
    return _joined(first, more) if more else first


def _joined(first: DevicesByCard, others: Iterable[DevicesByCard]) -> DevicesByCard:
    found = dict(first)
    for devices in others:
        for card, functions in devices.items():
            found[card] = found.get(card, frozenset()) | functions
    return found


def near(devices: DevicesByCard, others: DevicesByCard) -> DevicesByCard:
    """Those of the devices that are on cards of others: only these have to do with them."""
    return {card: devices[card] for card in devices.keys() & others.keys()}


def contains(many: DevicesByCard, few: DevicesByCard) -> bool:
    """Whether the first has all devices of the second, as far as they are named."""
    nothing: frozenset[PciAddress] = frozenset()
    for card, named in few.items():
        if not named or not named <= many.get(card, nothing):
            return False
    return True


def clash(one: DevicesByCard, other: DevicesByCard) -> bool:
    """Whether a device of the one cannot be given away beside some device of the other."""
    return most_blocked(1, one, other) > 0


def most_blocked(claims: int, may_hold: DevicesByCard, wanted: DevicesByCard) -> int:
    """How many of the wanted devices are perhaps not there, while so many claims hold some."""
    cards = may_hold.keys() & wanted.keys() if claims else ()
    gains = [gain for card in cards for gain in _gains(card, may_hold[card], wanted[card])]
    return sum(sorted(gains, reverse=True)[:claims])


def _gains(
    card: PciAddress, may_hold: frozenset[PciAddress], wanted: frozenset[PciAddress]
) -> list[int]:
    """What each claim of one card blocks, at most."""
    if not wanted:
        return []
    whole = [len(wanted)] if card in may_hold else []
    vfs = [1 for address in may_hold - {card} if address in wanted]
    if card in wanted and (may_hold - {card} or not may_hold):
        # the first VF in use takes the whole card out of reach
        first, *others = vfs or [0]
        vfs = [first + 1, *others]
    return whole + vfs


class CardIndex(Generic[T]):
    """Finds what has devices on some cards: nothing else can have to do with them.

    It is made when it is first asked: most passes have nothing to ask.
    """

    def __init__(self, items: Iterable[tuple[Iterable[PciAddress], T]]) -> None:
        self._given = items

    @cached_property
    def _items(self) -> tuple[tuple[Iterable[PciAddress], T], ...]:
        return tuple(self._given)

    @cached_property
    def _on(self) -> Mapping[PciAddress, tuple[int, ...]]:
        """The positions of the items on each card; cards with the same ones share a tuple."""
        found: dict[PciAddress, list[int]] = {}
        for position, (cards, _) in enumerate(self._items):
            for card in cards:
                found.setdefault(card, []).append(position)
        shared: dict[tuple[int, ...], tuple[int, ...]] = {}
        return {card: shared.setdefault(at := tuple(on), at) for card, on in found.items()}

    def at(self, card: PciAddress) -> list[T]:
        """All on one card, in the order in which they were given."""
        return [self._items[position][1] for position in self._on.get(card, ())]

    def on(self, devices: DevicesByCard) -> list[T]:
        """All on the cards of these devices, each once, in the order in which they were given."""
        if len(devices) == 1:
            return self.at(*devices)
        cards = self._on.keys() & devices.keys()
        # many cards may have the same items: each list of positions is looked at once
        several = {id(at): at for at in (self._on[card] for card in cards)}
        found = sorted(set().union(*several.values()))
        return [self._items[position][1] for position in found]
