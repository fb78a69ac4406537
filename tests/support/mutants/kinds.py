"""What may be wrong with a plan: each kind of fault, at each place where it can be."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from pci_placement.model import (
    Action,
    DeleteProvider,
    Drain,
    Inventory,
    Plan,
    Reshape,
    Undrain,
)
from pci_placement.names import DRAINED, DRAINING

from . import fields
from .fields import Actions, at_each
from .recorded import Recorded


@dataclass(frozen=True)
class Mutant:
    """A plan with one fault."""

    kind: str
    where: int
    plan: Plan


def mutants(recorded: Recorded) -> Iterator[Mutant]:
    """All of them that differ from the plan, in the same order every time."""
    plan = recorded.plan
    for kind, change in KINDS.items():
        for where, actions in enumerate(change(plan.actions, recorded)):
            if actions != plan.actions:
                yield Mutant(kind, where, replace(plan, actions=actions))


def dropped(actions: Actions, _: Recorded) -> Iterator[Actions]:
    for where in range(len(actions)):
        yield (*actions[:where], *actions[where + 1 :])


def swapped(actions: Actions, _: Recorded) -> Iterator[Actions]:
    for where, (first, second) in enumerate(pairwise(actions)):
        yield (*actions[:where], second, first, *actions[where + 2 :])


def first_of_all(actions: Actions, _: Recorded) -> Iterator[Actions]:
    for where, action in enumerate(actions):
        yield (action, *actions[:where], *actions[where + 1 :])


def backwards(actions: Actions, _: Recorded) -> Iterator[Actions]:
    yield actions[::-1]


def cut_off(actions: Actions, _: Recorded) -> Iterator[Actions]:
    for end in range(len(actions)):
        yield actions[:end]


# --- another action


def taken_back_instead(actions: Actions, _: Recorded) -> Iterator[Actions]:
    """What was to be drained is offered."""

    def change(action: Action) -> Iterator[Action]:
        if isinstance(action, Drain):
            free = {name: replace(i, reserved=0) for name, i in action.inventories.items()}
            marks, before = {DRAINING, DRAINED}, action.before
            yield Undrain(
                action.uuid, action.name, action.traits - marks, free, before, action.reason
            )

    return at_each(actions, change)


def deleted_instead(actions: Actions, _: Recorded) -> Iterator[Actions]:
    def change(action: Action) -> Iterator[Action]:
        if action.uuid and not isinstance(action, Reshape | DeleteProvider):
            for empty_first in (False, True):
                yield DeleteProvider(action.uuid, action.name, action.reason, empty_first)

    return at_each(actions, change)


def taken_back_too(actions: Actions, recorded: Recorded) -> Iterator[Actions]:
    """Something on which the plan has nothing is offered with all that it counts."""
    planned = {uuid for action in actions for uuid in action.changes()}
    for uuid, row in sorted(recorded.start.providers.items()):
        if uuid not in planned and row.stocks:
            free = {
                name: Inventory(stock.total, 0, max_unit=stock.max_unit)
                for name, stock in row.stocks.items()
            }
            traits = frozenset(row.traits) - {DRAINING, DRAINED}
            yield (*actions, Undrain(uuid, row.name, traits, free, {}, actions[-1].reason))


def deleted_too(actions: Actions, recorded: Recorded) -> Iterator[Actions]:
    planned = {uuid for action in actions for uuid in action.changes()}
    for uuid, row in sorted(recorded.start.providers.items()):
        if uuid not in planned:
            yield (*actions, DeleteProvider(uuid, row.name, actions[-1].reason, empty_first=True))


# --- claims that move


def consumer_left_out(actions: Actions, _: Recorded) -> Iterator[Actions]:
    def change(action: Action) -> Iterator[Action]:
        if isinstance(action, Reshape):
            for who in action.consumers:
                yield replace(action, consumers=tuple(c for c in action.consumers if c != who))

    return at_each(actions, change)


def moved_backwards(actions: Actions, _: Recorded) -> Iterator[Actions]:
    def change(action: Action) -> Iterator[Action]:
        if isinstance(action, Reshape):
            back = tuple(
                replace(
                    m,
                    source=m.target,
                    source_class=m.target_class,
                    target=m.source,
                    target_class=m.source_class,
                )
                for m in action.moves
            )
            yield replace(action, moves=back)

    return at_each(actions, change)


KINDS: Mapping[str, Callable[[Actions, Recorded], Iterator[Actions]]] = {
    "dropped": dropped,
    "swapped": swapped,
    "first of all": first_of_all,
    "backwards": backwards,
    "cut off": cut_off,
    "one more": fields.one_more,
    "twice": fields.twice,
    "one less": fields.one_less,
    "nothing reserved": fields.nothing_reserved,
    "shared": fields.shared,
    "class left out": fields.class_left_out,
    "another class": fields.another_class,
    "inventories exchanged": fields.inventories_exchanged,
    "another provider": fields.another_provider,
    "another parent": fields.another_parent,
    "another name": fields.another_name,
    "trait left out": fields.trait_left_out,
    "mark exchanged": fields.mark_exchanged,
    "trait of somebody else": fields.trait_of_somebody_else,
    "taken back instead": taken_back_instead,
    "deleted instead": deleted_instead,
    "taken back too": taken_back_too,
    "deleted too": deleted_too,
    "consumer left out": consumer_left_out,
    "moved backwards": moved_backwards,
}
