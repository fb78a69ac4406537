"""How many devices of an inventory others may take: by their claims, or if they are claimed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pci_placement.model import ConsumerUuid, ProviderUuid, ResourceClass
from pci_placement.plan.devices import DevicesByCard, most_blocked

from .counts import Counts
from .evidence import Evidence, Place
from .exclusive import free
from .moment import Moment, capacity
from .neighbours import Neighbours


class Taken(NamedTuple):
    """How many devices of an inventory others may take: by their claims, or if they are claimed.

    sure tells that it is known which devices those are, and who uses them.
    """

    by: ProviderUuid
    number: int
    claims: int
    asked: bool
    sure: bool


class Takers:
    """Knows who else may take what an inventory counts, at the present moment of a plan."""

    def __init__(
        self, evidence: Evidence, counts: Counts, moment: Moment, neighbours: Neighbours
    ) -> None:
        self._evidence, self._counts, self._moment = evidence, counts, moment
        self._neighbours = neighbours
        self._claimed: dict[Place, int] = {}

    def of(self, place: Place, *, beyond: bool = True, surely: bool = False) -> Iterator[Taken]:
        """How many devices of one inventory others may take.

        beyond tells to look also at what other providers still offer beyond what is listed of them:
        the classes of one are written together. surely tells to look at those alone of which it is
        known.
        """
        uuid, listed = place[0], self._evidence.listed(*place)
        for other in self._neighbours.of(*place):
            held = self._counts.of(*other)
            if surely and not held.known:
                continue
            claims = self.claims(other)
            more = self._more_than_listed(other) if beyond or other[0] == uuid else 0
            number = self._blocked(other, claims, more, listed)
            if other[0] != uuid:
                both = self._evidence.listed(*other)
                number += most_blocked(self._claimable(other), both, listed)
            if number:
                have = self._evidence.ours.get(other[0])
                asked = not claims or have is None or have.consumers is not None
                yield Taken(other[0], number, claims, asked, held.known and asked)

    def claims(self, place: Place) -> int:
        """How many claims of before may hold what is listed elsewhere now."""
        if place in self._moment.moved:
            return 0
        if place not in self._claimed:
            self._claimed[place] = self._claims_of_before(*place)
        return self._claimed[place]

    def _claims_of_before(self, uuid: ProviderUuid, name: ResourceClass) -> int:
        before, held = self._evidence.ours.get(uuid), self._counts.of(uuid, name)
        if before is None or name not in before.inventories:
            return 0
        if before.consumers is None:
            return before.inventories[name].total if held.all_of_before else sum(held.old.values())
        if held.all_of_before:
            return self._evidence.used(before).get(name, 0)
        has = {who: claimed.get(name, 0) for who, claimed in before.consumers.items()}
        return sum(min(amount, has.get(who, 0)) for who, amount in held.old.items())

    def _blocked(self, place: Place, claims: int, more: int, listed: DevicesByCard) -> int:
        """How many devices claims of before may take, and what else can be claimed there."""
        held = self._counts.of(*place)
        certain = held.held_by(self._of_before(place)) if claims and held.given else held.may_hold
        if certain is held.may_hold:
            return most_blocked(claims + more, held.may_hold, listed)
        return most_blocked(claims, certain, listed) + most_blocked(more, held.may_hold, listed)

    def _of_before(self, place: Place) -> Mapping[ConsumerUuid, int]:
        """The claims of before, as far as anybody asked for them."""
        before, held = self._evidence.ours.get(place[0]), self._counts.of(*place)
        has = before.consumers if before else None
        if has is None:
            return {} if held.all_of_before else held.old
        now = {who: each[place[1]] for who, each in has.items() if each.get(place[1])}
        if held.all_of_before:
            return now
        return {who: min(held.old[who], now[who]) for who in held.old.keys() & now.keys()}

    def _more_than_listed(self, place: Place) -> int:
        """Devices that can still be claimed beyond those that are listed there: others' devices."""
        uuid, name = place
        have = self._moment.providers.get(uuid)
        beyond = self._claimable(place) - self._evidence.total(uuid, name)
        return min(beyond, free(self._evidence, have, name)) if have and beyond > 0 else 0

    def _claimable(self, place: Place) -> int:
        have = self._moment.providers.get(place[0])
        return capacity(have.inventories.get(place[1])) if have else 0
