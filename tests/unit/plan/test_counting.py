"""What is on offer, class by class, and which devices its claims may hold."""

from dataclasses import replace

import pytest
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    ID,
    NIC,
    OLD,
    OTHER_POOL,
    OTHER_POOLED,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    RED,
    SLOT,
    SLOTS,
    VF,
    VFS,
    address,
    addresses,
    by_key,
    have,
    left,
    reserved,
    want,
)

from pci_placement import names
from pci_placement.model import Counted, InventoryKey, LastPass
from pci_placement.plan.counting import observed_inventories
from pci_placement.plan.devices import contains, functions_of
from pci_placement.plan.inventories import wanted_inventories

BOB = {"bob": {NIC: 3}}
KEYS = (PLAIN, CARD, VFS, RED, BLUE, POOL, OTHER_POOL)
BOTH = {QAT: 1, NIC: 4, SLOT: SLOTS}
NOTHING = LastPass()


def targets(*wanted):
    return wanted_inventories(wanted)


def present(there, wanted=(), last=NOTHING):
    return observed_inventories(by_key(there, KEYS), targets(*wanted), last)


def now(there, *wanted, last=NOTHING):
    (only,) = present([there], wanted, last)
    return only


def devices(of) -> frozenset:
    return functions_of(of.devices)


# --- what is to be counted


def test_a_target_is_a_class_of_a_provider_with_its_devices():
    qat, nic, old = targets(want(PLAIN, {QAT: 1}, ID), want(VFS, {NIC: 3, OLD: 1}))
    assert (qat.key, nic.key) == ((PLAIN, QAT), (VFS, NIC))
    assert (qat.ids, nic.ids) == ({ID}, frozenset())
    assert (nic.devices, nic.total) == ({address(CARD): addresses(*VF[:3])}, 3)
    assert (old.devices, old.total) == ({address(CARD): addresses(VF[3])}, 1)


def test_the_devices_of_a_pool_sit_on_cards_of_their_own():
    (pool,) = targets(want(POOL, {QAT: 2}))
    assert pool.devices == {address(text): addresses(text) for text in POOLED[:2]}


def test_slots_and_providers_without_inventory_are_no_targets():
    found = targets(want(CARD, BOTH), want(PLAIN))
    assert [target.key for target in found] == [(CARD, QAT), (CARD, NIC)]


# --- what is counted, where the last pass told


def test_an_inventory_counts_what_the_last_pass_says():
    before = want(VFS, {NIC: 2}, at={NIC: VF[4:6]})
    there = have(VFS, {NIC: 2})
    found = now(there, want(VFS, {NIC: 2}), last=left([before], [there]))
    assert (devices(found), found.known, found.leaving) == (addresses(*VF[4:6]), True, True)


def test_it_stays_where_all_of_them_are_to_be_counted_there():
    there = have(VFS, {NIC: 2}, used=BOB)
    wanted = want(VFS, {NIC: 2})
    found = now(there, wanted, last=left([wanted], [there]))
    assert (found.leaving, found.old, found.may_hold) == (False, {}, {})


def test_it_gives_nothing_up_where_more_are_to_be_counted_there():
    there = have(VFS, {NIC: 2})
    found = now(there, want(VFS, {NIC: 4}), last=left([want(VFS, {NIC: 2})], [there]))
    assert not found.leaving


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param([], id="nothing is wanted any more"),
        pytest.param([want(VFS, {NIC: 3})], id="fewer"),
        pytest.param([want(VFS, {NIC: 4}, at={NIC: VF[1:5]})], id="others"),
        pytest.param([want(VFS, {OLD: 4})], id="under another class"),
        pytest.param([want(RED, {NIC: 4})], id="elsewhere"),
    ],
)
def test_what_gives_devices_up_is_leaving_and_all_its_claims_are_of_before(wanted):
    there = have(VFS, {NIC: 4}, used=BOB)
    found = now(there, *wanted, last=left([want(VFS, {NIC: 4})], [there]))
    assert (found.leaving, found.old) == (True, {"bob": 3})
    assert found.may_hold == {address(CARD): addresses(*VF[:4])}


def test_slots_are_no_inventory_of_devices():
    found = present([have(CARD, BOTH)], [want(CARD, BOTH)])
    assert [now.key.resource_class for now in found] == [QAT, NIC]


# --- claims of before


def before(*, old: dict, total: int = 2, devices=VF[:2], old_devices=VF[2:4]) -> LastPass:
    """The last pass left VFs to RED of which some claims hold others."""
    entry = Counted(addresses(*devices), addresses(*old_devices), old)
    there = have(RED, {NIC: total})
    return LastPass(providers={there.uuid: there}, ledger={InventoryKey(RED, NIC): entry})


STAYS = want(RED, {NIC: 2})


@pytest.mark.parametrize(
    ("used", "old"),
    [
        pytest.param(None, {"bob": 2, "eve": 1}, id="nobody asked"),
        pytest.param({}, {}, id="they ended"),
        pytest.param({"bob": {NIC: 2}}, {"bob": 2}, id="one ended"),
        pytest.param({"bob": {NIC: 1}, "eve": {NIC: 1}}, {"bob": 1, "eve": 1}, id="one shrank"),
        pytest.param({"bob": {NIC: 9}}, {"bob": 2}, id="one grew: what is new is of now"),
        pytest.param({"zoe": {NIC: 2}}, {}, id="a new one is of now"),
    ],
)
def test_claims_of_before_count_until_they_end(used, old):
    there = have(RED, {NIC: 2}, used=used)
    found = now(there, STAYS, last=before(old={"bob": 2, "eve": 1}))
    assert (found.leaving, found.old) == (False, old)
    assert functions_of(found.may_hold) == addresses(*(VF[2:4] if old else ()))


def test_what_is_out_of_service_keeps_nothing_that_only_claims_of_before_held():
    for used, held in (({"bob": {NIC: 1}}, VF[:4]), ({}, VF[:2])):
        there = have(RED, {NIC: reserved(2)}, names.DRAINED, used=used)
        found = now(there, last=before(old={"bob": 2}))
        assert found.stays
        assert functions_of(found.may_hold) == addresses(*held)


def test_a_claim_of_another_class_holds_nothing_of_this_one():
    there = have(RED, {NIC: 2}, used={"bob": {OLD: 2}})
    found = now(there, STAYS, last=before(old={"bob": 2}))
    assert (found.claims, found.old) == ({}, {})


def test_where_it_is_leaving_its_claims_may_hold_what_it_counts_and_what_it_counted():
    there = have(RED, {NIC: 2}, used={"bob": {NIC: 2}, "zoe": {NIC: 1}})
    found = now(there, last=before(old={"bob": 2}))
    assert found.old == {"bob": 2, "zoe": 1}
    assert functions_of(found.may_hold) == addresses(*VF[:4])


def test_a_total_that_is_not_what_the_last_pass_left_makes_the_rest_unknown():
    there = have(RED, {NIC: 2}, used={"bob": {NIC: 2}})
    found = now(there, STAYS, last=before(old={"bob": 2}, total=3))
    assert not found.known


# --- what is counted, where nobody told


def test_without_a_memory_the_right_total_is_taken_for_the_right_devices():
    found = now(have(VFS, {NIC: 4}), want(VFS, {NIC: 4}))
    assert (devices(found), found.leaving, found.known) == (addresses(*VF[:4]), False, False)


def test_but_not_while_another_inventory_of_the_card_lacks_some():
    wanted = [want(RED, {NIC: 2}), want(BLUE, {NIC: 2})]
    found = now(have(RED, {NIC: 2}), *wanted)
    assert (devices(found), found.leaving) == (addresses(*VF[:2], *VF[4:6]), True)


def test_nor_where_the_last_pass_knew_it_with_another_total():
    there = have(RED, {NIC: 2})
    last = left([want(RED, {NIC: 3})], [have(RED, {NIC: 3})])
    found = now(there, want(RED, {NIC: 2}, at={NIC: VF[4:6]}), last=last)
    assert devices(found) == addresses(*VF[:3], *VF[4:6])
    assert found.leaving


def test_then_its_claims_may_be_from_before_that_too():
    last = left([want(RED, {NIC: 2})], [have(RED, {NIC: 2})])
    (place,) = last.ledger
    entry = Counted(addresses(*VF[:2]), addresses(*VF[6:]), {"bob": 1})
    there = have(RED, {NIC: 1}, used={"bob": {NIC: 1}})
    found = now(there, want(RED, {NIC: 1}), last=replace(last, ledger={place: entry}))
    assert devices(found) == addresses(*VF[:2], *VF[6:])
    assert functions_of(found.may_hold) == devices(found)


def test_one_whose_card_lacks_nothing_elsewhere_is_settled():
    wanted = [want(RED, {NIC: 2}), want(PLAIN, {QAT: 1})]
    assert not now(have(RED, {NIC: 2}), *wanted).leaving


def test_an_inventory_that_is_not_wanted_may_count_any_vf_of_its_card():
    found = now(have(VFS, {OLD: 2}), want(RED, {NIC: 2}), want(BLUE, {NIC: 2}))
    assert devices(found) == addresses(*VF[:2], *VF[4:6])
    assert now(have(VFS, {OLD: 2})).devices == {address(CARD): frozenset()}


def test_a_whole_card_is_itself_unless_its_vfs_are_counted_there_too():
    vfs = want(VFS, {NIC: 4})
    assert devices(now(have(CARD, {OLD: 1}), vfs)) == addresses(CARD)
    found = present([have(CARD, {OLD: 1, NIC: 4, SLOT: SLOTS})], [vfs])
    assert {devices(s) for s in found} == {addresses(CARD, *VF[:4])}


def test_a_pool_may_count_any_device_of_the_host():
    wanted = [want(PLAIN, {QAT: 1}), want(OTHER_POOL, {QAT: 1})]
    found = now(have(POOL, {QAT: 2}), *wanted)
    assert devices(found) == addresses(PLAIN, OTHER_POOLED[0])


def test_a_pool_with_the_right_total_is_taken_to_count_the_right_ones():
    wanted = [want(POOL, {QAT: 2}), want(OTHER_POOL, {QAT: 1})]
    there = [have(POOL, {QAT: 2}), have(OTHER_POOL, {QAT: 1})]
    pool, other = present(there, wanted)
    assert devices(pool) == addresses(*POOLED[:2])
    assert devices(other) == addresses(OTHER_POOLED[0])


def test_but_not_while_another_one_lacks_what_it_may_count():
    wanted = [want(POOL, {QAT: 2}), want(OTHER_POOL, {QAT: 1})]
    assert devices(now(have(POOL, {QAT: 2}), *wanted)) == addresses(*POOLED[:2], OTHER_POOLED[0])


# --- narrowed by the hardware that it says it counts


OTHER_ID = names.id_trait("10de", "20b0")


@pytest.mark.parametrize(
    ("says", "is_of", "may"),
    [
        pytest.param([ID], [OTHER_ID], False, id="another kind of device"),
        pytest.param([ID], [ID], True, id="the same kind"),
        pytest.param([ID], [], False, id="nobody knows what the devices are"),
        pytest.param([], [OTHER_ID], True, id="nobody knows what it counted"),
    ],
)
def test_a_pool_counts_no_devices_of_other_hardware(says, is_of, may):
    found = now(have(POOL, {QAT: 1}, *says), want(PLAIN, {QAT: 1}, *is_of))
    assert devices(found) == (addresses(PLAIN) if may else frozenset())


def test_vfs_tell_nothing_of_the_hardware_of_their_pf():
    vfs = want(VFS, {NIC: 2}, OTHER_ID)
    assert functions_of(now(have(RED, {OLD: 2}, ID), vfs).devices) == addresses(*VF[:2])
    assert set(now(have(POOL, {QAT: 1}, ID), vfs).devices) == {address(CARD)}


def test_unless_the_pf_is_offered_beside_them():
    both = want(CARD, BOTH, OTHER_ID)
    assert now(have(POOL, {QAT: 1}, ID), both).devices == {}
    assert set(now(have(POOL, {QAT: 1}, OTHER_ID), both).devices) == {address(CARD)}


# --- who has how many of its devices


def test_one_class_can_be_drained_beside_one_that_is_not():
    found = present([have(VFS, {NIC: reserved(2), QAT: 1}, DRAINING)])
    assert {each.key.resource_class: each.draining for each in found} == {NIC: True, QAT: False}


@pytest.mark.parametrize(
    ("used", "wanted", "sure"),
    [
        pytest.param(BOB, want(VFS, {NIC: 4}), 3, id="of what stays"),
        pytest.param(BOB, want(VFS, {NIC: 3}), 0, id="of what gives some up"),
        pytest.param(None, want(VFS, {NIC: 4}), 0, id="nobody asked"),
    ],
)
def test_its_claims_surely_hold_devices_that_it_is_to_count(used, wanted, sure):
    there = have(VFS, {NIC: 4}, used=used)
    last = left([want(VFS, {NIC: 4})], [there])
    (target,) = wanted_inventories([wanted])
    assert now(there, wanted, last=last).used_of(target) == sure


def test_whose_claims_nobody_remembers_may_hold_what_is_not_there_any_more():
    wanted = want(VFS, {NIC: 4})
    found, (target,) = now(have(VFS, {NIC: 4}, used=BOB), wanted), wanted_inventories([wanted])
    assert (found.forgotten, found.leaving, found.old) == (True, False, {"bob": 3})
    assert (found.is_unknown, found.used_of(target)) == (True, 0)


def test_but_those_of_a_device_that_its_key_names_hold_that_one():
    found = now(have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}}), want(PLAIN, {QAT: 1}))
    assert (found.forgotten, found.old, found.is_sure) == (False, {}, True)


def test_nobody_knows_whether_they_hold_a_card_or_its_vfs_by_the_key_of_both():
    there = have(CARD, BOTH, used={"bob": {NIC: 1}})
    assert {each.forgotten for each in present([there], [want(CARD, BOTH)])} == {True}


def test_an_inventory_withdraws_nothing_from_its_own_successor():
    (same,) = targets(want(VFS, {NIC: 2}))
    assert now(have(VFS, {NIC: 4}, used=BOB)).withdrawn_from(same) == 0


def test_from_others_it_withdraws_as_many_as_are_claimed():
    (other,) = targets(want(RED, {NIC: 4}))
    found = now(have(VFS, {NIC: 4}, used={**BOB, "eve": {NIC: 1}}))
    assert found.withdrawn_from(other) == 4
    assert now(have(VFS, {NIC: 4}, used={})).withdrawn_from(other) == 0


def test_beside_slots_the_only_class_of_a_card_may_be_of_its_vfs():
    found = now(have(CARD, {NIC: 3, SLOT: SLOTS}, used=BOB), want(CARD, BOTH))
    assert (found.forgotten, functions_of(found.may_hold)) == (True, addresses(CARD, *VF[:4]))


def test_slots_keep_the_vfs_of_a_pf_from_nobody_but_their_pf():
    whole, _, pooled = targets(want(CARD, BOTH), want(POOL, {NIC: 2}))
    there = have(CARD, {NIC: 4, SLOT: SLOTS}, used={"bob": {NIC: 3, SLOT: 3}})
    found = now(there, last=left([want(CARD, {NIC: 4, SLOT: SLOTS}, at={NIC: VF[:4]})], [there]))
    assert (found.key.resource_class, found.slotted) == (NIC, True)
    assert (found.withdrawn_from(whole), found.withdrawn_from(pooled)) == (0, 3)


def test_what_is_out_of_service_gives_nothing_to_other_providers():
    there = have(CARD, {QAT: reserved(1)}, names.DRAINED, used={})
    elsewhere, here = targets(want(POOL, {QAT: 1}, at={QAT: [CARD]}), want(CARD, {OLD: 1}))
    found = now(there)
    assert found.stays
    assert found.withdrawn_from(elsewhere) == 1
    assert found.withdrawn_from(here) == 0


def test_a_drain_of_ours_keeps_nothing_out_of_service():
    assert not now(have(CARD, {QAT: reserved(1)}, DRAINING, used={})).stays


def test_nor_is_kept_what_does_not_leave():
    there = have(CARD, {QAT: reserved(1)}, names.DRAINED)
    assert not now(there, want(CARD, {QAT: 1})).stays


def test_but_of_what_nobody_remembers_any_of_its_card_may_be_out_of_service():
    there = have(VFS, {NIC: reserved(2)}, names.DRAINED)
    wanted = want(VFS, {NIC: 2})
    found, (other,) = now(there, wanted), targets(want(RED, {NIC: 3}, at={NIC: VF[3:6]}))
    assert (found.stays, found.leaving, found.is_unknown) == (True, False, True)
    assert contains(found.holds_of(other), other.devices)
    assert found.withdrawn_from(other) == 3
    assert not now(there, wanted, last=left([wanted], [there])).stays


def test_a_device_for_one_time_use_that_was_used_is_out_of_service():
    there = have(PLAIN, {QAT: reserved(1)}, names.ONE_TIME_USE, used={})
    assert now(there).stays
    fresh = replace(there, inventories={QAT: reserved(1, 0)})
    assert not now(fresh).stays
