"""From what is wanted and what is there to the writes, in an order that is safe after each."""

import uuid as uuids
from dataclasses import replace

import pytest
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    ID,
    MARK,
    NIC,
    OLD,
    PLAIN,
    POOL,
    QAT,
    RED,
    SLOT,
    SLOTS,
    VF,
    VFS,
    have,
    left,
    name,
    observe,
    plan,
    reserved,
    the,
    told,
    tree,
    uuid,
    want,
    writes,
)
from support.placements import ROOT

from pci_placement import identity, names
from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    LastPass,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.plan.compare import BELOW_FOREIGN, FOREIGN
from pci_placement.plan.planner import make_plan, needs_consumers
from pci_placement.plan.removal import GONE

RED_NET = names.physnet_trait("red")
FAST = names.trait("CUSTOM_FAST")
BARE = {"traits": frozenset()}
FOREIGNER = {"traits": frozenset({names.trait("CUSTOM_NOVA")})}
ALICE = {"alice": {QAT: 1}}
REMEMBERED = LastPass(traits=frozenset({FAST}))


# --- a tree that is new, and one that is as it should be


def test_a_tree_is_built_from_the_top_and_qualified_before_it_is_on_offer():
    made = plan([want(PLAIN, {QAT: 1}), want(CARD), want(VFS, {NIC: 4}, RED_NET)])
    assert told(made.actions) == [
        f"EnsureResourceClass {NIC}",
        f"EnsureResourceClass {QAT}",
        f"EnsureTrait {MARK}",
        f"EnsureTrait {RED_NET}",
        f"CreateProvider {PLAIN}",
        f"SetTraits {PLAIN}",
        f"CreateProvider {CARD}",
        f"SetTraits {CARD}",
        f"CreateProvider {VFS}",
        f"SetTraits {VFS}",
        f"SetInventories {PLAIN}",
        f"SetInventories {VFS}",
    ]
    assert (made.generations, made.blocked) == ({}, {})


def test_a_child_is_created_below_the_provider_of_its_card():
    created = [
        (action.uuid, action.parent, action.parent_name)
        for action in plan([want(CARD), want(VFS)]).actions
        if isinstance(action, CreateProvider)
    ]
    assert created == [(uuid(CARD), ROOT.uuid, "node"), (uuid(VFS), uuid(CARD), name(CARD))]


def test_nothing_is_done_where_placement_is_true_to_the_host():
    made = plan([want(CARD), want(VFS, {NIC: 4})], [have(CARD), have(VFS, {NIC: 4})])
    assert (made.actions, made.blocked) == ((), {})
    assert made.generations == {uuid(CARD): 7, uuid(VFS): 7}


def test_standard_names_are_not_created():
    made = plan([want(PLAIN, {names.resource_class("PCI_DEVICE"): 1}, names.NIC_SRIOV)])
    assert told(made.actions)[:2] == [f"EnsureTrait {MARK}", f"CreateProvider {PLAIN}"]


def test_names_that_any_provider_has_are_known_already():
    there = [have(CARD, {QAT: 1}, traits=frozenset({RED_NET}))]
    made = plan([want(PLAIN, {QAT: 1}, RED_NET)], there)
    assert told(made.actions)[:2] == [f"EnsureTrait {MARK}", f"CreateProvider {PLAIN}"]


def test_a_drain_makes_sure_of_its_mark():
    made = plan([], [have(PLAIN, {QAT: 1}, used=ALICE)])
    assert told(made.actions) == [f"EnsureTrait {DRAINING}", f"Drain {PLAIN}"]


def test_a_change_names_only_what_is_new():
    made = plan([want(PLAIN, {QAT: 1}, RED_NET)], [have(PLAIN, {OLD: 1})])
    names_made = [a for a in made.actions if isinstance(a, EnsureResourceClass | EnsureTrait)]
    assert names_made == [EnsureResourceClass(QAT), EnsureTrait(RED_NET)]


# --- traits and inventories of somebody else


@pytest.mark.parametrize(
    "trait",
    [
        RED_NET,
        names.id_trait("8086", "0443"),
        names.numa_trait(1),
        names.alias_trait("qat"),
        names.NIC_SRIOV,
        names.NIC_SRIOV_TRUSTED,
        names.LIVE_MIGRATABLE,
        names.ONE_TIME_USE,
    ],
)
def test_a_trait_that_only_we_give_goes_when_it_no_longer_holds(trait):
    action = the(SetTraits, plan([want(PLAIN)], [have(PLAIN, {}, trait)]))
    assert (action.traits, action.added, action.removed) == ({MARK}, frozenset(), {trait})


def test_the_trait_of_somebody_else_stays():
    assert plan([want(PLAIN)], [have(PLAIN, {}, FAST)]).actions == ()


def test_it_stays_when_other_traits_change():
    action = the(SetTraits, plan([want(PLAIN, {}, RED_NET)], [have(PLAIN, {}, FAST)]))
    assert (action.traits, action.added) == ({MARK, FAST, RED_NET}, {RED_NET})


def test_a_trait_that_an_entry_gave_at_the_last_pass_goes_with_the_entry():
    action = the(SetTraits, plan([want(PLAIN)], [have(PLAIN, {}, FAST)], last_pass=REMEMBERED))
    assert action.removed == {FAST}


def test_a_trait_that_an_entry_still_gives_stays():
    made = plan([want(PLAIN, {}, FAST)], [have(PLAIN, {}, FAST)], last_pass=REMEMBERED)
    assert made.actions == ()


# --- what is gone


def test_what_is_gone_and_free_is_deleted_from_the_leaves_up():
    there = [have(CARD), have(PLAIN, {QAT: 1}), have(VFS, {NIC: 4})]
    assert writes(plan([], there)) == [
        f"DeleteProvider {PLAIN}",
        f"DeleteProvider {VFS}",
        f"DeleteProvider {CARD}",
    ]


def test_leaves_go_first_however_deep_and_in_whatever_order_they_are_listed():
    below = have(RED, parent=uuid(VFS))
    assert writes(plan([], [have(CARD), have(VFS), below])) == [
        f"DeleteProvider {RED}",
        f"DeleteProvider {VFS}",
        f"DeleteProvider {CARD}",
    ]


def test_deleting_needs_no_names():
    assert told(plan([], [have(PLAIN, {QAT: 1}, FAST)]).actions) == [f"DeleteProvider {PLAIN}"]


def test_what_is_gone_and_used_is_drained_and_says_who_uses_it():
    made = plan([], [have(PLAIN, {QAT: 1}, FAST, used=ALICE)])
    action = the(Drain, made)
    assert action.inventories == {QAT: reserved(1)}
    assert action.traits == {MARK, FAST, DRAINING}
    assert action.consumers == ALICE
    assert (action.before, made.takes_away) == ({QAT: replace(reserved(1), reserved=0)}, True)


def test_a_drain_keeps_all_other_fields_as_they_were():
    odd = replace(reserved(8, 1), min_unit=2, max_unit=4, step_size=2, allocation_ratio=2.0)
    made = plan([], [have(PLAIN, {QAT: odd}, used=ALICE)])
    assert the(Drain, made).inventories == {QAT: replace(odd, reserved=8)}


def test_a_class_that_nobody_uses_goes_at_once_from_what_is_drained():
    made = plan([], [have(PLAIN, {QAT: 1, OLD: 1}, used=ALICE)])
    assert the(Drain, made).inventories == {QAT: reserved(1)}


def test_a_drain_is_done_once():
    drained = have(PLAIN, {QAT: reserved(1)}, DRAINING, used=ALICE)
    assert plan([], [drained]).actions == ()


def test_what_was_drained_is_deleted_once_nobody_uses_it():
    drained = have(PLAIN, {QAT: reserved(1)}, DRAINING, used={})
    assert writes(plan([], [drained])) == [f"DeleteProvider {PLAIN}"]


def test_the_parent_of_what_is_drained_stays():
    there = [have(CARD), have(VFS, {NIC: 4}, used={"bob": {NIC: 1}})]
    assert writes(plan([], there)) == [f"Drain {VFS}"]


def test_drains_come_before_deletions():
    there = [have(PLAIN, {QAT: 1}), have(CARD, {QAT: 1}, used=ALICE)]
    assert writes(plan([], there)) == [f"Drain {CARD}", f"DeleteProvider {PLAIN}"]


def test_deletions_come_after_all_that_is_new():
    made = plan([want(PLAIN, {QAT: 1})], [have(CARD), have(VFS)])
    assert writes(made) == [
        f"CreateProvider {PLAIN}",
        f"SetTraits {PLAIN}",
        f"SetInventories {PLAIN}",
        f"DeleteProvider {VFS}",
        f"DeleteProvider {CARD}",
    ]


# --- what others put below our providers

CHILD_OF_OTHERS = have("child-of-others", parent=uuid(CARD), name="b", uuid=str(uuids.UUID(int=1)))


def test_a_provider_with_a_child_that_is_not_ours_is_emptied_instead_of_deleted():
    action = the(SetInventories, plan([], [have(CARD, {QAT: 1}), CHILD_OF_OTHERS]))
    assert (action.uuid, action.inventories) == (uuid(CARD), {})


def test_and_once_it_is_empty_it_is_left_alone():
    assert plan([], [have(CARD), CHILD_OF_OTHERS]).actions == ()


def test_a_used_one_is_drained():
    there = [have(CARD, {QAT: 1}, used=ALICE), CHILD_OF_OTHERS]
    assert writes(plan([], there)) == [f"Drain {CARD}"]


def test_our_children_beside_it_are_deleted():
    assert writes(plan([], [have(CARD), have(VFS), CHILD_OF_OTHERS])) == [f"DeleteProvider {VFS}"]


def test_an_offered_provider_does_not_mind_children_of_others():
    assert plan([want(CARD)], [have(CARD), CHILD_OF_OTHERS]).actions == ()


# --- providers of others in our place


def test_a_foreign_provider_in_our_place_is_left_alone_with_all_below_it():
    made = plan(
        [want(CARD), want(VFS, {NIC: 4}), want(PLAIN, {QAT: 1})],
        [have(CARD, **FOREIGNER), have(PLAIN, {QAT: 1})],
    )
    assert made.actions == ()
    assert made.blocked == {name(CARD): FOREIGN, name(VFS): BELOW_FOREIGN}
    assert made.generations == {uuid(PLAIN): 7}


def test_our_own_provider_below_a_foreign_one_is_not_touched_either():
    made = plan([want(CARD), want(VFS, {NIC: 4})], [have(CARD, **FOREIGNER), have(VFS, {NIC: 1})])
    assert (made.actions, set(made.blocked)) == ((), {name(CARD), name(VFS)})


def test_the_parent_of_a_foreign_provider_is_ours_all_the_same():
    made = plan([want(CARD, {QAT: 1}), want(VFS, {NIC: 4})], [have(CARD), have(VFS, **FOREIGNER)])
    assert writes(made) == [f"SetInventories {CARD}"]
    assert made.blocked == {name(VFS): FOREIGN}


def test_a_foreign_provider_is_never_deleted():
    made = plan([], [have(PLAIN, {QAT: 1}, **FOREIGNER)])
    assert (made.actions, made.blocked, made.generations) == ((), {}, {})


def test_nor_is_a_bare_one_that_somebody_gave_aggregates():
    assert plan([], [have(PLAIN, has_aggregates=True, **BARE)]).actions == ()


def test_a_half_made_provider_is_finished():
    made = plan([want(PLAIN, {QAT: 1})], [have(PLAIN, **BARE)])
    assert writes(made) == [f"SetTraits {PLAIN}", f"SetInventories {PLAIN}"]
    assert the(SetTraits, made).traits == {MARK}


def test_a_half_made_provider_that_nobody_wants_any_more_is_deleted():
    assert writes(plan([], [have(PLAIN, **BARE)])) == [f"DeleteProvider {PLAIN}"]


# --- held cards


@pytest.mark.parametrize("used", [None, {}, {"bob": {NIC: 4}}])
def test_nothing_of_a_held_card_changes(used):
    there = [have(CARD, {QAT: 1}), have(VFS, {NIC: 4}, used=used), have(RED), have(BLUE, **BARE)]
    made = plan([], there, held=[CARD])
    assert made.actions == ()
    assert set(made.generations) == {uuid(CARD), uuid(VFS), uuid(RED), uuid(BLUE)}


def test_every_other_card_goes_on():
    made = plan([want(PLAIN, {QAT: 1})], [have(PLAIN, {OLD: 1}), have(CARD)], held=[CARD])
    assert writes(made) == [f"SetInventories {PLAIN}"]


# --- pools, in which a held device is not counted


def test_a_pool_gives_up_a_device_that_is_held():
    made = plan([want(POOL, {QAT: 3})], [have(POOL, {QAT: 4})], held=[PLAIN])
    assert the(SetInventories, made).inventories == want(POOL, {QAT: 3}).inventories


def test_a_pool_whose_last_device_is_held_goes_like_any_other():
    assert writes(plan([], [have(POOL, {QAT: 4})], held=[PLAIN])) == [f"DeleteProvider {POOL}"]


def test_a_pool_that_is_new_does_not_count_held_devices():
    action = the(SetInventories, plan([want(POOL, {QAT: 3})], [], held=[PLAIN]))
    assert action.inventories == want(POOL, {QAT: 3}).inventories


def test_a_pool_without_devices_goes_where_nothing_is_held():
    assert writes(plan([], [have(POOL, {QAT: 4})])) == [f"DeleteProvider {POOL}"]


def test_devices_that_leave_their_pool_are_offered_after_it_gave_them_up():
    made = plan([want(PLAIN, {QAT: 1})], [have(POOL, {QAT: 1})])
    assert writes(made) == [
        f"DeleteProvider {POOL}",
        f"CreateProvider {PLAIN}",
        f"SetTraits {PLAIN}",
        f"SetInventories {PLAIN}",
    ]
    assert made.actions[-1].rests_on == (uuid(POOL),)


# --- back into service


def test_what_was_drained_and_is_offered_again_loses_its_mark_last():
    drained = have(PLAIN, {QAT: reserved(1)}, DRAINING, used=ALICE)
    action = the(Undrain, plan([want(PLAIN, {QAT: 1})], [drained]))
    assert action.inventories == {QAT: replace(reserved(1), reserved=0)}
    assert action.traits == {MARK}


def test_its_new_traits_are_there_before_it_is_on_offer():
    drained = have(PLAIN, {QAT: reserved(1)}, DRAINING, RED_NET)
    made = plan([want(PLAIN, {QAT: 1}, names.numa_trait(1))], [drained])
    assert writes(made) == [f"SetTraits {PLAIN}", f"Undrain {PLAIN}"]
    assert the(SetTraits, made).traits == {MARK, DRAINING, names.numa_trait(1)}
    assert the(Undrain, made).traits == {MARK, names.numa_trait(1)}


def test_a_class_that_was_dropped_while_drained_comes_back():
    drained = have(VFS, {NIC: reserved(2)}, DRAINING, used={"bob": {NIC: 1}})
    last = left([want(VFS, {NIC: 2})], [drained])
    made = plan([want(CARD), want(VFS, {NIC: 2, QAT: 2})], [have(CARD), drained], last_pass=last)
    assert the(Undrain, made).inventories == want(VFS, {NIC: 2, QAT: 2}).inventories


def test_an_undrain_tells_what_it_leaves_reserved():
    drained = have(PLAIN, {QAT: reserved(1)}, DRAINING)
    action = the(Undrain, plan([want(PLAIN, {QAT: 1})], [drained]))
    assert "but for what was reserved by hand before the drain" in str(action.reason)


def test_a_mark_without_any_inventory_comes_off():
    action = the(Undrain, plan([want(CARD)], [have(CARD, {}, DRAINING)]))
    assert (action.inventories, action.traits) == ({}, {MARK})


# --- names and places


def test_a_provider_is_renamed_after_it_gave_something_up():
    renamed = have(PLAIN, {OLD: 1}, name="by hand")
    made = plan([want(PLAIN, {QAT: 1})], [renamed])
    assert writes(made) == ["SetInventories 0000:3b:00.0", "RenameProvider 0000:3b:00.0"]
    assert the(RenameProvider, made).old_name == "by hand"


def test_a_provider_is_moved_back_below_its_card():
    made = plan([want(CARD), want(VFS)], [have(CARD), have(VFS, parent=ROOT.uuid)])
    assert writes(made) == [f"MoveProvider {VFS}"]
    assert made.actions[0].parent == uuid(CARD)


def test_it_is_moved_after_the_card_was_created():
    made = plan([want(CARD), want(VFS)], [have(VFS, parent=ROOT.uuid)])
    assert writes(made) == [f"CreateProvider {CARD}", f"SetTraits {CARD}", f"MoveProvider {VFS}"]


def test_nothing_is_renamed_or_moved_that_is_gone():
    elsewhere = have(VFS, name="by hand", parent=ROOT.uuid)
    assert writes(plan([], [elsewhere], keys=[VFS])) == ["DeleteProvider by hand"]


# --- givers before takers


def test_a_card_is_given_up_whole_before_its_vfs_are_offered():
    made = plan([want(CARD), want(VFS, {NIC: 4})], [have(CARD, {QAT: 1})])
    assert writes(made) == [
        f"SetInventories {CARD}",
        f"CreateProvider {VFS}",
        f"SetTraits {VFS}",
        f"SetInventories {VFS}",
    ]
    assert made.actions[-1].rests_on == (uuid(CARD),)


def test_vfs_are_given_up_before_their_card_is_offered_whole():
    made = plan([want(CARD, {QAT: 1})], [have(CARD), have(VFS, {NIC: 4})])
    assert writes(made) == [f"DeleteProvider {VFS}", f"SetInventories {CARD}"]
    assert made.actions[-1].rests_on == (uuid(VFS),)


def test_while_somebody_holds_a_vf_the_card_is_not_offered_whole():
    held = have(VFS, {NIC: 4}, used={"bob": {NIC: 1}})
    made = plan([want(CARD, {QAT: 1})], [have(CARD), held])
    assert writes(made) == [f"Drain {VFS}"]
    assert made.blocked == {
        name(CARD): f"{name(VFS)} has claims that may hold 1 of these 1 {QAT}: offered as they end"
    }


def test_another_card_does_not_wait():
    held = have(VFS, {NIC: 4}, used={"bob": {NIC: 1}})
    made = plan([want(PLAIN, {QAT: 1})], [have(CARD), held])
    assert writes(made) == [
        f"Drain {VFS}",
        f"CreateProvider {PLAIN}",
        f"SetTraits {PLAIN}",
        f"SetInventories {PLAIN}",
    ]


def test_a_class_that_the_same_provider_gives_up_under_use_is_kept_drained():
    made = plan([want(PLAIN, {QAT: 1})], [have(PLAIN, {OLD: 1}, used={"bob": {OLD: 1}})])
    action = the(Drain, made)
    assert action.inventories == {OLD: reserved(1)}
    assert set(made.blocked) == {name(PLAIN)}


def test_a_drain_takes_the_new_traits_along():
    there = have(PLAIN, {OLD: 1}, used={"bob": {OLD: 1}})
    action = the(Drain, plan([want(PLAIN, {QAT: 1}, RED_NET)], [there]))
    assert action.traits == {MARK, RED_NET, DRAINING}


def test_devices_in_use_that_change_places_and_whose_claims_cannot_are_drained_for_good():
    there = [
        have(RED, {NIC: 2}, used={"bob": {NIC: 2}}),
        have(BLUE, {NIC: 2}, used={"eve": {NIC: 2}}),
    ]
    last = left([want(RED, {NIC: 2}), want(BLUE, {NIC: 2})], there, may_reshape=False)
    wanted = [want(RED, {NIC: 2}, at={NIC: VF[4:6]}), want(BLUE, {NIC: 2}, at={NIC: VF[:2]})]
    card = have(CARD)
    made = plan([want(CARD), *wanted], [card, *there], last_pass=last)
    assert writes(made) == [f"Drain {RED}", f"Drain {BLUE}"]

    drained = [
        replace(p, inventories={NIC: reserved(2)}, traits=p.traits | {DRAINING}) for p in there
    ]
    last = replace(last, ledger=made.ledger, providers={p.uuid: p for p in drained})
    assert plan([want(CARD), *wanted], [card, *drained], last_pass=last).actions == ()

    freed = [replace(drained[0], consumers={}), drained[1]]
    after = plan([want(CARD), *wanted], [card, *freed], last_pass=last)
    offered = {identity.key_in_name(a.name): a.inventories for a in after.actions}
    assert offered == {RED: {}, BLUE: want(BLUE, {NIC: 2}).inventories}  # eve may hold those of RED


def test_claims_that_move_find_their_class_even_where_nothing_else_may_be_offered():
    # eve's claim of the pool may hold PLAIN too, as far as anybody knows; alice holds it
    there = [
        have(PLAIN, {QAT: reserved(1)}, ID, DRAINING, used=ALICE),
        have(POOL, {QAT: 1}, ID, used={"eve": {QAT: 1}}),
    ]
    last = left([want(PLAIN, {QAT: 1}, ID), want(POOL, {QAT: 2}, ID)], there)
    made = plan([want(PLAIN, {OLD: 1}, ID)], there, last_pass=last)
    reshape = the(Reshape, made)
    assert reshape.inventories[uuid(PLAIN)] == want(PLAIN, {OLD: 1}).inventories
    ends = [a.inventories for a in made.actions if isinstance(a, Undrain)]
    assert ends == [want(PLAIN, {OLD: 1}).inventories]


# --- whom to ask for its consumers


def asked(wanted: list, there: list) -> set[str]:
    return needs_consumers(tree(*wanted), observe(*there, keys={p.key for p in wanted}))


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        pytest.param([], have(PLAIN, {QAT: 1}), id="gone"),
        pytest.param([], have(PLAIN, {QAT: reserved(1)}, DRAINING), id="draining"),
        pytest.param([want(PLAIN, {QAT: 1})], have(PLAIN, {OLD: 1}), id="another class"),
        pytest.param([want(VFS, {NIC: 3})], have(VFS, {NIC: 4}), id="less"),
        pytest.param(
            [want(RED, {NIC: 2}), want(BLUE, {NIC: 2})], have(RED, {NIC: 2}), id="a sibling gains"
        ),
    ],
)
def test_consumers_are_asked_for_where_a_card_gives_something_up(wanted, there):
    assert there.uuid in asked(wanted, [there, have(CARD), have(BLUE)])


def test_so_they_are_where_claims_may_be_without_slots():
    both = want(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS})
    assert asked([both], [have(CARD, {QAT: 1})]) == {uuid(CARD)}
    assert asked([both], [have(CARD)]) == set()


def test_a_card_used_without_slots_is_not_offered_as_vfs_too():
    both = want(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS})
    assert plan([both], [have(CARD, {QAT: 1}, used=ALICE)]).actions == ()
    freed = plan([both], [have(CARD, {QAT: 1}, used={})])
    assert the(SetInventories, freed).inventories == both.inventories


def test_consumers_are_asked_for_where_another_card_may_have_replaced_one_in_use():
    there = have(PLAIN, {QAT: 1}, names.id_trait("10de", "20b0"))
    assert asked([want(PLAIN, {QAT: 1}, ID)], [there]) == {uuid(PLAIN)}


def test_and_of_devices_for_one_time_use():
    once = want(PLAIN, {QAT: 1}, names.ONE_TIME_USE, one_time_use=True)
    assert asked([once], [have(PLAIN, {QAT: 1}, names.ONE_TIME_USE)]) == {uuid(PLAIN)}


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        pytest.param([want(PLAIN, {QAT: 1})], have(PLAIN, {QAT: 1}), id="no change"),
        pytest.param([], have(CARD), id="gone, without inventory"),
        pytest.param([], have(PLAIN, {QAT: 1}, **FOREIGNER), id="not ours"),
        pytest.param([want(PLAIN), want(VFS, {NIC: 4})], have(PLAIN), id="another card gains"),
    ],
)
def test_nobody_is_asked_otherwise(wanted, there):
    assert asked(wanted, [there]) == set()


def test_a_plan_is_the_same_whatever_the_order_of_the_list():
    there = [have(CARD, {QAT: 1}, used=ALICE), have(PLAIN, {QAT: 1}), have(VFS, {NIC: 4})]
    wanted = tree(want(PLAIN, {OLD: 1}))
    one, other = (make_plan(wanted, observe(*order)) for order in (there, there[::-1]))
    assert one.actions == other.actions


def test_a_delete_says_why():
    (action,) = plan([], [have(PLAIN)]).actions
    assert action == DeleteProvider(uuid(PLAIN), name(PLAIN), GONE)
    assert (str(GONE), GONE.code) == ("no offered device belongs to it any more", "gone")


def test_of_those_that_give_something_up_the_smaller_comes_before_the_larger():
    # RED gives one VF to BLUE and gets two of its
    before = [
        want(RED, {NIC: 2}, at={NIC: (VF[0], VF[3])}),
        want(BLUE, {NIC: 2}, at={NIC: VF[1:3]}),
    ]
    wanted = [want(RED, {NIC: 3}, at={NIC: VF[:3]}), want(BLUE, {NIC: 1}, at={NIC: VF[3:4]})]
    there = [have(CARD), have(RED, {NIC: 2}, used={}), have(BLUE, {NIC: 2}, used={})]
    made = plan([want(CARD), *wanted], there, last_pass=left(before, there))
    assert writes(made) == [f"SetInventories {BLUE}", f"SetInventories {RED}"]


def test_claims_move_to_a_card_that_came_in_the_place_of_another_one():
    other = names.id_trait("10de", "20b0")
    there = [
        have(PLAIN, {QAT: reserved(1)}, ID, DRAINING, used={}),
        have(POOL, {OLD: 1}, other, used={"bob": {OLD: 1}}),
    ]
    last = left([want(PLAIN, {QAT: 1}, ID), want(POOL, {OLD: 1}, other)], there)
    made = plan([want(PLAIN, {OLD: 1}, other)], there, last_pass=last)
    (moving,) = [a for a in made.actions if isinstance(a, Reshape)]
    assert moving.inventories == {
        uuid(PLAIN): want(PLAIN, {OLD: 1}).inventories,
        uuid(POOL): {},
    }


def test_a_trait_that_an_entry_gives_is_nobody_elses_though_nobody_remembers_it():
    gold, others = names.read_trait("CUSTOM_GOLD"), names.read_trait("CUSTOM_OTHER")
    wanted = [want(CARD), want(PLAIN, {QAT: 1}), want(VFS, {NIC: 2}, gold)]
    there = [have(CARD), have(PLAIN, {QAT: 1}, gold, others), have(VFS, {NIC: 2}, gold)]
    made = the(SetTraits, plan(wanted, there))
    assert (made.uuid, made.removed) == (uuid(PLAIN), {gold})
