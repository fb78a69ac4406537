"""A limit on what one pass may remove; what is over it is drained instead."""

from dataclasses import replace

import pytest
from support.cloud import (
    CARD,
    DRAINING,
    ID,
    MARK,
    NIC,
    OLD,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    SLOT,
    SLOTS,
    VFS,
    addresses,
    have,
    left,
    name,
    observe,
    plan,
    reserved,
    the,
    told,
    uuid,
    want,
    writes,
)

from pci_placement import names
from pci_placement.model import (
    Begun,
    Counted,
    Drain,
    InventoryKey,
    LastPass,
    Reshape,
    SetInventories,
)
from pci_placement.model.config import Limits
from pci_placement.plan.limits import INSTEAD_OF_REMOVAL, limit_removals, removals

RED_NET = names.physnet_trait("red")
OTHER_ID = names.id_trait("8086", "0435")
NONE = Limits(max_removals=0)
FOREIGNER = {"traits": frozenset({names.trait("CUSTOM_NOVA")})}


def by_uuid(*there):
    return {have.uuid: have for have in there}


def guarded(wanted, there, limits=NONE, last=None):
    made = plan(wanted, there, **({"last_pass": last} if last else {}))
    observed = observe(*there, keys={p.key for p in wanted})
    return limit_removals(made, observed, limits, last or LastPass())


# --- how many are too many


@pytest.mark.parametrize(
    ("limits", "number", "of", "allowed"),
    [
        pytest.param(Limits(), 0, 0, True, id="none"),
        pytest.param(Limits(), 2, 2, True, id="two always"),
        pytest.param(Limits(), 3, 5, False, id="more than half"),
        pytest.param(Limits(), 3, 6, True, id="half"),
        pytest.param(Limits(max_removals=3), 3, 3, True, id="as many as the limit"),
        pytest.param(Limits(max_removals=3), 4, 99, False, id="more than the limit"),
        pytest.param(NONE, 1, 99, False, id="a limit of none"),
        pytest.param(NONE, 0, 99, True, id="none under a limit of none"),
        pytest.param(Limits(removes=False), 1, 99, False, id="never any"),
        pytest.param(Limits(removes=False, max_removals=9), 1, 99, False, id="never, whatever"),
        pytest.param(Limits(0, removes=False, force=True), 99, 99, True, id="forced"),
    ],
)
def test_so_many_removals_are_allowed(limits, number, of, allowed):
    assert limits.allow(number, of) is allowed


def test_half_of_our_providers_is_counted_without_those_of_others():
    there = [have(key, {QAT: 1}) for key in (PLAIN, *POOLED[1:3])]
    theirs = [have(POOLED[3], **FOREIGNER), have(CARD, **FOREIGNER), have(POOL, **FOREIGNER)]
    made = plan([], [*there, *theirs])
    assert len(limit_removals(made, observe(*there, *theirs), Limits()).withheld) == 3


# --- what is a removal


def test_a_removal_is_a_provider_or_a_class_of_one():
    there = [have(PLAIN, {QAT: 1}), have(CARD), have(VFS, {OLD: 4, SLOT: SLOTS})]
    made = plan([want(CARD), want(VFS, {NIC: 4})], there)
    assert set(removals(made, by_uuid(*there))) == {name(PLAIN), f"{OLD} of {name(VFS)}"}


def test_a_class_that_goes_when_a_drain_ends_is_one_too():
    there = have(VFS, {NIC: 4, OLD: reserved(2)}, DRAINING, used={})
    made = plan([want(CARD), want(VFS, {NIC: 4})], [have(CARD), there])
    assert list(removals(made, by_uuid(have(CARD), there))) == [f"{OLD} of {name(VFS)}"]


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        pytest.param([want(VFS, {NIC: 2})], have(VFS, {NIC: 4}), id="fewer devices"),
        pytest.param([], have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}}), id="a drain"),
        pytest.param([want(PLAIN, {QAT: 1})], have(PLAIN, {QAT: 1, SLOT: SLOTS}), id="slots"),
    ],
)
def test_this_is_none(wanted, there):
    made = plan([want(CARD), *wanted], [have(CARD), there])
    assert list(removals(made, by_uuid(have(CARD), there))) == []


def test_what_moves_with_its_claims_is_not_removed():
    there = [have(key, {QAT: 1}, ID, used={"bob": {QAT: 1}}) for key in POOLED[:2]]
    last = left([want(key, {QAT: 1}, ID) for key in POOLED[:2]], there)
    made = plan([want(POOL, {QAT: 2}, ID)], there, last_pass=last)
    assert the(Reshape, made).moves
    assert {f"DeleteProvider {key}" for key in POOLED[:2]} <= set(writes(made))
    assert list(removals(made, by_uuid(*there))) == []


def test_and_not_kept_where_the_rest_is():
    used = [have(key, {QAT: 1}, ID, used={"bob": {QAT: 1}}) for key in POOLED[:2]]
    there = [*used, have(VFS, {NIC: 4}), have(CARD)]
    last = left([want(key, {QAT: 1}, ID) for key in POOLED[:2]], there)
    found = guarded([want(POOL, {QAT: 2}, ID)], there, last=last)
    moved = [f"Reshape {POOL}", *(f"DeleteProvider {key}" for key in POOLED[:2])]
    assert [line for line in writes(found) if line in moved] == moved
    assert f"Drain {VFS}" in writes(found)
    assert set(found.withheld) == {name(VFS), name(CARD)}


def test_what_moved_away_stays_where_something_below_it_is_kept():
    there = [
        have(CARD, {QAT: 1}, ID, used={"bob": {QAT: 1}}),
        have(VFS, {NIC: reserved(4)}, DRAINING, used={}),
    ]
    last = left([want(CARD, {QAT: 1}, ID), want(VFS, {NIC: 4})], there)
    found = guarded([want(POOL, {QAT: 1}, ID, at={QAT: [CARD]})], there, NONE, last=last)
    assert f"Reshape {POOL}" in writes(found)
    assert [line for line in writes(found) if line.startswith("DeleteProvider")] == []


# --- what happens instead


def test_a_plan_within_the_limit_is_left_as_it_is():
    there = [have(PLAIN, {QAT: 1})]
    made = plan([], there)
    assert limit_removals(made, observe(*there), Limits()) is made


def test_what_would_be_deleted_is_drained():
    found = guarded([], [have(PLAIN, {QAT: 1})])
    assert told(found.actions) == [f"EnsureTrait {DRAINING}", f"Drain {PLAIN}"]
    drain = the(Drain, found)
    assert (drain.inventories, drain.reason) == ({QAT: reserved(1)}, INSTEAD_OF_REMOVAL)
    assert found.withheld == (name(PLAIN),)


def test_the_limit_is_met_once():
    drained = have(PLAIN, {QAT: reserved(1)}, DRAINING)
    found = guarded([], [drained])
    assert (found.actions, found.withheld) == ((), (name(PLAIN),))


def test_a_provider_without_inventory_is_left_where_it_is():
    found = guarded([], [have(CARD), have(VFS, {NIC: 4})])
    assert writes(found) == [f"Drain {VFS}"]
    assert found.withheld == (name(VFS), name(CARD))


def test_a_class_that_would_go_stays_beside_what_is_new():
    found = guarded([want(CARD), want(VFS, {NIC: 2})], [have(CARD), have(VFS, {OLD: 4})])
    drain = the(Drain, found)
    assert drain.inventories == {NIC: reserved(2, 0), OLD: reserved(4)}
    assert drain.traits == {MARK, DRAINING}


def test_what_is_reserved_by_hand_of_what_is_drained_beside_it_is_told():
    there = have(VFS, {OLD: 1, NIC: reserved(4, 1)}, used={"bob": {NIC: 1}})
    # what the claim holds may be the one that stays
    drain = the(Drain, guarded([want(CARD), want(VFS, {OLD: 1})], [have(CARD), there]))
    assert drain.inventories == {NIC: reserved(4), OLD: reserved(1)}
    assert names.reserved_trait(1, NIC) in drain.traits


@pytest.mark.parametrize("ids", [ID, OTHER_ID])
@pytest.mark.parametrize("offered", [{}, {OLD: 1}])
def test_what_was_reserved_of_a_card_is_not_told_of_the_one_that_came(ids, offered):
    there = have(PLAIN, {QAT: reserved(1)}, ID, used={})
    wanted = want(PLAIN, offered, ids)
    drain = the(Drain, guarded([wanted], [there]))
    told_of = {t for t in drain.traits if names.is_reserved_trait(t)}
    of_it = {names.reserved_trait(1, OLD if offered else QAT)}
    assert told_of == (of_it if ids == ID else set())
    assert drain.inventories[QAT] == reserved(1)
    assert ids in drain.traits


def test_nor_where_a_pass_was_cut_off_between_the_traits_and_the_inventories():
    before, half = (have(PLAIN, {QAT: reserved(1)}, ids, used={}) for ids in (ID, OTHER_ID))
    counts = Begun(1, Counted(addresses(PLAIN)))
    last = replace(left([], [before]), begun={InventoryKey(PLAIN, OLD): counts})
    for wanted in ([], [want(PLAIN, {OLD: 1}, OTHER_ID)]):
        drain = the(Drain, guarded(wanted, [half], last=last))
        assert drain.traits == {MARK, OTHER_ID, DRAINING}
        drain = the(Drain, guarded(wanted, [half]))
        assert {t for t in drain.traits if names.is_reserved_trait(t)}


def test_traits_that_were_to_be_set_are_set_all_the_same():
    wanted = [want(CARD), want(VFS, {NIC: 2}, RED_NET)]
    found = guarded(wanted, [have(CARD), have(VFS, {OLD: 4})])
    assert writes(found) == [f"SetTraits {VFS}", f"Drain {VFS}"]
    assert the(Drain, found).traits == {MARK, RED_NET, DRAINING}


def test_what_removes_nothing_goes_on():
    wanted = [want(CARD), want(VFS, {NIC: 4})]
    there = [have(PLAIN, {QAT: 1}), have(CARD), have(VFS, {NIC: 2})]
    assert the(SetInventories, guarded(wanted, there)).uuid == uuid(VFS)


def test_names_are_made_for_what_is_left_to_do():
    found = guarded([want(CARD), want(VFS, {NIC: 2})], [have(CARD), have(VFS, {OLD: 4})])
    assert told(found.actions)[:2] == [f"EnsureResourceClass {NIC}", f"EnsureTrait {DRAINING}"]


def test_where_nothing_is_ever_removed_nothing_is_told_to_be_withheld():
    found = guarded([], [have(PLAIN, {QAT: 1})], Limits(removes=False))
    assert (writes(found), found.withheld) == ([f"Drain {PLAIN}"], ())


def test_the_rest_of_a_plan_stays():
    there = [have(PLAIN, {QAT: 1})]
    made = replace(plan([], there), blocked={"a": "why"})
    found = limit_removals(made, observe(*there), NONE)
    assert (found.blocked, found.generations, found.ledger) == (
        {"a": "why"},
        made.generations,
        made.ledger,
    )


def test_providers_that_came_since_make_no_removal_harmless():
    there = [have(key, {QAT: 1}) for key in (PLAIN, *POOLED[1:3])]
    more = [have(key, {QAT: 1}) for key in (CARD, VFS, POOL)]
    kept = [want(CARD, {QAT: 1}), want(VFS, {QAT: 1}), want(POOL, {QAT: 1})]
    made = plan(kept, [*there, *more])
    observed = observe(*there, *more)
    assert len(list(removals(made, by_uuid(*there, *more)))) == 3
    assert limit_removals(made, observed, Limits()).withheld == ()
    found = limit_removals(made, observed, Limits(), LastPass(withheld_of=5))
    assert (len(found.withheld), found.withheld_of) == (3, 5)
    forced = limit_removals(made, observed, Limits(force=True), LastPass(withheld_of=5))
    assert forced.withheld == ()
