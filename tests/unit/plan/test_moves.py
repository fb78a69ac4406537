"""Claims follow their devices where all that they may hold go to one place, and only there."""

import pytest
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    ID,
    NIC,
    OLD,
    OTHER_POOL,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    RED,
    SLOT,
    SLOTS,
    VF,
    VFS,
    amounts,
    by_key,
    have,
    left,
    reserved,
    want,
    with_room,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import Move
from pci_placement.plan.counting import observed_inventories
from pci_placement.plan.inventories import wanted_inventories
from pci_placement.plan.moves import after_moves, during, find_moves
from pci_placement.plan.provider import newborn

OTHER_ID = names.id_trait("10de", "20b0")
KEYS = (PLAIN, CARD, VFS, RED, BLUE, POOL, OTHER_POOL, *POOLED)
BOB = {"bob": {NIC: 3}}


def moves(wanted, before, there) -> set[Move]:
    """The claims that move when `wanted` follows on `before`, which the last pass left."""
    ours, targets = by_key(there, KEYS), wanted_inventories(wanted)
    present = observed_inventories(ours, targets, left(before, there))
    found = find_moves(present, targets, {p.key: p for p in wanted}, ours)
    assert len(found) == len(set(found))
    return set(found)


def move(source, source_class, target, target_class):
    return Move(source, source_class, target, target_class)


def device(key=PLAIN, name=QAT, *traits, used=True, **fields):
    """A device as it was wanted, and as it is, in use of bob."""
    has = fields.pop("has", {name: 1})
    held = {"bob": {**{c: i.total for c, i in amounts(has).items()}}} if used else {}
    return want(key, has, ID, *traits, **fields), have(key, has, ID, *traits, used=held)


# --- where all goes to one place


def test_the_claim_of_a_device_follows_it_to_another_class():
    before, there = device()
    assert moves([want(PLAIN, {OLD: 1}, ID)], [before], [there]) == {move(PLAIN, QAT, PLAIN, OLD)}


def test_the_claims_of_devices_follow_them_into_a_pool():
    one, first = device(POOLED[0])
    two, second = device(POOLED[1], used=False)
    assert moves([want(POOL, {QAT: 2}, ID)], [one, two], [first, second]) == {
        move(POOLED[0], QAT, POOL, QAT)
    }


def test_the_claims_of_a_pool_follow_it_to_another_one():
    before = want(POOL, {QAT: 2}, ID)
    there = have(POOL, {QAT: 2}, ID, used={"bob": {QAT: 2}})
    wanted = want(OTHER_POOL, {QAT: 2}, ID, at={QAT: POOLED[:2]})
    assert moves([wanted], [before], [there]) == {move(POOL, QAT, OTHER_POOL, QAT)}


def test_the_claims_of_all_vfs_follow_them_to_another_set_of_traits():
    before, there = want(VFS, {NIC: 4}, ID), have(VFS, {NIC: 4}, ID, used=BOB)
    wanted = [want(CARD), want(RED, {NIC: 4}, ID)]
    assert moves(wanted, [before], [there]) == {move(VFS, NIC, RED, NIC)}


def test_both_classes_of_vfs_may_become_one():
    before = want(VFS, {NIC: 2, OLD: 2}, ID)
    there = have(VFS, {NIC: 2, OLD: 2}, ID, used={"bob": {NIC: 1}, "eve": {OLD: 2}})
    assert moves([want(VFS, {QAT: 4}, ID)], [before], [there]) == {
        move(VFS, NIC, VFS, QAT),
        move(VFS, OLD, VFS, QAT),
    }


def test_claims_may_change_places():
    before = want(VFS, {NIC: 2, OLD: 2}, ID)
    there = have(VFS, {NIC: 2, OLD: 2}, ID, used={"bob": {NIC: 1}, "eve": {OLD: 2}})
    swapped = want(VFS, {NIC: 2, OLD: 2}, ID, at={NIC: VF[2:4], OLD: VF[:2]})
    assert moves([swapped], [before], [there]) == {
        move(VFS, NIC, VFS, OLD),
        move(VFS, OLD, VFS, NIC),
    }


# --- where they cannot


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param([want(VFS, {NIC: 4}, ID)], id="nothing goes anywhere"),
        pytest.param([], id="all are gone"),
        pytest.param(
            [want(RED, {NIC: 2}, ID), want(VFS, {NIC: 2}, ID, at={NIC: VF[2:4]})], id="a part"
        ),
        pytest.param([want(RED, {NIC: 3}, ID)], id="one is gone"),
        pytest.param([want(RED, {NIC: 4}, OTHER_ID)], id="to other hardware"),
        pytest.param([want(RED, {NIC: 4})], id="to hardware that nobody knows"),
        pytest.param([want(RED, {NIC: 4, SLOT: SLOTS}, ID)], id="to where claims hold slots"),
    ],
)
def test_claims_stay_where_their_devices_do_not_all_go_to_one_place(wanted):
    before, there = want(VFS, {NIC: 4}, ID), have(VFS, {NIC: 4}, ID, used=BOB)
    assert moves(wanted, [before], [there]) == set()


def test_of_hardware_that_was_not_known_nothing_moves():
    before, there = want(VFS, {NIC: 4}), have(VFS, {NIC: 4}, used=BOB)
    assert moves([want(RED, {NIC: 4}, ID)], [before], [there]) == set()


def test_without_a_memory_no_claim_is_moved_by_a_guess():
    there = have(VFS, {NIC: 2}, ID, used=BOB)
    assert moves([want(RED, {NIC: 4}, ID)], [], [there]) == set()
    assert moves([want(RED, {NIC: 2}, ID), want(BLUE, {NIC: 2}, ID)], [], [there]) == set()


def test_nothing_moves_of_vfs_that_nobody_can_name():
    there = have(VFS, {NIC: 2}, ID, used=BOB)
    assert moves([want(CARD, {QAT: 1}, ID)], [], [there]) == set()


def test_where_nobody_has_a_claim_nothing_moves():
    before, there = device(used=False)
    assert moves([want(PLAIN, {OLD: 1}, ID)], [before], [there]) == set()


def test_what_is_out_of_service_stays_where_it_is():
    there = have(PLAIN, {QAT: reserved(1)}, ID, names.DRAINED, used={"bob": {QAT: 1}})
    assert moves([want(PLAIN, {OLD: 1}, ID)], [want(PLAIN, {QAT: 1}, ID)], [there]) == set()


# --- slots go along


def test_the_slots_of_a_provider_go_along_to_another_one():
    before, there = device(has={QAT: 1, SLOT: SLOTS})
    wanted = want(POOL, {QAT: 1, SLOT: SLOTS}, ID)
    assert moves([wanted], [before], [there]) == {
        move(PLAIN, QAT, POOL, QAT),
        move(PLAIN, SLOT, POOL, SLOT),
    }


@pytest.mark.parametrize(("slots", "moved"), [(1, 0), (SLOTS, 2)])
def test_a_claim_of_a_card_becomes_one_of_a_pf_beside_its_vfs_only_with_all_slots(slots, moved):
    before = want(POOL, {QAT: 1, SLOT: SLOTS}, ID, at={QAT: [CARD]})
    there = have(POOL, {QAT: 1, SLOT: SLOTS}, ID, used={"bob": {QAT: 1, SLOT: slots}})
    both = want(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS}, ID)
    assert len(moves([both], [before], [there])) == moved


def test_they_stay_where_the_claim_only_changes_its_class():
    before, there = device(has={QAT: 1, SLOT: SLOTS})
    assert moves([want(PLAIN, {OLD: 1, SLOT: SLOTS}, ID)], [before], [there]) == {
        move(PLAIN, QAT, PLAIN, OLD)
    }


TWO_CLASSES = {NIC: 2, OLD: 2, SLOT: SLOTS}


def test_the_slots_of_two_classes_move_once():
    before = want(VFS, TWO_CLASSES, ID)
    held = {"bob": {NIC: 1, SLOT: 1}, "eve": {OLD: 1, SLOT: 1}}
    there = have(VFS, TWO_CLASSES, ID, used=held)
    assert moves([want(RED, {QAT: 4, SLOT: SLOTS}, ID)], [before], [there]) == {
        move(VFS, NIC, RED, QAT),
        move(VFS, OLD, RED, QAT),
        move(VFS, SLOT, RED, SLOT),
    }


@pytest.mark.parametrize(
    ("eve", "moved"),
    [({"eve": {OLD: 1, SLOT: 1}}, 0), ({}, 2)],
    ids=["the other class stays in use", "the other class is free"],
)
def test_slots_that_cannot_all_go_along_keep_the_claims_back(eve, moved):
    before = want(VFS, TWO_CLASSES, ID)
    there = have(VFS, TWO_CLASSES, ID, used={"bob": {NIC: 1, SLOT: 1}, **eve})
    wanted = [
        want(RED, {NIC: 2, SLOT: SLOTS}, ID),
        want(VFS, {OLD: 2, SLOT: SLOTS}, ID, at={OLD: VF[2:4]}),
    ]
    assert len(moves(wanted, [before], [there])) == moved


def test_a_class_beside_one_that_stays_may_change_where_no_slots_have_to_go_along():
    before = want(VFS, TWO_CLASSES, ID)
    held = {"bob": {NIC: 1, SLOT: 1}, "eve": {OLD: 1, SLOT: 1}}
    there = have(VFS, TWO_CLASSES, ID, used=held)
    wanted = want(VFS, {QAT: 2, OLD: 2, SLOT: SLOTS}, ID)
    assert moves([wanted], [before], [there]) == {move(VFS, NIC, VFS, QAT)}


def test_without_slots_one_class_may_go_elsewhere_and_the_other_stay():
    before = want(VFS, {NIC: 2, OLD: 2}, ID)
    there = have(VFS, {NIC: 2, OLD: 2}, ID, used={"bob": {NIC: 1}, "eve": {OLD: 1}})
    wanted = [want(RED, {NIC: 2}, ID), want(VFS, {OLD: 2}, ID, at={OLD: VF[2:4]})]
    assert moves(wanted, [before], [there]) == {move(VFS, NIC, RED, NIC)}


def test_two_classes_that_go_to_two_places_keep_their_slots_and_their_claims():
    before = want(VFS, TWO_CLASSES, ID)
    held = {"bob": {NIC: 1, SLOT: 1}, "eve": {OLD: 1, SLOT: 1}}
    there = have(VFS, TWO_CLASSES, ID, used=held)
    wanted = [
        want(RED, {NIC: 2, SLOT: SLOTS}, ID),
        want(BLUE, {OLD: 2, SLOT: SLOTS}, ID, at={OLD: VF[2:4]}),
    ]
    assert moves(wanted, [before], [there]) == set()


# --- what is where afterwards


def test_after_the_moves_each_consumer_has_as_much_as_before():
    one = have(POOLED[0], {QAT: 1}, used={"bob": {QAT: 1}})
    two = have(POOLED[1], {QAT: 1}, used={"bob": {QAT: 1}})
    away = have(CARD, {OLD: 1}, used={"bob": {OLD: 1}})
    pool = newborn(want(POOL, {QAT: 2}), ROOT)
    made = after_moves(
        by_key((one, two, away, pool), KEYS),
        [move(POOLED[0], QAT, POOL, QAT), move(POOLED[1], QAT, POOL, QAT)],
    )
    assert {key: p.consumers for key, p in made.items()} == {
        POOLED[0]: {},
        POOLED[1]: {},
        CARD: {"bob": {OLD: 1}},
        POOL: {"bob": {QAT: 2}},
    }


def test_a_consumer_keeps_what_does_not_move():
    there = have(VFS, {NIC: 2, OLD: 2}, used={"bob": {NIC: 1, OLD: 1}, "eve": {OLD: 1}})
    red = have(RED, {NIC: 2}, used={"zoe": {NIC: 1}})
    made = after_moves(by_key((there, red), KEYS), [move(VFS, NIC, RED, NIC)])
    assert made[VFS].consumers == {"bob": {OLD: 1}, "eve": {OLD: 1}}
    assert made[RED].consumers == {"bob": {NIC: 1}, "zoe": {NIC: 1}}


def test_without_moves_everything_is_as_it_was():
    there = {PLAIN: have(PLAIN, {QAT: 1})}
    assert after_moves(there, []) == there


# --- room while they move


@pytest.mark.parametrize(
    ("wanted", "used", "room"),
    [
        pytest.param(reserved(4, 0), 3, reserved(4, 0), id="enough"),
        pytest.param(reserved(2, 0), 3, reserved(3, 0), id="fewer devices than claims"),
        pytest.param(reserved(4, 4), 3, with_room(7, 4), id="all reserved"),
        pytest.param(reserved(4, 1), 4, reserved(5, 1), id="all used"),
        pytest.param(reserved(4, 4), 0, reserved(4, 4), id="all reserved, nothing used"),
        pytest.param(reserved(2, 2), 3, with_room(5, 2), id="both"),
    ],
)
def test_while_claims_move_there_is_room_for_them(wanted, used, room):
    there = have(VFS, {NIC: 4}, used={"bob": {NIC: used}})
    assert during({NIC: wanted}, there) == {NIC: room}


def test_of_what_we_drain_less_is_reserved_until_the_claims_have_moved():
    there = have(VFS, {NIC: 4}, DRAINING, used={"bob": {NIC: 3}})
    assert during({NIC: reserved(4)}, there) == {NIC: with_room(4, 1)}
    assert during({NIC: reserved(4, 2)}, there) == {NIC: reserved(5, 2)}  # that is by hand
