"""What one provider needs to become what this host wants it to be."""

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
    QAT,
    SLOT,
    SLOTS,
    VFS,
    amounts,
    have,
    name,
    reserved,
    told,
    uuid,
    want,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import (
    CreateProvider,
    Drain,
    Inventory,
    RenameProvider,
    Root,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.plan.provider import (
    ANOTHER,
    FREE,
    actions_for,
    drains,
    is_another_card,
    newborn,
    with_no_more_than,
)
from pci_placement.plan.reservations import stays, still_used

RED_NET = names.physnet_trait("red")
FAST, LOUD = names.trait("CUSTOM_FAST"), names.trait("CUSTOM_LOUD")
BOB = {"bob": {NIC: 3}, "eve": {NIC: 1}}


def actions(wanted, there, entry_traits=(), rests_on=()):
    return actions_for(wanted, there, ROOT, rests_on, entry_traits)


# --- identity


def test_a_top_provider_stands_below_the_root():
    create, *_ = actions(want(PLAIN), None)
    assert (create.uuid, create.name) == (uuid(PLAIN), "node:pci:0000:3b:00.0")
    assert (create.parent, create.parent_name) == (ROOT.uuid, "node")


def test_a_child_stands_below_the_provider_of_its_parent_key():
    create, *_ = actions(want(VFS), None)
    assert (create.parent, create.parent_name) == (uuid(CARD), "node:pci:0000:81:00.0")


def test_identity_follows_the_uuid_of_the_root_and_not_its_name():
    renamed = newborn(want(VFS), Root(ROOT.uuid, "new-name"))
    assert (renamed.uuid, renamed.parent) == (uuid(VFS), uuid(CARD))
    assert renamed.name == "new-name:pci:0000:81:00.0:vf"


# --- a provider that is not there


def test_a_new_provider_is_created_then_qualified_then_offered():
    create, traits, inventories = actions(want(VFS, {NIC: 4}, RED_NET), None, rests_on=("u",))
    assert (create.name, create.parent, create.parent_name) == (name(VFS), uuid(CARD), name(CARD))
    assert traits.traits == traits.added == {MARK, RED_NET}
    assert (inventories.inventories, inventories.before) == (amounts({NIC: 4}), {})
    assert inventories.rests_on == ("u",)


def test_a_new_provider_without_inventory_is_only_marked():
    kinds = [type(action) for action in actions(want(CARD), None)]
    assert kinds == [CreateProvider, SetTraits]


# --- a provider that is there


def test_nothing_changes_where_all_is_as_wanted():
    assert actions(want(VFS, {NIC: 4}, RED_NET), have(VFS, {NIC: 4}, RED_NET)) == []


def test_the_total_grows_and_shrinks_with_the_number_of_vfs():
    for number in (2, 6):
        (action,) = actions(want(VFS, {NIC: number}), have(VFS, {NIC: 4}))
        assert action.inventories == amounts({NIC: number})
        assert action.before == amounts({NIC: 4})


def test_traits_come_before_inventories():
    wanted = want(VFS, {NIC: 6}, RED_NET)
    kinds = [type(action) for action in actions(wanted, have(VFS, {NIC: 4}))]
    assert kinds == [SetTraits, SetInventories]


@pytest.mark.parametrize(
    ("ours", "entry_traits", "left"),
    [
        pytest.param({RED_NET}, [], set(), id="ours"),
        pytest.param({FAST}, [], {FAST}, id="of somebody else"),
        pytest.param({FAST, LOUD}, [FAST], {LOUD}, id="one of an entry that is gone"),
    ],
)
def test_of_traits_that_no_longer_hold_those_of_others_stay(ours, entry_traits, left):
    (action,) = actions(want(VFS, {}, names.NIC_SRIOV), have(VFS, {}, *ours), entry_traits)
    assert action.traits == {MARK, names.NIC_SRIOV, *left}


@pytest.mark.parametrize(
    ("before", "number", "after"),
    [
        pytest.param(reserved(4, 0), 6, 0, id="none"),
        pytest.param(reserved(4, 1), 6, 1, id="some, more VFs"),
        pytest.param(reserved(4, 4), 6, 4, id="all, more VFs"),
        pytest.param(reserved(4, 3), 2, 2, id="more than there are now"),
        pytest.param(reserved(4, 1), 2, 1, id="some, fewer VFs"),
    ],
)
def test_what_an_operator_reserved_stays_reserved(before, number, after):
    (action,) = actions(want(VFS, {NIC: number}), have(VFS, {NIC: before}))
    assert action.inventories[NIC].reserved == after


def test_the_other_five_fields_are_ours():
    theirs = Inventory(4, 1, min_unit=2, max_unit=2, step_size=2, allocation_ratio=8.0)
    (action,) = actions(want(VFS, {NIC: 4}), have(VFS, {NIC: theirs}))
    assert action.inventories == {NIC: reserved(4, 1)}


def test_a_reservation_alone_is_no_reason_to_write():
    assert actions(want(VFS, {NIC: 4}), have(VFS, {NIC: reserved(4)})) == []


def test_a_reservation_on_another_class_does_not_spread():
    (action,) = actions(want(VFS, {NIC: 4, QAT: 2}), have(VFS, {NIC: reserved(4)}))
    assert action.inventories == amounts({NIC: reserved(4), QAT: 2})


# --- renamed, moved


def test_a_renamed_provider_gets_its_name_back_and_keeps_its_parent():
    (action,) = actions(want(VFS), have(VFS, name="by hand"))
    assert isinstance(action, RenameProvider)
    assert (action.name, action.old_name, action.parent) == (name(VFS), "by hand", uuid(CARD))


def test_a_moved_provider_goes_back_under_the_name_that_it_has_then_is_renamed():
    there = have(VFS, name="by hand", parent=ROOT.uuid)
    move, rename = actions(want(VFS), there)
    assert (move.name, move.parent, move.parent_name) == ("by hand", uuid(CARD), name(CARD))
    assert (rename.name, rename.parent) == (name(VFS), uuid(CARD))


def test_its_place_comes_first_also_when_it_is_drained():
    there = have(VFS, {OLD: 4}, name="by hand", parent=ROOT.uuid, used={"bob": {OLD: 1}})
    assert [line.split()[0] for line in told(actions(want(VFS), there))] == [
        "MoveProvider",
        "RenameProvider",
        "Drain",
    ]


# --- drain and undrain


def test_a_class_that_is_not_wanted_and_used_is_kept_with_nothing_to_claim():
    there = have(VFS, {NIC: 4, OLD: 2, QAT: 1}, used={**BOB, "zoe": {OLD: 1}})
    assert still_used(there, [QAT]) == {NIC: reserved(4), OLD: reserved(2)}
    assert still_used(there, [NIC, OLD]) == {}
    assert still_used(have(VFS, {NIC: 4}), []) == {}


def test_a_wanted_class_stays_on_offer_beside_one_that_is_drained():
    there = have(VFS, {OLD: 2, NIC: reserved(4, 1)}, used={"zoe": {OLD: 1}})
    (action,) = actions(want(VFS, {NIC: 3}, RED_NET), there, [])
    assert isinstance(action, Drain)
    assert action.inventories == {NIC: reserved(3, 1), OLD: reserved(2)}
    assert action.traits == {MARK, RED_NET, DRAINING}
    assert action.consumers == {"zoe": {OLD: 1}}


def test_that_is_done_once():
    there = have(VFS, {OLD: reserved(2), NIC: 3}, DRAINING, used={"zoe": {OLD: 1}})
    assert actions(want(VFS, {NIC: 3}), there) == []


def test_a_drain_that_was_cut_off_after_its_mark_is_finished():
    there = have(VFS, {OLD: 2}, DRAINING, used={"zoe": {OLD: 1}})
    (action,) = drains(there, there.traits, {OLD: reserved(2)}, "why")
    assert (action.inventories, action.reason) == ({OLD: reserved(2)}, "why")


def test_a_drain_names_nobody_where_nobody_was_asked_for():
    (action,) = drains(have(VFS, {OLD: 2}), frozenset({MARK, DRAINING}), {}, "why")
    assert action.consumers == {}


def test_an_undrain_restores_what_we_drained_and_keeps_what_an_operator_reserved_of_the_rest():
    there = have(VFS, {NIC: reserved(4), QAT: reserved(2, 1)}, DRAINING)
    (action,) = actions(want(VFS, {NIC: 4, QAT: 2}), there, rests_on=("u",))
    assert isinstance(action, Undrain)
    assert action.inventories == {NIC: reserved(4, 0), QAT: reserved(2, 1)}
    assert (action.traits, action.rests_on) == ({MARK}, ("u",))


def test_an_undrain_that_was_cut_off_before_the_mark_came_off_is_finished():
    (action,) = actions(want(VFS, {NIC: 4}), have(VFS, {NIC: 4}, DRAINING))
    assert (action.inventories, action.before) == (amounts({NIC: 4}), amounts({NIC: 4}))
    assert action.traits == {MARK}


def test_the_last_used_class_goes_when_it_is_free():
    (action,) = actions(want(CARD), have(CARD, {OLD: reserved(1)}, DRAINING, used={}))
    assert (action.inventories, action.traits) == ({}, {MARK})
    assert action.reason == FREE


# --- limits


@pytest.mark.parametrize(
    ("wanted", "limit", "left"),
    [
        pytest.param({NIC: 4}, {NIC: 2}, {NIC: 2}, id="less of a class"),
        pytest.param({NIC: 2}, {NIC: 4}, {NIC: 2}, id="no more than it wants"),
        pytest.param({NIC: 4, QAT: 1}, {NIC: 4}, {NIC: 4}, id="a class fewer"),
        pytest.param({NIC: 4}, {OLD: 4}, {}, id="none of it"),
        pytest.param({NIC: 4}, {NIC: 0}, {}, id="no device of it"),
        pytest.param({NIC: 4}, {}, {}, id="nothing"),
        pytest.param(
            {QAT: 4, SLOT: SLOTS},
            {QAT: 3, SLOT: SLOTS},
            {QAT: 3, SLOT: SLOTS},
            id="all slots, as long as there are devices",
        ),
        pytest.param(
            {QAT: 4, SLOT: SLOTS}, {QAT: 0, SLOT: SLOTS}, {}, id="no slots without devices"
        ),
    ],
)
def test_a_wish_is_cut_down_to_a_limit(wanted, limit, left):
    limited = with_no_more_than(want(VFS, wanted, RED_NET), limit)
    assert limited.inventories == amounts(left)
    assert (limited.key, limited.traits) == (VFS, {MARK, RED_NET})


# --- another card at the address


OTHER_ID = names.id_trait("10de", "20b0")


def test_another_card_is_told_by_its_ids_and_only_where_both_are_known():
    assert is_another_card(want(PLAIN, {}, ID), frozenset({OTHER_ID}))
    assert not is_another_card(want(PLAIN, {}, ID), frozenset({ID}))
    assert not is_another_card(want(PLAIN, {}, ID), frozenset())
    assert not is_another_card(want(PLAIN), frozenset({ID}))


def test_what_was_there_is_drained_while_it_is_in_use_and_nothing_of_the_new_card_is_offered():
    there = have(PLAIN, {QAT: 1}, OTHER_ID, name="by hand", used={"bob": {QAT: 1}})
    (action,) = actions(want(PLAIN, {OLD: 1}, ID), there)
    assert (action.traits, action.inventories) == ({MARK, OTHER_ID, DRAINING}, {QAT: reserved(1)})
    assert action.reason == ANOTHER


def test_and_gives_way_once_it_is_free():
    there = have(PLAIN, {QAT: reserved(1)}, OTHER_ID, DRAINING, used={})
    traits, undrain = actions(want(PLAIN, {OLD: 1}, ID), there)
    assert (traits.traits, undrain.inventories) == ({MARK, ID, DRAINING}, amounts({OLD: 1}))


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        pytest.param({NIC: reserved(4, 2)}, {QAT: 4}, {QAT: reserved(4, 2)}, id="a rename"),
        pytest.param({NIC: reserved(4, 3)}, {QAT: 2}, {QAT: reserved(2, 2)}, id="fewer devices"),
        pytest.param(
            {NIC: reserved(2, 1), OLD: reserved(2, 1)}, {QAT: 4}, {QAT: reserved(4, 2)}, id="joined"
        ),
        pytest.param(
            {NIC: reserved(2, 1)},
            {NIC: 2, QAT: 2},
            {NIC: reserved(2, 1), QAT: reserved(2, 0)},
            id="a class that stays keeps its own",
        ),
    ],
)
def test_what_an_operator_reserved_follows_the_devices_to_another_class(before, wanted, after):
    (action,) = actions(want(VFS, wanted), have(VFS, before, used={}))
    assert action.inventories == after


def test_what_we_reserved_to_drain_does_not():
    drained = have(VFS, {NIC: reserved(4)}, DRAINING, used={})
    (action,) = actions(want(VFS, {QAT: 4}), drained)
    assert action.inventories == amounts({QAT: 4})


# --- devices for one-time use


ONCE = names.ONE_TIME_USE


def once(there, used_since=False):
    wanted = want(PLAIN, {QAT: 1}, ONCE, one_time_use=True)
    return actions_for(wanted, there, ROOT, used_since=used_since)


def device(*traits, **fields):
    return have(PLAIN, {QAT: fields.pop("of_it", 1)}, ONCE, *traits, **fields)


def test_a_device_for_one_time_use_is_offered_until_somebody_has_it():
    assert once(device(used={})) == []


@pytest.mark.parametrize(
    ("used", "used_since"),
    [({"bob": {QAT: 1}}, False), ({}, True)],
    ids=["somebody has it", "somebody had it"],
)
def test_then_it_is_reserved(used, used_since):
    (action,) = once(device(used=used), used_since)
    assert action.inventories == {QAT: reserved(1)}


def test_and_stays_so_until_an_operator_lifts_that():
    assert once(device(of_it=reserved(1), used={})) == []


def test_and_under_another_class():
    wanted = want(PLAIN, {OLD: 1}, ONCE, one_time_use=True)
    (action,) = actions_for(wanted, device(of_it=reserved(1), used={}), ROOT)
    assert action.inventories == {OLD: reserved(1)}


def test_another_card_in_its_place_was_not_used_yet():
    wanted = want(PLAIN, {OLD: 1}, ONCE, names.id_trait("10de", "20b0"), one_time_use=True)
    there = device(ID, of_it=reserved(1), used={})
    *_, last = actions_for(wanted, there, ROOT)
    assert last.inventories == amounts({OLD: 1})


@pytest.mark.parametrize("marks", [[], [DRAINING]])
def test_a_used_one_is_reserved_still_where_its_entry_says_nothing_of_it(marks):
    both = want(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS})
    there = have(CARD, {QAT: reserved(1), SLOT: SLOTS}, ONCE, *marks, used={})
    *_, last = actions_for(both, there, ROOT)
    assert {n: i.reserved for n, i in last.inventories.items()} == {QAT: 1, NIC: 4, SLOT: 4}


def test_and_where_its_class_changes_that_it_was_used_is_told_while_it_is_drained():
    there = device(of_it=reserved(1), used={"bob": {QAT: 1}})
    (made,) = actions_for(want(PLAIN, {}), there, ROOT)
    assert (ONCE in made.traits, made.inventories) == (True, {QAT: reserved(1)})
    after = replace(there, traits=made.traits, inventories=made.inventories)
    assert stays(after)
    assert actions_for(want(PLAIN, {}), after, ROOT) == []


def test_one_that_was_not_used_is_offered_again_after_a_drain():
    fresh = names.reserved_trait(0, QAT)
    there = device(DRAINING, fresh, of_it=reserved(1), used={})
    (drain,) = drains(device(used={}), {MARK, ONCE}, {QAT: reserved(1)}, "why", fresh=True)
    assert drain.traits == there.traits
    assert drains(there, there.traits, {QAT: reserved(1)}, "why") == []
    assert not stays(there)
    *_, action = once(there)
    assert (action.inventories, action.traits) == ({QAT: reserved(1, 0)}, {MARK, ONCE})


@pytest.mark.parametrize(
    ("used", "new", "told"),
    [
        pytest.param({}, reserved(1, 0), {QAT, OLD}, id="nobody had it"),
        pytest.param({"bob": {OLD: 1}}, reserved(1), set(), id="somebody has it"),
        pytest.param({}, reserved(1), set(), id="somebody had it"),
    ],
)
def test_that_it_was_not_used_is_told_until_somebody_has_it_under_its_new_class(used, new, told):
    fresh = {names.reserved_trait(0, name) for name in (QAT, OLD)}
    there = have(PLAIN, {QAT: reserved(1), OLD: reserved(1, 0)}, ONCE, DRAINING, *fresh, used=used)
    after = {QAT: reserved(1), OLD: new}
    made = drains(there, there.traits, after, "why", [OLD])
    traits = made[0].traits if made else there.traits
    assert traits & fresh == {names.reserved_trait(0, name) for name in told}


def test_a_used_one_that_comes_back_after_a_drain_is_reserved_still():
    there = device(DRAINING, of_it=reserved(1), used={})
    (action,) = once(there)
    assert (action.inventories, action.traits) == ({QAT: reserved(1)}, {MARK, ONCE})


# --- out of service


DRAINED = names.DRAINED


@pytest.mark.parametrize(
    ("traits", "of_it", "kept"),
    [
        pytest.param([DRAINED], reserved(1), True, id="drained by an operator"),
        pytest.param([DRAINED], reserved(1, 0), False, id="who lifted the reservation"),
        pytest.param([ONCE], reserved(1), True, id="used once"),
        pytest.param([ONCE], reserved(1, 0), False, id="not used yet"),
        pytest.param([], reserved(1), False, id="reserved by hand"),
    ],
)
def test_what_is_out_of_service_is_kept(traits, of_it, kept):
    assert stays(have(PLAIN, {QAT: of_it}, *traits)) is kept


def test_what_an_operator_took_out_of_service_stays_out_when_it_grows_or_changes_its_class():
    there = have(VFS, {NIC: reserved(2)}, DRAINED, used={})
    (grows,) = actions(want(VFS, {NIC: 4}), there)
    assert grows.inventories == {NIC: reserved(4)}
    (changes,) = actions(want(VFS, {QAT: 2}), there)
    assert changes.inventories == {QAT: reserved(2)}


def test_its_mark_stays_with_it_and_goes_with_the_reservation():
    there = have(VFS, {NIC: reserved(2)}, DRAINED)
    assert actions(want(VFS, {NIC: 2}), there) == []
    lifted = have(VFS, {NIC: reserved(2, 0)}, DRAINED)
    (action,) = actions(want(VFS, {NIC: 2}), lifted)
    assert action.removed == {DRAINED}


def test_out_of_service_and_no_longer_offered_it_is_kept_though_nobody_uses_it():
    there = have(CARD, {QAT: reserved(1)}, DRAINED, used={})
    (action,) = actions(want(CARD), there)
    assert (action.inventories, action.traits) == ({QAT: reserved(1)}, {MARK, DRAINED, DRAINING})


# --- a card offered whole and through its VFs


def exclusive(**reserved_by_hand):
    whole = want(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS})
    there = have(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS} | reserved_by_hand)
    return actions(whole, there)


def test_such_a_card_is_one_provider_with_a_slot_for_each_of_its_vfs_and_more():
    assert exclusive() == []


def test_a_reserved_vf_takes_its_slot_so_that_the_whole_card_is_not_claimed():
    (action,) = exclusive(**{NIC: reserved(4, 3)})
    assert action.inventories[SLOT] == reserved(SLOTS, 3)
    assert action.inventories[NIC] == reserved(4, 3)


def test_a_reserved_card_takes_no_slot_its_vfs_may_be_claimed():
    assert exclusive(**{QAT: reserved(1)}) == []


def test_slots_that_somebody_reserved_are_counted_anew():
    (action,) = exclusive(**{SLOT: reserved(SLOTS, 9)})
    assert action.inventories[SLOT] == reserved(SLOTS, 0)
