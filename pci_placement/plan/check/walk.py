"""The walk over a plan, action by action: every rule is asked before and after each."""

from __future__ import annotations

from collections.abc import Iterator

from pci_placement.model import DeleteProvider, NameAction, Plan, ProviderAction, Reshape

from .along import Along
from .breach import Breach, Promise
from .claims import moves, workload
from .counts import Counts
from .evidence import Evidence, Facts
from .exclusive import Exclusive
from .moment import Moment, Step
from .neighbours import Neighbours
from .offers import Offers
from .rule import Found
from .sticky import Sticky
from .whose import traits, unmarked, whose
from .writes import forgotten_names, generations, known_names, unemptied


def judge(plan: Plan, facts: Facts) -> tuple[Breach, ...]:
    """Every moment of a plan that breaks a promise, each promise once for each provider."""
    return tuple(_Judge(plan, facts).breaches())


class _Judge:
    def __init__(self, plan: Plan, facts: Facts) -> None:
        self._plan = plan
        self._evidence = Evidence(plan, facts)
        self._counts = Counts(self._evidence)
        self._moment = Moment(self._evidence)
        neighbours = Neighbours(self._evidence, self._counts)
        self._offers = Offers(self._evidence, self._counts, self._moment, neighbours)
        self._exclusive = Exclusive(self._evidence)
        self._sticky = Sticky(self._evidence, self._counts, self._moment, neighbours)
        self._along = Along(self._evidence, self._counts, self._moment, neighbours)

    def breaches(self) -> Iterator[Breach]:
        seen: set[tuple[Promise, str]] = set()
        for position, found in self._walk():
            if (found.promise, found.uuid) not in seen:
                seen.add((found.promise, found.uuid))
                yield self._breach(position, found)

    def _walk(self) -> Iterator[tuple[int, Found]]:
        for position, action in enumerate(self._plan.actions):
            for found in self._take(self._moment.step(action)):
                yield position, found
        for found in self._at_the_end():
            yield len(self._plan.actions), found

    def _take(self, step: Step) -> Iterator[Found]:
        yield from known_names(self._moment, step)
        action = step.action
        if isinstance(action, NameAction):
            yield from forgotten_names(action)
            self._moment.go_on(step)
        else:
            yield from self._before(step)
            self._moment.go_on(step)
            yield from self._after(step, action)

    def _after(self, step: Step, action: ProviderAction | Reshape) -> Iterator[Found]:
        for _, before, after in step.changes:
            if before and after and after.inventories:
                yield from self._offers.after(action, before, after)
                if before.inventories is not after.inventories:
                    yield from unmarked(after)
                    yield from self._exclusive.after(before, after)
        if self._sticky.groups:
            yield from self._sticky.after(step)

    def _before(self, step: Step) -> Iterator[Found]:
        action = step.action
        yield from whose(self._evidence, self._moment, step)
        if not step.uuids.isdisjoint(self._evidence.ours):
            yield from generations(self._evidence, step)
        for _, before, after in step.changes:
            if before and not (after and before.traits is after.traits):
                yield from traits(self._evidence, before, after) if after else ()
                yield from self._sticky.before(before, after)
            # from who offers nothing there is nothing to take
            had = before.inventories if before else None
            if before and had and not (after and had is after.inventories):
                yield from workload(self._evidence, before, after, action)
        if isinstance(action, DeleteProvider):
            yield from unemptied(self._moment, action)
        elif isinstance(action, Reshape):
            yield from moves(self._evidence, self._counts, step, action)

    def _at_the_end(self) -> Iterator[Found]:
        yield from self._offers.at_the_end()
        yield from self._sticky.at_the_end()
        yield from self._along.at_the_end()

    def _breach(self, position: int, found: Found) -> Breach:
        name = self._evidence.name(found.uuid)
        sentence = f"{name}: {found.sentence}" if found.uuid else found.sentence
        key, card = self._evidence.key(found.uuid), self._evidence.card(found.uuid)
        return Breach(found.promise, sentence, position, found.uuid, key, card)
