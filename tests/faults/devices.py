"""Counting devices: whether what is on offer can be had without giving a device out twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from support.database import World

from pci_placement import names
from pci_placement.model import PciAddress

Cards = Mapping[PciAddress, PciAddress]
"""The card of each device: its PF, or itself."""

Seats = Mapping[str, frozenset[PciAddress]]
"""The devices that each consumer may hold: those that were counted where it claimed, then."""

Counted = Mapping[str, Mapping[PciAddress, str]]
"""Which devices each provider, by uuid, counts, and in which class."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A class of a provider: how many are free, how many used, and which devices it counts.

    now are the devices that this host wants counted there, before those that were; written tells
    that this pass wrote what is on offer, so that a claim from now on can hold none but those of
    now. Of what is used `settled` is by claims that can hold none but those of now either.
    """

    uuid: str
    name: str
    free: int
    used: int
    now: frozenset[PciAddress]
    before: frozenset[PciAddress]
    settled: int = 0
    written: bool = False

    def blocks(self, other: Offer, cards: Cards) -> int:
        """How many devices of another offer are gone once all of this one is claimed, at worst.

        Nobody knows which of its devices a consumer holds: take those that hurt most.
        """
        gone: set[PciAddress] = set()
        certain = self.settled + (self.free if self.written else 0)
        _take(self.free + self.used - certain, self.now | self.before, other.now, cards, gone)
        _take(certain, self.now, other.now, cards, gone)
        return len(gone)


def _take(
    number: int,
    devices: frozenset[PciAddress],
    wanted: frozenset[PciAddress],
    cards: Cards,
    gone: set[PciAddress],
) -> None:
    """Give out so many of the devices, those that take most of the wanted ones with them."""
    left = [_same_silicon(device, wanted, cards) for device in devices]
    for _ in range(min(number, len(left))):
        worst = max(left, key=lambda same: len(same - gone))
        left.remove(worst)
        gone |= worst


def _same_silicon(
    device: PciAddress, devices: frozenset[PciAddress], cards: Cards
) -> frozenset[PciAddress]:
    """Those of the devices that are this one, its PF or its VFs."""
    return frozenset(
        other
        for other in devices
        if other == device or (cards[other] == cards[device] and cards[device] in (device, other))
    )


def conflicts(offer: Offer, other: Offer, moment: World) -> bool:
    """Whether two offers can have the same device; one with slots keeps its own kinds apart."""
    return offer.uuid != other.uuid or names.SLOT not in moment[offer.uuid].stocks
