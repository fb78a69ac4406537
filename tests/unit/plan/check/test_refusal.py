"""What becomes of a plan that breaks something: one card's part goes, or all is refused."""

from dataclasses import replace

import pytest
from support.cloud import (
    ID,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    addresses,
    amounts,
    have,
    name,
    observe,
    plan,
    reserved,
    tree,
    uuid,
    want,
)

from pci_placement import names
from pci_placement.errors import UnsafePlan
from pci_placement.model import (
    Counted,
    DeleteProvider,
    DeleteTrait,
    EnsureResourceClass,
    EnsureTrait,
    InventoryKey,
    LastPass,
    PciAddress,
    Plan,
    Reason,
    ReasonCode,
    SetInventories,
)
from pci_placement.plan.check import Facts, Promise, verdict

OTHER = POOLED[1]
FAST = names.trait("CUSTOM_FAST")
WANTED = [want(PLAIN, {QAT: 1}, ID), want(OTHER, {QAT: 1}, ID, FAST)]
THEIRS = DeleteTrait(names.trait("CUSTOM_OF_SOMEBODY"))


def nobody(observed, _):
    return observed


def judged(made, wanted=(), there=(), ask=nobody, **facts):
    seen = observe(*there, keys=(PLAIN, OTHER))
    return verdict(made, Facts(tree(*wanted), seen, LastPass(), **facts), ask)


def too_many(made: Plan, *keys: str) -> Plan:
    """As a planner would write it that cannot count."""
    return replace(made, actions=tuple(_doubled(a, keys) for a in made.actions))


def _doubled(action, keys):
    if isinstance(action, SetInventories) and action.uuid in map(uuid, keys):
        return replace(action, inventories=amounts({QAT: 2}))
    return action


def test_a_plan_that_breaks_nothing_is_left_as_it_is():
    made = plan(WANTED)
    assert judged(made, WANTED).plan is made


@pytest.mark.parametrize("key", [PLAIN, OTHER])
def test_the_part_of_one_card_is_taken_out_and_told(key):
    found = judged(too_many(plan(WANTED), key), WANTED)
    assert {breach.promise for breach in found.breaches} == {Promise.LISTED}
    assert uuid(key) not in {u for action in found.plan.actions for u in action.changes()}
    rest = {PLAIN, OTHER} - {key}
    assert {uuid(k) for k in rest} <= {u for a in found.plan.actions for u in a.changes()}
    assert found.plan.blocked.keys() == {name(key)}
    assert "2 CUSTOM_PCI_QAT can be claimed" in found.plan.blocked[name(key)]


def test_names_that_nobody_needs_then_are_not_made():
    rest = judged(too_many(plan(WANTED), OTHER), WANTED).plan.actions
    assert EnsureTrait(FAST) in plan(WANTED).actions
    assert EnsureTrait(FAST) not in rest
    nothing = judged(too_many(plan(WANTED[:1]), PLAIN), WANTED[:1]).plan.actions
    assert not [a for a in nothing if isinstance(a, EnsureResourceClass)]


def test_what_waits_for_that_part_goes_with_it():
    made = too_many(plan(WANTED), PLAIN)
    waits = [
        replace(a, rests_on=(uuid(PLAIN),))
        if isinstance(a, SetInventories) and a.uuid == uuid(OTHER)
        else a
        for a in made.actions
    ]
    found = judged(replace(made, actions=tuple(waits)), WANTED)
    assert found.plan.actions == ()
    assert f"because it goes with {name(PLAIN)}" in found.plan.blocked[name(OTHER)]


def test_what_a_part_counts_stays_as_it_was():
    was, now = (Counted(addresses(each)) for each in (PLAIN, OTHER))
    place, other = InventoryKey(PLAIN, QAT), InventoryKey(OTHER, QAT)
    made = replace(too_many(plan(WANTED), PLAIN), as_is={place: was, other: was})
    made = replace(made, ledger={place: now, other: now})
    assert judged(made, WANTED).plan.ledger == {place: was, other: now}


def test_a_plan_that_touches_what_is_not_ours_is_refused():
    made = plan(WANTED)
    with pytest.raises(UnsafePlan, match="nothing was written") as caught:
        judged(replace(made, actions=(*made.actions, THEIRS)), WANTED)
    assert "CUSTOM_OF_SOMEBODY is not ours to forget" in str(caught.value)
    assert caught.value.plan.actions[-1] == THEIRS


def test_so_is_one_of_which_the_rest_is_no_better():
    mine, pool = have(PLAIN, {QAT: 1}, ID, used={}), want(POOL, {QAT: 2}, ID)
    made = plan([pool], [mine])
    assert judged(made, [pool], [mine]).breaches == ()
    # the pool is offered without waiting for the device to be taken back, and that fails
    hasty = tuple(replace(a, rests_on=()) if a.rests_on else a for a in made.actions)
    assert hasty != made.actions
    with pytest.raises(UnsafePlan, match=r"generation(.|\n)*can be claimed"):
        judged(replace(made, actions=hasty, generations={mine.uuid: 6}), [pool], [mine])


def test_a_plan_of_an_operator_is_for_one_card_and_refused_as_a_whole():
    drained = have(PLAIN, {QAT: reserved(1)}, ID, names.DRAINED, used={})
    other = PciAddress.parse(OTHER)
    why = Reason(ReasonCode.OPERATOR, "a test says so")
    made = Plan(
        (DeleteProvider(uuid(PLAIN), name(PLAIN), why, empty_first=True),), {drained.uuid: 7}
    )
    with pytest.raises(UnsafePlan, match="out of service"):
        judged(made, WANTED, [drained], by_hand=other)


@pytest.mark.parametrize(("used", "refused"), [({}, False), ({"bob": {QAT: 1}}, True)])
def test_who_uses_what_is_asked_before_it_is_judged(used, refused):
    blind = have(PLAIN, {QAT: 1}, ID)
    why = Reason(ReasonCode.GONE, "a test says so")
    made = Plan((DeleteProvider(blind.uuid, blind.name, why, empty_first=True),), {blind.uuid: 7})
    asked = []

    def ask(observed, uuids):
        asked.append(set(uuids))
        known = {blind.uuid: replace(blind, consumers=used)}
        return replace(observed, providers=known)

    found = judged(made, there=[blind], ask=ask)
    assert asked == [{blind.uuid}]
    assert bool(found.breaches) is refused
    assert bool(found.plan.actions) is not refused


def test_what_nobody_answers_is_not_asked_for_ever():
    blind = have(PLAIN, {QAT: 1}, ID)
    why = Reason(ReasonCode.GONE, "a test says so")
    made = Plan((DeleteProvider(blind.uuid, blind.name, why, empty_first=True),), {blind.uuid: 7})
    asked = []

    def ask(observed, uuids):
        asked.append(set(uuids))
        return observed

    found = judged(made, there=[blind], ask=ask)
    assert asked == 3 * [{blind.uuid}]
    assert {breach.promise for breach in found.breaches} == {Promise.ASKED}
