"""What must be true at every moment, whatever went wrong.

A moment is all that Placement has between two requests. Complaints are sentences; none is good.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from support.database import Row, World
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import PciAddress, Provider

from .devices import Cards, Counted, Offer, Seats, conflicts


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges the moments of one step.

    start is what Placement had before the pass; wants are the providers that the host wants, by
    uuid; before is which devices they counted up to now; cards knows the card of each device,
    and seats which devices each consumer may hold.
    """

    start: World
    wants: Mapping[str, Provider]
    before: Counted
    cards: Cards
    seats: Seats = field(default_factory=dict)

    def complaints(self, moments: list[World]) -> Iterator[str]:
        claimed = claims(self.start)
        for moment in moments:
            yield from self._strangers(moment)
            yield from _lost(claimed, moment)
            yield from self._offers(moment)
            claimed = claims(moment)

    def is_ours(self, uuid: str) -> bool:
        """Whether this host may write to it: by its uuid and, if it was there, by its marker."""
        row = self.start.get(uuid)
        known = uuid in self.wants or uuid in self.before
        return known and (row is None or names.MANAGED in row.traits or _is_bare(row))

    def _strangers(self, moment: World) -> Iterator[str]:
        """Providers of somebody else, which must stay as they are to the last bit."""
        for uuid in {*self.start, *moment}:
            before, now = self.start.get(uuid), moment.get(uuid)
            if uuid == ROOT.uuid:
                before, now = _without_generation(before), _without_generation(now)
            if not self.is_ours(uuid) and before != now:
                yield f"the foreign provider {uuid} changed from {before} to {now}"

    def _offers(self, moment: World) -> Iterator[str]:
        offers = list(self._all_offers(moment))
        for offer in offers:
            if offer.free and offer.written:
                yield from self._unqualified(offer, moment)
                yield from self._twice(offer, offers, moment)
            elif offer.free:
                yield from self._stripped(offer, moment)

    def _all_offers(self, moment: World) -> Iterator[Offer]:
        """What can be claimed or is in use of each class of each provider of ours."""
        for uuid, row in moment.items():
            if self.is_ours(uuid):
                now = self.wants[uuid].addresses if uuid in self.wants else {}
                before = self.before.get(uuid, {})
                for name in _classes(row) - {names.SLOT}:
                    counted = frozenset(a for a, c in now.items() if c == name)
                    yield Offer(
                        uuid,
                        name,
                        row.free(name),
                        row.used(name),
                        counted,
                        frozenset(a for a, c in before.items() if c == name),
                        self._settled(row, name, counted),
                        self._is_written(uuid, name, row),
                    )

    def _settled(self, row: Row, name: str, counted: frozenset[PciAddress]) -> int:
        return sum(
            held.get(name, 0)
            for consumer, held in row.claims.items()
            if self.seats.get(consumer) and self.seats[consumer] <= counted
        )

    def _is_written(self, uuid: str, name: str, row: Row) -> bool:
        """Whether this pass wrote what is on offer; what was there before it is not its doing."""
        before = self.start.get(uuid)
        return before is None or before.stocks.get(name) != row.stocks.get(name)

    def _unqualified(self, offer: Offer, moment: World) -> Iterator[str]:
        row, want = moment[offer.uuid], self.wants.get(offer.uuid)
        if not offer.now:
            yield f"{offer.free} {offer.name} of {row.name} can be claimed, and the host has none"
        elif missing := set(want.traits) - set(row.traits):
            yield f"{offer.name} of {row.name} can be claimed without {sorted(missing)}"

    def _stripped(self, offer: Offer, moment: World) -> Iterator[str]:
        """An offer of before the pass keeps its traits or gets those that are wanted now."""
        row, want = moment[offer.uuid], self.wants.get(offer.uuid)
        kept = set(self.start[offer.uuid].traits) <= set(row.traits)
        if not kept and not (want and want.traits <= set(row.traits)):
            yield f"{offer.name} of {row.name} can be claimed with no more than {row.traits}"

    def _twice(self, offer: Offer, offers: list[Offer], moment: World) -> Iterator[str]:
        taken = sum(
            other.blocks(offer, self.cards)
            for other in offers
            if other is not offer and conflicts(offer, other, moment)
        )
        total = offer.free + offer.used + taken
        if offer.now and total > len(offer.now):
            yield (
                f"{moment[offer.uuid].name} has {offer.free} {offer.name} free and {offer.used} "
                f"used, others have up to {taken} of its {len(offer.now)} devices"
            )


def claims(moment: World) -> dict[str, int]:
    """How many devices each consumer holds, wherever."""
    held: dict[str, int] = {}
    for row in moment.values():
        for consumer, resources in row.claims.items():
            amount = sum(n for name, n in resources.items() if name != names.SLOT)
            held[consumer] = held.get(consumer, 0) + amount
    return held


def _lost(before: Mapping[str, int], moment: World) -> Iterator[str]:
    now = claims(moment)
    for consumer, amount in before.items():
        if now.get(consumer) != amount:
            yield f"the consumer {consumer} held {amount} and now holds {now.get(consumer, 0)}"


def _classes(row: Row) -> set[str]:
    return {*row.stocks, *(name for held in row.claims.values() for name in held)}


def _is_bare(row: Row) -> bool:
    return not (row.traits or row.stocks or row.aggregates)


def _without_generation(row: Row | None) -> tuple | None:
    return row and (row.name, row.parent, row.stocks, row.traits, row.aggregates)
