"""A plan that is not safe is refused, or the part of one card is taken out of it."""

from dataclasses import replace

import pytest
from support.cloud import (
    CARD,
    NIC,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    VFS,
    address,
    have,
    left,
    name,
    uuid,
    want,
)
from support.judged import Case, create, delete, inventories, traits

from pci_placement import names
from pci_placement.errors import ExitCode, UnsafePlan
from pci_placement.model import (
    Counted,
    DeleteTrait,
    EnsureResourceClass,
    EnsureTrait,
    InventoryKey,
)
from pci_placement.plan.check import verdict

RED = names.physnet_trait("red")
W_PLAIN, W_CARD, W_VFS = want(PLAIN, {QAT: 1}), want(CARD), want(VFS, {NIC: 4})
WANTED = [W_PLAIN, W_CARD, W_VFS]
MARKED = EnsureTrait(names.MANAGED)
TOO_EARLY = [EnsureResourceClass(QAT), create(PLAIN), inventories(PLAIN, {QAT: 1}), traits(PLAIN)]
CARD_MADE = [create(CARD), traits(CARD)]
VFS_MADE = [EnsureResourceClass(NIC), create(VFS), traits(VFS), inventories(VFS, {NIC: 4})]
MIXED = Case([MARKED, *TOO_EARLY, *CARD_MADE, *VFS_MADE], WANTED)

USED = have(PLAIN, {QAT: 1}, used={"a": {QAT: 1}})
UNASKED, FREE = have(PLAIN, {QAT: 1}), have(PLAIN, {QAT: 1}, used={})
LAST = left([W_PLAIN], [UNASKED])
GONE = Case([delete(PLAIN)], [], [UNASKED], last=LAST)

W_POOL = want(POOL, {QAT: 1}, at={QAT: POOLED[:1]})
TAKES = [create(POOL), traits(POOL), inventories(POOL, {QAT: 1})]
GIVES = [EnsureTrait(RED), traits(PLAIN, RED), inventories(PLAIN)]
LATER = [replace(a, rests_on=(uuid(PLAIN),)) if a is TAKES[-1] else a for a in TAKES]


def nobody(*_):
    raise AssertionError("nothing is to be asked")


def answering(*answers):
    """Who uses what, as Placement answers."""

    def ask(observed, asked):
        known = {p.uuid: p for p in answers if p.uuid in asked}
        return replace(observed, providers={**observed.providers, **known})

    return ask


def judged(case: Case, ask=nobody):
    return verdict(case.plan, case.seen, ask)


def refused(case: Case, ask=nobody) -> str:
    with pytest.raises(UnsafePlan) as caught:
        judged(case, ask)
    assert caught.value.plan == case.plan
    assert caught.value.exit_code is ExitCode.ERROR
    return str(caught.value)


def test_a_safe_plan_is_as_it_was():
    case = Case([MARKED, *CARD_MADE, *VFS_MADE], [W_CARD, W_VFS])
    assert judged(case).plan is not None
    assert judged(case).plan == case.plan
    assert judged(case).breaches == ()


def test_the_part_of_one_card_is_taken_out_with_its_names():
    told = judged(MIXED)
    assert list(told.plan.actions) == [MARKED, *CARD_MADE, *VFS_MADE]
    assert {breach.card for breach in told.breaches} == {address(PLAIN)}
    (what,) = told.plan.blocked
    assert what == name(PLAIN)
    assert told.plan.blocked[what] == (
        f"not carried out, because it is not safe: step 4: {name(PLAIN)}: it gets "
        "inventories before CUSTOM_PCI_PLACEMENT_MANAGED, which tells that it is ours (ours); "
        "this is a fault of pci-placement, please report it "
        "with what `plan` shows"
    )


def test_traits_that_only_the_part_needs_are_not_made_known():
    wanted = [want(PLAIN, {QAT: 1}, RED), W_CARD, W_VFS]
    told = judged(Case([MARKED, EnsureTrait(RED), *TOO_EARLY, *CARD_MADE, *VFS_MADE], wanted))
    assert list(told.plan.actions) == [MARKED, *CARD_MADE, *VFS_MADE]


def test_the_whole_card_goes_out():
    early = [*CARD_MADE, VFS_MADE[0], VFS_MADE[1], VFS_MADE[3], VFS_MADE[2]]
    safe = [EnsureResourceClass(QAT), create(PLAIN), traits(PLAIN), inventories(PLAIN, {QAT: 1})]
    told = judged(Case([MARKED, *early, *safe], WANTED))
    assert list(told.plan.actions) == [MARKED, *safe]
    assert told.plan.blocked[name(CARD)] == (
        f"not carried out, because it goes with {name(VFS)}, and that is not safe"
    )


def test_what_it_counts_stays_as_it_is():
    was, becomes = Counted(frozenset({address(PLAIN)})), Counted(frozenset())
    places = [InventoryKey(PLAIN, QAT), InventoryKey(VFS, NIC)]
    plan = replace(
        MIXED.plan,
        as_is=dict.fromkeys(places, was),
        ledger=dict.fromkeys(places, becomes),
    )
    told = verdict(plan, MIXED.seen, nobody)
    assert told.plan.ledger == {places[0]: was, places[1]: becomes}


def test_what_rests_on_the_part_goes_out_too():
    told = judged(Case([MARKED, *GIVES, *LATER], [W_POOL], [FREE], last=LAST))
    assert list(told.plan.actions) == []
    assert set(told.plan.blocked) == {name(PLAIN), name(POOL)}


def test_what_is_no_better_without_it_goes_out_too_and_the_rest_is_carried_out():
    wanted = [W_POOL, W_CARD, W_VFS]
    actions = [MARKED, *GIVES, *TAKES, *CARD_MADE, *VFS_MADE]
    told = judged(Case(actions, wanted, [FREE], last=LAST))
    assert list(told.plan.actions) == [MARKED, *CARD_MADE, *VFS_MADE]
    assert set(told.plan.blocked) == {name(PLAIN), name(POOL)}
    assert [str(breach.promise) for breach in told.breaches] == ["traits", "once"]


def test_what_is_about_nothing_of_ours_is_refused():
    said = refused(Case([DeleteTrait(names.read_trait("CUSTOM_GOLD"))]))
    first, *lines = said.splitlines()
    assert first.startswith("the plan is not safe, so nothing was written: ")
    assert lines == ["step 1: CUSTOM_GOLD is not ours to forget (names)"]


def test_what_an_operator_asked_for_is_refused_and_not_left_out():
    by_hand = {"by_hand": address(PLAIN)}
    refused(Case([traits(PLAIN, traits=frozenset())], [W_PLAIN], [FREE], facts=by_hand))


def test_who_uses_it_is_asked_before_anything_is_said():
    assert judged(GONE, answering(FREE)).breaches == ()
    told = judged(GONE, answering(USED))
    assert [str(breach.promise) for breach in told.breaches] == ["workload"]
    assert told.plan.actions == ()


def test_without_an_answer_the_part_is_taken_out():
    told = judged(GONE, answering())
    assert [str(breach.promise) for breach in told.breaches] == ["asked"]
    assert told.plan.actions == ()
