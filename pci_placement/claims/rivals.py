"""Why a device cannot be given to a consumer: somebody else has it, or may have it, or it is unfit.

A claim of a whole card takes its VFs with it, and one of a VF the whole card.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pci_placement.model import ConsumerUuid, PciAddress

from .facts import Facts

HAS_IT = "{} has it"
MAY_HAVE_IT = "{} may have it, from before anybody wrote down who has what"
USED_ONCE_BY = "it is for one-time use and {} had it: clean it, and say device undrain"
NOT_ON_THIS_HOST = "it is not on this host"


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds which functions, and functions of which cards."""

    functions: dict[PciAddress, ConsumerUuid] = field(default_factory=dict)
    cards: dict[PciAddress, ConsumerUuid] = field(default_factory=dict)

    def add(self, who: ConsumerUuid, address: PciAddress, card: PciAddress) -> None:
        """Let somebody hold one more."""
        self.functions.setdefault(address, who)
        self.cards.setdefault(card, who)

    def of(self, address: PciAddress, card: PciAddress) -> ConsumerUuid | None:
        """Who holds a device, its card, or a part of it."""
        found = self.functions.get(address) or self.functions.get(card)
        return found or self.cards.get(address)


def obstacles(facts: Facts, consumer: ConsumerUuid) -> Mapping[PciAddress, str]:
    """Why each of the counted devices cannot be given to a consumer; the others can be."""
    tell = _Teller(facts, consumer)
    return {address: why for address in facts.every if (why := tell.why_not(address))}


class _Teller:
    def __init__(self, facts: Facts, consumer: ConsumerUuid) -> None:
        self._facts, self._consumer = facts, consumer
        self._has = _held(facts.given())
        self._may_have = _held(_of_before(facts, consumer))

    def why_not(self, address: PciAddress) -> str:
        device, card = self._facts.devices.get(address), self._facts.card(address)
        if who := self._has.of(address, card):
            return HAS_IT.format(who)
        if who := self._may_have.of(address, card):
            return MAY_HAVE_IT.format(who)
        if device is None:
            return self._facts.unfit.get(address, NOT_ON_THIS_HOST)
        user = self._facts.record.spent.get(address, self._consumer)
        if user != self._consumer:
            return USED_ONCE_BY.format(user)
        return self._facts.unfit.get(address, "")


Holding = tuple[ConsumerUuid, PciAddress, PciAddress]
"""Who holds which device of which card."""


def _held(holdings: Iterable[Holding]) -> Holders:
    found = Holders()
    for holding in holdings:
        found.add(*holding)
    return found


def _of_before(facts: Facts, consumer: ConsumerUuid) -> Iterator[Holding]:
    """What those may hold who had claims before the record was begun: all that was counted."""
    for who in facts.without_device(consumer):
        if who in facts.record.of_before:
            for key in facts.wanted(who):
                for address in facts.possible(who, key):
                    yield who, address, facts.card(address)
