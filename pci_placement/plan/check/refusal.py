"""What becomes of a plan that breaks something: one card's part is taken out, or all is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from pci_placement.errors import UnsafePlan
from pci_placement.model import (
    Action,
    EnsureResourceClass,
    EnsureTrait,
    ObservedTree,
    Plan,
    ProviderUuid,
)

from .breach import Breach, Promise
from .evidence import Evidence, Facts
from .walk import judge

Ask = Callable[[ObservedTree, Iterable[ProviderUuid]], ObservedTree]
"""Reads who uses some providers."""

MOST_QUESTIONS = 3

UNSAFE_PLAN = (
    "the plan is not safe, so nothing was written: this is a fault of pci-placement; please report "
    "it with these lines and the steps of the plan below"
)
UNSAFE_PART = (
    "not carried out, because it is not safe: {}; this is a fault of pci-placement, please report "
    "it with what `plan` shows"
)
GOES_WITH = "not carried out, because it goes with {}, and that is not safe"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of a plan may be carried out, and the breaches of what may not."""

    plan: Plan
    breaches: tuple[Breach, ...] = ()


def verdict(plan: Plan, facts: Facts, ask: Ask) -> Verdict:
    """Judge a plan, after asking who uses what it depends on.

    The part of a card that breaks a promise is taken out, with all that depends on it, and told
    as held back; so is what turns out to be unsafe without it. Raises UnsafePlan where that is not
    possible.
    """
    found, facts = _judged(plan, facts, ask)
    evidence, rest, breaches = Evidence(plan, facts), plan, found
    while found:
        cut = _part(plan, breaches, evidence)
        if not cut or cut == facts.left_alone:
            raise _unsafe(plan, breaches)
        facts = replace(facts, left_alone=cut)
        rest = _without(plan, cut, breaches, evidence)
        found, facts = _judged(rest, facts, ask)
        breaches = (*breaches, *found)
    return Verdict(rest, breaches)


def _judged(plan: Plan, facts: Facts, ask: Ask) -> tuple[tuple[Breach, ...], Facts]:
    """The breaches once all is known that they depend on."""
    breaches = judge(plan, facts)
    for _ in range(MOST_QUESTIONS):
        unasked = {b.uuid for b in breaches if b.promise is Promise.ASKED and _can_ask(b, facts)}
        if not unasked:
            break
        facts = replace(facts, observed=ask(facts.observed, unasked))
        breaches = judge(plan, facts)
    return breaches, facts


def _can_ask(breach: Breach, facts: Facts) -> bool:
    have = facts.observed.providers.get(breach.uuid)
    return have is not None and have.consumers is None


def _unsafe(plan: Plan, breaches: Iterable[Breach]) -> UnsafePlan:
    return UnsafePlan("\n".join([UNSAFE_PLAN, *map(str, breaches)]), plan)


def _part(plan: Plan, breaches: Iterable[Breach], evidence: Evidence) -> frozenset[ProviderUuid]:
    """The providers whose actions must go: those of the cards in question, and who depends on them.

    None where a breach is about no provider of ours, or an operator asked for this card alone.
    """
    cut = {breach.uuid for breach in breaches}
    if evidence.facts.by_hand or any(evidence.key(uuid) is None for uuid in cut):
        return frozenset()
    while more := set(_going_along(plan, cut, evidence)) - cut:
        cut |= more
    return frozenset(cut)


def _going_along(plan: Plan, cut: set[ProviderUuid], evidence: Evidence) -> Iterator[ProviderUuid]:
    for action in plan.actions:
        if action.awaits() & cut:
            yield from action.changes()
    cards = {card for uuid in cut if (card := evidence.card(uuid))}
    for uuid in (*evidence.ours, *evidence.wanted):
        if evidence.card(uuid) in cards:
            yield uuid


def _without(
    plan: Plan, cut: frozenset[ProviderUuid], breaches: Iterable[Breach], evidence: Evidence
) -> Plan:
    """The rest of a plan; what inventories of the part count stays as it is."""
    rest = [action for action in plan.actions if not action.changes() & cut]
    keys = {evidence.key(uuid) for uuid in cut}
    ledger = {place: entry for place, entry in plan.ledger.items() if place.provider not in keys}
    as_it_was = {place: entry for place, entry in plan.as_is.items() if place.provider in keys}
    return replace(
        plan,
        actions=tuple(_with_names_used(rest)),
        blocked={**plan.blocked, **_told(plan, cut, breaches, evidence)},
        ledger={**ledger, **as_it_was},
    )


def _with_names_used(actions: Iterable[Action]) -> Iterator[Action]:
    """Leave out the names that nothing needs any more."""
    actions = list(actions)
    used = [action.used_names() for action in actions]
    classes = {name for each in used for name in each.classes}
    traits = {name for each in used for name in each.traits}
    for action in actions:
        if isinstance(action, EnsureResourceClass) and action.resource_class not in classes:
            continue
        if isinstance(action, EnsureTrait) and action.trait not in traits:
            continue
        yield action


def _told(
    plan: Plan, cut: frozenset[ProviderUuid], breaches: Iterable[Breach], evidence: Evidence
) -> dict[str, str]:
    """Say of each provider of the part why nothing was done to it."""
    reasons = {breach.uuid: UNSAFE_PART.format(breach) for breach in breaches}
    first = evidence.name(next(iter(reasons)))
    concerned = {uuid for action in plan.actions for uuid in action.changes()} & cut
    return {
        evidence.name(uuid): reasons.get(uuid, GOES_WITH.format(first))
        for uuid in concerned | reasons.keys()
    }
