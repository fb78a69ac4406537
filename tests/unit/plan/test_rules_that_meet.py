"""What a plan does where several of its rules apply to one card."""

from dataclasses import replace

from support.build import address
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    ID,
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
    addresses,
    amounts,
    have,
    left,
    name,
    observe,
    plan,
    reserved,
    the,
    tree,
    uuid,
    want,
    with_room,
    writes,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import (
    Counted,
    Drain,
    InventoryKey,
    LastPass,
    SetInventories,
    Undrain,
)
from pci_placement.plan.planner import make_plan, needs_consumers


def pool(key, inv, *addrs):
    return want(key, inv, at={QAT: addrs})


def test_leaves_go_first_also_where_only_the_parent_gives_something_up():
    made = plan([], [have(CARD, {QAT: 1}), have(VFS)])
    assert writes(made) == [f"DeleteProvider {VFS}", f"DeleteProvider {CARD}"]


def test_what_is_out_of_service_stays_so_where_claims_were_to_move_there_and_no_more_came():
    there = have(VFS, {NIC: with_room(4, 1)}, ID, names.DRAINED, used={"bob": {NIC: 3}})
    made = the(SetInventories, plan([want(CARD), want(VFS, {NIC: 4}, ID)], [have(CARD), there]))
    assert made.inventories == {NIC: reserved(4)}


def test_so_does_what_is_not_ours_to_give():
    there = have(PLAIN, {QAT: with_room(1, 0)}, ID, DRAINING, used={"bob": {QAT: 1}})
    desired = replace(tree(), not_ours={address(PLAIN): "nova reports it"})
    observed = observe(there)
    assert needs_consumers(desired, observed) == {there.uuid}
    made = the(Drain, make_plan(desired, observed))
    assert (made.inventories, made.traits) == ({QAT: reserved(1)}, there.traits)


def test_slots_that_claims_hold_are_all_reserved_again():
    slots = {NIC: 4, SLOT: with_room(4, 1)}
    there = have(VFS, slots, ID, DRAINING, used={"bob": {NIC: 3, SLOT: 3}})
    made = plan([want(CARD), want(VFS, {NIC: 4}, ID)], [have(CARD), there])
    assert made.actions[-1].inventories[SLOT] == reserved(4)


def test_an_operators_drain_of_one_class_survives_our_drain_of_another():
    there = have(VFS, {NIC: reserved(2), OLD: 2}, used={"bob": {OLD: 1}})
    wanted = [want(CARD), want(VFS, {NIC: 2})]
    d = the(Drain, plan(wanted, [have(CARD), there]))
    again = replace(there, inventories=d.inventories, traits=d.traits)
    assert plan(wanted, [have(CARD), again]).actions == ()


def test_what_is_reserved_by_hand_is_not_forgotten_while_claims_may_hold_all_of_it():
    before = [want(CARD), want(RED, {NIC: 4}), want(BLUE, {NIC: 2}, at={NIC: VF[4:6]})]
    there = [
        have(CARD),
        have(RED, {NIC: 4}, used={"bob": {NIC: 2}}),
        have(BLUE, {NIC: reserved(2, 1)}, used={}),
    ]
    wanted = [want(CARD), want(RED, {NIC: 2}), want(BLUE, {NIC: 2}, at={NIC: VF[2:4]})]
    made = plan(wanted, there, last_pass=left(before, there))
    kept = [a.inventories for a in made.actions if a.changes() == {uuid(BLUE)}]
    assert kept == [amounts({NIC: reserved(1)})]


def test_a_class_that_waits_gets_nothing_that_a_mark_tells_of_the_one_before_it():
    mark = names.reserved_trait(1, NIC)
    out = {NIC: reserved(4), OLD: reserved(1)}
    there = have(VFS, out, DRAINING, mark, used={"bob": {NIC: 4}})
    made = plan([want(CARD), want(VFS, {OLD: 1})], [have(CARD), there])
    kept = [a for a in made.actions if isinstance(a, Drain)]
    assert [(mark in a.traits, a.inventories) for a in kept] == [
        (True, amounts({NIC: reserved(4)}))
    ]


def test_but_not_of_another_card():
    there = [have(POOL, {QAT: 1}, ID, used={"bob": {QAT: 1}}), have(PLAIN, {QAT: reserved(1)}, ID)]
    wanted = [want(PLAIN, {QAT: 1}, names.id_trait("8086", "ffff"))]
    last = left([pool(POOL, {QAT: 1}, PLAIN), want(PLAIN, {QAT: 1}, ID)], there)
    made = plan(wanted, there, last_pass=last)
    assert the(SetInventories, made).inventories == {}


def test_what_claims_of_before_may_hold_of_a_drained_provider_is_not_drained():
    out = have(RED, {NIC: reserved(2)}, names.DRAINED, used={"bob": {NIC: 1}})
    entry = Counted(addresses(*VF[:2]), addresses(*VF[2:4]), {"bob": 1})
    last = LastPass(providers={out.uuid: out}, ledger={InventoryKey(RED, NIC): entry})
    after = plan([want(CARD)], [have(CARD), out], last_pass=last).ledger[InventoryKey(RED, NIC)]
    assert (after.devices, after.old_devices) == (entry.devices, addresses(*VF[:4]))


def test_which_vfs_are_out_of_service_stays_unknown_until_they_are_back():
    out = have(RED, {NIC: reserved(2)}, names.DRAINED, used={})
    wanted = [want(CARD), want(RED, {NIC: 2})]
    first = plan(wanted, [have(CARD), out])
    last = replace(left(wanted, [have(CARD), out]), ledger=first.ledger)
    more = [*wanted, want(BLUE, {NIC: 1}, at={NIC: VF[2:3]})]
    assert "SetInventories" not in " ".join(writes(plan(more, [have(CARD), out], last_pass=last)))
    back = have(RED, {NIC: 2}, used={})
    made = plan(more, [have(CARD), back], last_pass=last)
    assert the(SetInventories, made).inventories == amounts({NIC: 1})


def test_an_undrain_that_is_limited_does_not_leave_our_reservation_behind():
    there = [
        have(CARD),
        have(RED, {NIC: reserved(4)}, DRAINING, used={"a": {NIC: 2}}),
        have(BLUE, {NIC: 2}, used={"b": {NIC: 2}}),
    ]
    wanted = [want(RED, {NIC: 5}, at={NIC: VF[:5]}), want(BLUE, {NIC: 1}, at={NIC: VF[5:6]})]
    made = plan([want(CARD), *wanted], there)
    u = the(Undrain, made)
    assert u.inventories[NIC].reserved == 0


def test_the_remnant_of_a_drained_pool_stays_drained():
    there = have(POOL, {QAT: reserved(2)}, DRAINING, used={"bob": {QAT: 1}})
    made = plan([], [there], held=["0000:99:00.0", "0000:98:00.0"])
    assert not [a for a in made.actions if isinstance(a, Undrain)]


def test_what_was_withheld_stays_withheld_at_the_next_pass():
    wanted = [want(CARD), want(VFS, {NIC: 1, QAT: 1})]
    there = have(
        VFS, {NIC: 1}, used=None
    )  # NIC 2 -> 1 was written by the pass before; 2 are in use
    assert uuid(VFS) in needs_consumers(tree(*wanted), observe(have(CARD), there))


def test_a_giver_is_moved_after_its_parent_was_created():
    made = plan([want(CARD), want(VFS, {NIC: 3})], [have(VFS, {NIC: 4}, parent=ROOT.uuid)])
    w = writes(made)
    assert w.index(f"CreateProvider {CARD}") < w.index(f"MoveProvider {VFS}")


def test_after_a_rename_all_lines_have_the_new_name():
    made = plan(
        [want(PLAIN, {QAT: 1}, names.numa_trait(0))], [have(PLAIN, {QAT: 1}, name="by hand")]
    )
    assert {a.name for a in made.actions if a.name} == {name(PLAIN)}


def test_a_pf_used_as_part_of_a_pool_keeps_its_vfs_off():
    made = plan([want(CARD), want(VFS, {NIC: 4})], [have(POOL, {QAT: 1}, used={"bob": {QAT: 1}})])
    assert not [a for a in made.actions if isinstance(a, SetInventories)]


def test_a_card_used_whole_before_it_became_exclusive_keeps_its_vfs_off():
    both = want(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS})
    made = plan([both], [have(CARD, {QAT: 1}, used={"bob": {QAT: 1}})])
    for a in made.actions:
        if isinstance(a, SetInventories):
            free = (
                a.inventories[SLOT].total - a.inventories[SLOT].reserved
                if SLOT in a.inventories
                else 0
            )
            assert NIC not in a.inventories or free == 0


def test_a_pf_whose_vfs_are_used_is_one_device_of_its_pool():
    w = pool(POOL, {QAT: 4}, CARD, "0000:82:00.0", "0000:83:00.0", "0000:84:00.0")
    made = plan([w], [have(CARD), have(VFS, {NIC: 4}, used={"bob": {NIC: 3}})])
    assert the(SetInventories, made).inventories == amounts({QAT: 3})
