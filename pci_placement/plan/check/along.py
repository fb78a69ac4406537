"""What was reserved by hand goes along with its devices, to whichever providers count them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain

from pci_placement import names
from pci_placement.model import ObservedProvider, PciAddress, ProviderUuid, ResourceClass, Trait
from pci_placement.plan.devices import functions_of

from .breach import Promise
from .counts import Counts
from .evidence import Evidence, Place, device_classes
from .moment import Moment, offered
from .neighbours import Neighbours
from .rule import Found
from .sticky import by_hand, is_out_of_service, is_spent

OF_ANOTHER = "{} {} of it are reserved by hand, and that was said of another card"
LOST_ALONG = "{} {} of it are reserved by hand, and others offer their devices"


@dataclass(frozen=True, slots=True)
class _Reserved:
    """How many of some devices are reserved by hand, and the inventories that are to count them."""

    uuid: ProviderUuid
    name: ResourceClass
    amount: int
    devices: frozenset[PciAddress]
    places: frozenset[Place]

    @property
    def goes_elsewhere(self) -> bool:
        """Whether another provider gets some of them."""
        return any(uuid != self.uuid for uuid, _ in self.places)


class Along:
    """Judges what is on offer in the end where reserved devices went to other providers."""

    def __init__(
        self, evidence: Evidence, counts: Counts, moment: Moment, neighbours: Neighbours
    ) -> None:
        self._evidence, self._counts, self._moment = evidence, counts, moment
        self._neighbours = neighbours
        self._all = [] if evidence.facts.retiring else list(self._find())

    def at_the_end(self) -> Iterator[Found]:
        """Who offers more than is left, and than was on offer before."""
        for one in self._all:
            if one.goes_elsewhere and self._offered(one) > max(self._left(one), self._before(one)):
                yield Found(Promise.STICKY, one.uuid, LOST_ALONG.format(one.amount, one.name))
        if not self._evidence.facts.retiring:
            yield from self._kept_of_another()

    def _kept_of_another(self) -> Iterator[Found]:
        """Where another card came, what is reserved by hand that nobody can have brought."""
        for uuid in sorted(self._evidence.answered_for):
            start, have = self._evidence.ours[uuid], self._moment.providers.get(uuid)
            if have and have.reserves and _is_changed(start, have) and not _tells_itself(have):
                same = self._evidence.is_same(start, have.traits)
                if not (same or self._may_bring(uuid, have.traits)):
                    yield from _of_another(have)

    def _may_bring(self, to: ProviderUuid, traits: frozenset[Trait]) -> bool:
        """Whether others reserve such hardware, or did so before a pass that was cut off."""
        evidence = self._evidence
        then = evidence.facts.last_pass.providers.values()
        return any(
            have.reserves and have.uuid != to and evidence.is_same(have, traits)
            for have in chain(evidence.ours.values(), then)
        )

    def _find(self) -> Iterator[_Reserved]:
        for uuid in self._evidence.answered_for:
            have = self._evidence.ours[uuid]
            if have.reserves and not (is_out_of_service(have) or is_spent(have)):
                for name in device_classes(have.inventories):
                    yield from self._reserved(have, name)

    def _reserved(self, have: ObservedProvider, name: ResourceClass) -> Iterator[_Reserved]:
        """What is reserved of a class, where it is known which devices that counts."""
        amount, counted = by_hand(have, name), self._counts.of(have.uuid, name)
        devices = functions_of(counted.devices)
        if amount and (counted.known or devices == {self._evidence.card(have.uuid)}):
            near = ((have.uuid, name), *self._neighbours.of(have.uuid, name))
            places = {p for p in near if self._listed(p) & devices and self._is_same(have, p[0])}
            yield _Reserved(have.uuid, name, amount, devices, frozenset(places))

    def _is_same(self, have: ObservedProvider, other: ProviderUuid) -> bool:
        """Whether what is wanted of another provider is of the hardware that one counts."""
        ids, want = names.ids_among(have.traits), self._evidence.wanted[other]
        same = not ids or bool(ids & names.ids_among(want.traits))
        return same and ids == self._evidence.hardware(have)

    def _listed(self, place: Place) -> frozenset[PciAddress]:
        return functions_of(self._evidence.listed(*place))

    def _offered(self, one: _Reserved) -> int:
        there = self._moment.providers
        return sum(offered(there.get(uuid), name) for uuid, name in one.places)

    def _before(self, one: _Reserved) -> int:
        ours = self._evidence.ours
        return sum(offered(ours.get(uuid), name) for uuid, name in one.places)

    def _left(self, one: _Reserved) -> int:
        """How many may be on offer; what others reserve counts too, unless it is of the same."""
        aside, seen = self._share(one, one.places), one.devices
        for other in self._all:
            if seen.isdisjoint(other.devices) and not one.places.isdisjoint(other.places):
                aside, seen = aside + self._share(other, one.places), seen | other.devices
        return sum(self._evidence.total(*place) for place in one.places) - aside

    def _share(self, one: _Reserved, places: Collection[Place]) -> int:
        """How many of its devices must be reserved at some places, if all others are so first."""
        here = sum(len(one.devices & self._listed(p)) for p in one.places if p in places)
        elsewhere = sum(len(one.devices & self._listed(p)) for p in one.places if p not in places)
        return max(0, min(one.amount - elsewhere, here))


def _of_another(have: ObservedProvider) -> Iterator[Found]:
    for name in device_classes(have.inventories):
        if number := by_hand(have, name):
            yield Found(Promise.STICKY, have.uuid, OF_ANOTHER.format(number, name))


def _is_changed(before: ObservedProvider, after: ObservedProvider) -> bool:
    same = before.traits is after.traits and before.inventories is after.inventories
    return not same


def _tells_itself(have: ObservedProvider) -> bool:
    """Whether it is out of service by an operator's drain, which holds for any card, or a use."""
    return is_out_of_service(have) or is_spent(have)
