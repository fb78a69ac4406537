"""What can be claimed is listed, qualified and there: no other claim may have it or get it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pci_placement import names
from pci_placement.model import (
    Inventories,
    ObservedProvider,
    ProviderAction,
    ProviderUuid,
    Reshape,
    ResourceClass,
)

from .breach import Promise
from .counts import Counts
from .evidence import Evidence, Place, device_classes
from .exclusive import free
from .moment import Moment, but_for_reserved, capacity, requests
from .neighbours import Neighbours
from .rule import Found
from .sticky import is_out_of_service
from .taken import Taken, Takers

Others = Callable[[ObservedProvider, ResourceClass], Iterable[Taken]]
"""Asks who else may take what a provider offers of a class; most share with nobody."""

_MARKS = frozenset({names.DRAINING, names.DRAINED})


class Offers:
    """Judges what can be claimed."""

    def __init__(
        self, evidence: Evidence, counts: Counts, moment: Moment, neighbours: Neighbours
    ) -> None:
        self._evidence, self._counts, self._moment = evidence, counts, moment
        self._neighbours = neighbours
        self._takers = Takers(evidence, counts, moment, neighbours)

    def after(
        self, action: ProviderAction | Reshape, before: ObservedProvider, after: ObservedProvider
    ) -> Iterator[Found]:
        """What an action offers that it may not; the moment is the one after it."""
        for have in requests(action, before, after):
            if not self._has_traits(have) and self._is_offered(have):
                yield Found(Promise.QUALIFIED, have.uuid, "it can be claimed without its traits")
        if before.inventories is not after.inventories:
            yield from self._more(before.inventories, after)

    def _more(self, had: Inventories, have: ObservedProvider) -> Iterator[Found]:
        """Where more of a class is offered than before, all of it must be there."""
        for name, inventory in have.inventories.items():
            more = name != names.SLOT and capacity(inventory) > capacity(had.get(name))
            if more and free(self._evidence, have, name):
                yield from self._there(have, name, self._taken_now)

    def _taken_now(self, have: ObservedProvider, name: ResourceClass) -> Iterator[Taken]:
        """The same in the middle of a plan.

        Where several give something up to each other, each is written with what it gets, and one
        must be the first: for a moment more can be claimed of them together than there is. At the
        end it may not.
        """
        start = self._evidence.ours.get(have.uuid)
        return self._takers.of((have.uuid, name), beyond=not self._gives(start))

    def _gives(self, have: ObservedProvider | None) -> bool:
        classes = device_classes(have.inventories) if have else ()
        return have is not None and any(self._counts.of(have.uuid, n).leaving for n in classes)

    def _there(
        self, have: ObservedProvider, name: ResourceClass, others: Others
    ) -> Iterable[Found]:
        """Whether what is offered is there, but for what others may take of it."""
        offered = capacity(have.inventories[name])
        listed = self._evidence.total(have.uuid, name)
        if offered > listed:
            what = f"{offered} {name} can be claimed of it, and {listed or 'none'} are there"
            return [Found(Promise.LISTED, have.uuid, what)]
        if self._neighbours.of(have.uuid, name):
            return self._taken(have, name, list(others(have, name)))
        return []

    def _taken(
        self, have: ObservedProvider, name: ResourceClass, taken: Sequence[Taken]
    ) -> Iterator[Found]:
        offered, listed = capacity(have.inventories[name]), self._evidence.total(have.uuid, name)
        missing = offered + sum(each.number for each in taken) - listed
        if missing > 0:
            yield from _missing(have.uuid, name, missing, taken)

    def _is_offered(self, have: ObservedProvider) -> bool:
        return any(free(self._evidence, have, name) for name in device_classes(have.inventories))

    def _has_traits(self, have: ObservedProvider) -> bool:
        """Whether it has its traits: those that are wanted, or those that it had."""
        want, start = self._evidence.wanted.get(have.uuid), self._evidence.ours.get(have.uuid)
        if want and want.traits <= have.traits:
            return True
        gone = start.traits - have.traits if start else frozenset()
        # that a class was reserved by hand qualifies nothing
        lost = {trait for trait in gone if not names.is_reserved_trait(trait)}
        if self._evidence.facts.by_hand:
            # only what can be claimed is changed, by an operator's word
            return lost <= {*_MARKS, names.ONE_TIME_USE}
        return start is not None and start.inventories == have.inventories and not lost

    def at_the_end(self) -> Iterator[Found]:
        """What is still offered when all is done, though it should not be; what no longer is."""
        for uuid in self._evidence.answered_for:
            have = self._moment.providers.get(uuid)
            for name in device_classes(have.inventories) if have else ():
                if have and free(self._evidence, have, name):
                    yield from self._there(have, name, self._left)
                elif have and name in have.used:
                    yield from self._short(have, name)
                elif have and is_out_of_service(have):
                    yield from self._cut_down(have, name)

    def _short(self, have: ObservedProvider, name: ResourceClass) -> Iterator[Found]:
        """Nobody else can have what is listed and in use by claims of its own: it stays counted.

        What was reserved before may be of what they have, as well as of the rest.
        """
        start = self._evidence.ours[have.uuid]
        own = self._evidence.used(have)[name] - self._takers.claims((have.uuid, name))
        own = min(own, self._evidence.total(have.uuid, name))
        left = but_for_reserved(have.inventories[name], start.inventories.get(name))
        if left < own <= capacity(start.inventories.get(name)) and self._may_count(start):
            what = f"{own} {name} of it are in use by its own claims and listed, and {left} counted"
            yield Found(Promise.WORKLOAD, have.uuid, what)

    def _cut_down(self, have: ObservedProvider, name: ResourceClass) -> Iterator[Found]:
        """What is out of service counts all that is listed: with one word it is taken back."""
        place = have.uuid, name
        there = self._evidence.total(*place) - sum(each.number for each in self._takers.of(place))
        counted = have.inventories[name].total
        if counted < there and not have.used and not self._is_near_a_pool(place):
            what = f"it is out of service, and counts {counted} of {there} {name} that are there"
            yield Found(Promise.STICKY, have.uuid, what)

    def _is_near_a_pool(self, place: Place) -> bool:
        """Whether a pool counted its card, and may keep it out of service by itself."""
        near = {uuid for uuid, _ in self._neighbours.of(*place)} & self._evidence.ours.keys()
        return any(self._evidence.card(uuid) is None for uuid in near)

    def _may_count(self, start: ObservedProvider) -> bool:
        """Whether it is the hardware that it was, to be offered, and more than once."""
        evidence = self._evidence
        stays = not evidence.facts.retiring and start.uuid not in evidence.once
        return stays and evidence.may_be_same(start, start.uuid)

    def _left(self, have: ObservedProvider, name: ResourceClass) -> Iterator[Taken]:
        """What is not known is no reason to take back what was on offer."""
        start = self._evidence.ours.get(have.uuid)
        had = capacity(start.inventories.get(name)) if start else 0
        if capacity(have.inventories[name]) > had:
            return self._takers.of((have.uuid, name))
        return (each for each in self._takers.of((have.uuid, name), surely=True) if each.sure)


def _missing(
    uuid: ProviderUuid, name: ResourceClass, missing: int, taken: Iterable[Taken]
) -> Iterator[Found]:
    """Say who may have what is offered; ask first, where nobody did."""
    unasked = [each.by for each in taken if not each.asked]
    for other in unasked:
        yield Found(Promise.ASKED, other, "others get its devices, and nobody asked who uses it")
    if unasked:
        return
    claimed = any(each.claims for each in taken)
    who = "claims of others may hold its devices" if claimed else "others offer its devices too"
    what = f"{missing} {name} can be claimed of it that may not be there: {who}"
    yield Found(Promise.CLAIMED if claimed else Promise.ONCE, uuid, what)
