"""A limit on what one pass may remove: what is over it is drained instead, which can be undone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from pci_placement import names
from pci_placement.identity import is_ours
from pci_placement.model import (
    Action,
    DeleteProvider,
    Inventories,
    LastPass,
    Limits,
    NameAction,
    ObservedTree,
    Plan,
    Providers,
    ProviderUuid,
    Reason,
    ReasonCode,
    Reshape,
    Trait,
)

from .effect import carry_over
from .order import ensure
from .past import hardware
from .provider import drains
from .reservations import free, is_all_reserved, reserved

NOTHING = LastPass()
Hardware = Mapping[ProviderUuid, frozenset[Trait]]
"""The traits that tell which hardware each provider counts."""

INSTEAD_OF_REMOVAL = Reason(ReasonCode.LIMIT, "its removal is withheld")


def limit_removals(
    plan: Plan, observed: ObservedTree, limits: Limits, last_pass: LastPass = NOTHING
) -> Plan:
    """Turn the removals of a plan into drains where they are too many.

    The last pass tells how many providers there were when it first did: those that came since,
    perhaps for the same devices, make no removal harmless that was not.
    """
    ours = {uuid: have for uuid, have in observed.providers.items() if is_ours(have)}
    found = tuple(removals(plan, ours))
    providers = min(len(ours), last_pass.withheld_of or len(ours))
    if limits.allow(len(found), providers):
        return plan
    counts = {uuid: hardware(have, observed.keys[uuid], last_pass) for uuid, have in ours.items()}
    actions = list(_gentle(plan, ours, counts))
    return replace(
        plan,
        actions=(*ensure(actions, observed.providers.values()), *actions),
        withheld=found if limits.removes else (),
        withheld_of=providers if limits.removes else 0,
    )


def removals(plan: Plan, ours: Providers) -> Iterator[str]:
    """The providers and the classes of providers that a plan removes, a line each.

    What a reshape moves is not removed.
    """
    now, moved = dict(ours), _moved(plan)
    losing = {uuid for a in plan.actions if a.takes_away() for uuid in a.changes()} - moved
    for action in plan.actions:
        if not losing.isdisjoint(action.changes()):
            yield from _removed(action, now, moved)
            carry_over(action, now)


def _moved(plan: Plan) -> set[str]:
    """The providers between which claims move."""
    return {uuid for a in plan.actions if isinstance(a, Reshape) for uuid in a.inventories}


def _removed(action: Action, now: Providers, moved: Collection[str]) -> Iterator[str]:
    for uuid, after in action.effect(now).items():
        if uuid in moved or uuid not in now:
            continue
        if after is None:
            yield now[uuid].name
        else:
            lost = dropped(now[uuid].inventories, after.inventories)
            yield from (f"{name} of {after.name}" for name in lost)


def dropped(before: Inventories, after: Inventories) -> list[str]:
    """The classes of devices that are in the first only."""
    return sorted(before.keys() - after.keys() - {names.SLOT})


def _gentle(plan: Plan, ours: Providers, counts: Hardware) -> Iterator[Action]:
    """The actions of a plan, with drains in the place of those that remove."""
    now, moved = dict(ours), _moved(plan)
    for action in plan.actions:
        if isinstance(action, NameAction):
            continue  # worked out anew
        removes = any(_removed(action, now, moved))
        if not removes and _leaves_children(action, now):
            continue  # empty, and what is kept stands below it
        for step in _instead(action, now, counts) if removes else [action]:
            carry_over(step, now)
            yield step


def _leaves_children(action: Action, now: Providers) -> bool:
    """Whether a provider is to be deleted while something of ours stands below it."""
    below = {have.parent for have in now.values()} if isinstance(action, DeleteProvider) else ()
    return action.uuid in below


def _instead(action: Action, now: Providers, counts: Hardware) -> Sequence[Action]:
    """Keep what would be removed, with nothing left to claim of it.

    Its traits may be those of another card already, of which nothing was reserved by hand.
    """
    have, after = now[action.uuid], action.effect(now)[action.uuid]
    wanted: Inventories = after.inventories if after else {}
    kept = {name: i for name, i in have.inventories.items() if name not in wanted}
    if not kept:
        return []
    # what would be deleted because nobody has it, or offered otherwise, has not been used up
    fresh = have.consumers == {} and not (wanted and is_all_reserved(wanted))
    inventories = {**wanted, **reserved(kept)}
    # some of what is left may be drained too
    draining = after is not None and names.DRAINING in after.traits
    offered = {name for name, i in wanted.items() if not draining or free(i)}
    traits, of = have.traits, counts.get(action.uuid, frozenset())
    return drains(have, traits, inventories, INSTEAD_OF_REMOVAL, offered, fresh=fresh, counts=of)
