"""A card gives before it takes, and nobody is offered what a claim of before may hold."""

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
    PLAIN,
    POOL,
    POOLED,
    QAT,
    RED,
    SLOT,
    SLOTS,
    VF,
    VFS,
    addresses,
    amounts,
    by_key,
    have,
    left,
    name,
    plan,
    reserved,
    want,
)

from pci_placement import names
from pci_placement.model import Counted, InventoryKey, LastPass
from pci_placement.plan.counting import observed_inventories
from pci_placement.plan.handover import BEFORE_EXCLUSIVE, CLAIMS_HOLD, hand_over
from pci_placement.plan.inventories import wanted_inventories

BOB, ONE = {"bob": {NIC: 3}}, {"bob": {QAT: 1}}
KEYS = (PLAIN, CARD, VFS, RED, BLUE, POOL, OTHER_POOL, *POOLED)
NOTHING = LastPass()


def handover(wanted, there, last=NOTHING):
    ours, targets = by_key(there, KEYS), wanted_inventories(wanted)
    present = observed_inventories(ours, targets, last)
    return hand_over({p.key: p for p in wanted}, ours, present, targets)


def offered(wanted, there, last=NOTHING):
    """What each provider may have now, by key, and who must wait."""
    result = handover(wanted, there, last)
    return {k: p.inventories for k, p in result.wanted.items()}, set(result.held_back)


# --- nobody gives


def test_without_givers_everybody_gets_what_they_want():
    wanted = [want(CARD), want(VFS, {NIC: 4}), want(PLAIN, {QAT: 1})]
    result = handover(wanted, [have(CARD), have(VFS, {NIC: 2})])
    assert list(result.wanted.values()) == wanted
    assert (result.held_back, set(result.first)) == ({}, set())


def test_use_within_what_is_offered_stops_nobody():
    there = [have(CARD), have(RED, {NIC: 3}, used=BOB), have(BLUE, {NIC: 1})]
    before = [want(RED, {NIC: 3}), want(BLUE, {NIC: 1})]
    wanted = [want(CARD), want(RED, {NIC: 3}), want(BLUE, {NIC: 2})]
    inventories, waiting = offered(wanted, there, left(before, there))
    assert (inventories[BLUE], waiting) == (amounts({NIC: 2}), set())


# --- givers go first


@pytest.mark.parametrize(
    ("wanted", "there", "first"),
    [
        pytest.param([want(RED, {NIC: 1})], have(RED, {NIC: 2}), RED, id="a smaller total"),
        pytest.param([want(CARD)], have(CARD, {QAT: 1}), CARD, id="a class that is dropped"),
        pytest.param([want(CARD, {QAT: 1})], have(CARD, {OLD: 1}), CARD, id="another class"),
        pytest.param([], have(VFS, {NIC: 4}), VFS, id="gone"),
    ],
)
def test_a_provider_that_gives_something_up_goes_first(wanted, there, first):
    assert set(handover(wanted, [there]).first) == {first}


def test_so_does_one_that_counts_as_many_devices_but_others():
    there = have(RED, {NIC: 2})
    last = left([want(RED, {NIC: 2}, at={NIC: VF[2:4]})], [there])
    assert set(handover([want(RED, {NIC: 2})], [there], last).first) == {RED}


def test_a_provider_that_gets_something_waits_for_all_givers_of_it():
    there = [have(CARD, {QAT: 1}), have(VFS, {NIC: 4}), have(PLAIN, {OLD: 1})]
    result = handover([want(CARD), want(RED, {NIC: 4}), want(PLAIN, {QAT: 1})], there)
    assert result.givers == {CARD: (), RED: (CARD, VFS), PLAIN: ()}


def test_nobody_waits_for_devices_that_it_does_not_get():
    there = [have(VFS, {NIC: 4})]
    result = handover(
        [want(RED, {NIC: 4}), want(BLUE, {NIC: 2})], there, left([want(VFS, {NIC: 4})], there)
    )
    assert result.givers == {RED: (VFS,), BLUE: ()}


# --- as many devices as claims may hold are left out


TWO_AND_TWO = [
    want(CARD),
    want(RED, {NIC: 2}),
    want(BLUE, {NIC: 2}, at={NIC: VF[2:4]}),
]


@pytest.mark.parametrize(("claims", "left_over"), [(0, 2), (1, 1), (2, 0), (4, 0)])
def test_new_providers_get_what_no_claim_of_the_old_one_may_hold(claims, left_over):
    there = [have(CARD), have(VFS, {NIC: 4}, used={"bob": {NIC: claims}} if claims else {})]
    inventories, waiting = offered(TWO_AND_TWO, there, left([want(VFS, {NIC: 4})], there))
    expected = amounts({NIC: left_over} if left_over else {})
    assert (inventories[RED], inventories[BLUE]) == (expected, expected)
    assert waiting == (set() if left_over == 2 else {RED, BLUE})


def test_it_does_not_matter_how_many_claims_there_are_on_other_devices():
    there = [have(VFS, {NIC: 4}, used={"bob": {NIC: 4}})]
    wanted = [want(BLUE, {NIC: 4})]
    inventories, waiting = offered(wanted, there, left([want(VFS, {NIC: 4})], there))
    assert (inventories[BLUE], waiting) == (amounts({NIC: 4}), set())


def test_a_provider_that_gives_some_up_keeps_as_many_as_it_wants():
    # what its claims hold of the rest is for those to wait for who get the rest
    there = [have(CARD), have(RED, {NIC: 4}, used=BOB)]
    before = [want(RED, {NIC: 4})]
    inventories, waiting = offered(TWO_AND_TWO, there, left(before, there))
    assert (inventories[RED], inventories.get(BLUE)) == (amounts({NIC: 2}), {})
    assert waiting == {BLUE}


def test_a_class_of_the_same_provider_waits_as_well():
    there = [have(CARD), have(VFS, {NIC: 4}, used={"bob": {NIC: 4}})]
    wanted = [want(CARD), want(VFS, {NIC: 3, QAT: 1})]
    inventories, waiting = offered(wanted, there, left([want(VFS, {NIC: 4})], there))
    assert inventories[VFS] == amounts({NIC: 3})
    assert waiting == {VFS}


def test_who_waits_is_told_for_whom_and_for_how_many():
    there = [have(CARD), have(VFS, {NIC: 4}, used=BOB)]
    result = handover([want(CARD, {QAT: 1}), want(RED, {NIC: 4})], there)
    assert result.held_back == {
        CARD: CLAIMS_HOLD.format(name(VFS), 1, 1, QAT),
        RED: CLAIMS_HOLD.format(name(VFS), 3, 4, NIC),
    }


def test_it_waits_for_as_long_as_the_old_one_is_drained_and_used():
    there = [have(CARD), have(VFS, {NIC: reserved(4)}, DRAINING, used=BOB)]
    assert offered([want(CARD, {QAT: 1})], there)[1] == {CARD}
    freed = [have(CARD), have(VFS, {NIC: reserved(4)}, DRAINING, used={})]
    assert offered([want(CARD, {QAT: 1})], freed)[1] == set()


def test_other_cards_do_not_wait():
    there = [have(CARD), have(VFS, {NIC: 4}, used=BOB), have(PLAIN, {OLD: 1})]
    inventories, waiting = offered([want(PLAIN, {QAT: 1})], there)
    assert (inventories[PLAIN], waiting) == (amounts({QAT: 1}), set())


# --- and as long as they last, whatever the old one counts now


def old_claims(claims: dict) -> LastPass:
    """RED counts two VFs now; some claims are from when it counted the two of BLUE."""
    there = have(RED, {NIC: 2})
    entry = Counted(addresses(*VF[:2]), addresses(*VF[2:4]), claims)
    return LastPass(providers={there.uuid: there}, ledger={InventoryKey(RED, NIC): entry})


@pytest.mark.parametrize(
    ("used", "left_over"),
    [
        pytest.param({"bob": {NIC: 2}}, {}, id="it lasts"),
        pytest.param({"bob": {NIC: 1}}, {NIC: 1}, id="it shrank"),
        pytest.param({}, {NIC: 2}, id="it ended"),
        pytest.param({"zoe": {NIC: 2}}, {NIC: 2}, id="another one took its place"),
    ],
)
def test_a_claim_of_before_keeps_devices_from_who_has_them_now(used, left_over):
    there = [have(CARD), have(RED, {NIC: 2}, used=used)]
    inventories, _ = offered(TWO_AND_TWO, there, old_claims({"bob": 2}))
    assert inventories[RED] == amounts({NIC: 2})
    assert inventories[BLUE] == amounts(left_over)


@pytest.mark.parametrize(("own", "left_over"), [(0, 1), (1, 1), (2, 2)])
def test_but_not_what_claims_on_these_hold(own, left_over):
    before = [want(RED, {NIC: 4}), want(BLUE, {NIC: 2}, at={NIC: VF[2:4]})]
    there = [
        have(CARD),
        have(RED, {NIC: 4}, used={"bob": {NIC: 1}}),
        have(BLUE, {NIC: 2}, used={"zoe": {NIC: own}} if own else {}),
    ]
    inventories, waiting = offered(TWO_AND_TWO, there, left(before, there))
    assert inventories[BLUE] == amounts({NIC: left_over})
    assert waiting == ({BLUE} if left_over < 2 else set())


@pytest.mark.parametrize(
    ("pool", "then"),
    [
        pytest.param(have(POOL, {QAT: reserved(1)}, DRAINING, used=ONE), {}, id="drained"),
        pytest.param(have(POOL, {QAT: 1}, used=ONE), {QAT: 1}, id="on offer"),
    ],
)
def test_what_is_out_of_service_is_not_offered_anew_for_being_in_use_elsewhere(pool, then):
    there = [have(VFS, {NIC: reserved(4)}, names.DRAINED, used={}), pool]
    wanted = [want(POOL, {QAT: 1}, at={QAT: [CARD]})]
    last = left([want(VFS, {NIC: 4}), *wanted], there)
    inventories, waiting = offered(wanted, there, last)
    assert (inventories[POOL], waiting) == (amounts(then), set() if then else {POOL})


# --- what nobody knows


@pytest.mark.parametrize("on_offer", [1, 2, 3])
def test_without_a_memory_what_claims_of_before_may_hold_is_not_offered(on_offer):
    # BLUE may have lost devices since its total was written
    there = [have(RED, {NIC: 3}, used={"bob": {NIC: 1}}), have(BLUE, {NIC: on_offer})]
    wanted = [want(RED, {NIC: 2}), want(BLUE, {NIC: 2}, at={NIC: VF[2:4]})]
    inventories, waiting = offered(wanted, there)
    assert inventories[BLUE] == amounts({NIC: 1})
    assert waiting == {BLUE}


@pytest.mark.parametrize("all_of_blue", [2, 3])
def test_where_nothing_is_on_its_way_what_is_on_offer_stays_and_no_more_comes(all_of_blue):
    there = [have(RED, {NIC: 2}, used={"bob": {NIC: 1}}), have(BLUE, {NIC: 2})]
    wanted = [want(RED, {NIC: 2}), want(BLUE, {NIC: all_of_blue}, at={NIC: VF[2:5]})]
    inventories, _ = offered(wanted, there)
    assert inventories == {RED: amounts({NIC: 2}), BLUE: amounts({NIC: 2})}


def test_whose_claims_nobody_remembers_are_of_before_until_they_end():
    there = have(POOL, {QAT: 1}, ID, used={"bob": {QAT: 1}})
    first, back = POOLED[:2]
    kept = want(POOL, {QAT: 1}, ID, at={QAT: [first]})
    made = plan([kept], [there])
    last = replace(left([kept], [there]), ledger=made.ledger)
    wanted = [kept, want(back, {QAT: 1}, ID)]
    assert offered(wanted, [there], last)[0][back] == {}
    freed = replace(there, consumers={})
    assert offered(wanted, [freed], last)[0][back] == amounts({QAT: 1})


@pytest.mark.parametrize(
    ("eve", "blue", "left_over"),
    [
        pytest.param(0, VF[2:4], 2, id="what nobody knows does not"),
        pytest.param(0, (VF[0], VF[3]), 1, id="nor what came for what went"),
        pytest.param(1, (VF[0], VF[3]), 1, id="what is known does"),
    ],
)
def test_devices_that_others_may_hold_are_taken_off_the_offer_only_where_that_is_known(
    eve, blue, left_over
):
    # RED gets a VF, and BLUE gives one for it; nobody knows which ones VFS counts
    before = [want(RED, {NIC: 2}), want(BLUE, {NIC: 2}, at={NIC: VF[2:4]})]
    there = [
        have(RED, {NIC: 2}, used={"eve": {NIC: eve}} if eve else {}),
        have(BLUE, {NIC: 2}),
        have(VFS, {OLD: 4}, used={"bob": {OLD: 1}}),
    ]
    wanted = [
        want(RED, {NIC: 2}, at={NIC: VF[1:3] if blue != VF[2:4] else VF[:2]}),
        want(BLUE, {NIC: 2}, at={NIC: blue}),
    ]
    inventories, _ = offered(wanted, there, left(before, there[:2]))
    assert inventories[BLUE] == amounts({NIC: left_over})


# --- pools


def pool(*addresses, key=POOL):
    return want(key, {QAT: len(addresses)}, at={QAT: addresses})


def test_of_devices_of_a_pool_in_use_each_may_be_the_one():
    wanted = [want(PLAIN, {QAT: 1}), want(CARD, {QAT: 1})]
    inventories, waiting = offered(wanted, [have(POOL, {QAT: 2}, used={"bob": {QAT: 1}})])
    assert (inventories, waiting) == ({PLAIN: {}, CARD: {}}, {PLAIN, CARD})
    freed = handover(wanted, [have(POOL, {QAT: 2}, used={})])
    assert freed.held_back == {}
    assert set(freed.givers.values()) == {(POOL,)}


def test_a_pool_waits_for_another_pool_that_counted_its_device():
    there = [have(OTHER_POOL, {QAT: 2}, used={"bob": {QAT: 2}}), have(POOL, {QAT: 1})]
    before = [pool(*POOLED[:2], key=OTHER_POOL), pool(POOLED[2])]
    wanted = [pool(*POOLED[1:3]), pool(POOLED[0], key=OTHER_POOL)]
    inventories, waiting = offered(wanted, there, left(before, there))
    assert inventories == {POOL: amounts({QAT: 1}), OTHER_POOL: amounts({QAT: 1})}
    assert waiting == {POOL}


def test_a_pool_leaves_out_the_devices_that_are_still_used_one_by_one():
    there = [have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}}), have(CARD, {QAT: 1})]
    inventories, waiting = offered([pool(PLAIN, CARD)], there)
    assert (inventories, waiting) == ({POOL: amounts({QAT: 1})}, {POOL})


def test_a_pool_does_not_wait_for_devices_that_are_none_of_its_own():
    there = [have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}})]
    inventories, waiting = offered([pool(CARD)], there)
    assert (inventories, waiting) == ({POOL: amounts({QAT: 1})}, set())


def test_a_device_out_of_service_is_in_no_pool_though_nobody_uses_it():
    there = [have(PLAIN, {QAT: reserved(1)}, names.DRAINED, used={}), have(CARD, {QAT: 1})]
    inventories, waiting = offered([pool(PLAIN, CARD)], there)
    assert (inventories, waiting) == ({POOL: amounts({QAT: 1})}, {POOL})


DRAINED_TWICE = [
    have(CARD),
    have(RED, {NIC: reserved(4)}, names.DRAINED, used={}),
    have(BLUE, {NIC: reserved(2)}, names.DRAINED, used={}),
]
ONE_MORE = [
    want(CARD),
    want(RED, {NIC: 3}, at={NIC: VF[:3]}),
    want(BLUE, {NIC: 3}, at={NIC: VF[3:6]}),
]
FOUR_AND_TWO = left([want(RED, {NIC: 4}), want(BLUE, {NIC: 2})], DRAINED_TWICE)


def test_a_device_goes_from_one_that_is_out_of_service_to_another_of_its_card():
    result = handover(ONE_MORE, DRAINED_TWICE, FOUR_AND_TWO)
    assert result.wanted[BLUE].inventories == amounts({NIC: 3})
    assert result.held_back == {}
    assert {a for a, key in result.kept.items() if key == BLUE} == addresses(VF[3])
    assert {a for a, key in result.kept.items() if key == RED} == addresses(*VF[:3])


def test_but_not_what_claims_there_may_hold():
    used = replace(DRAINED_TWICE[1], consumers={"bob": {NIC: 1}})
    result = handover(ONE_MORE, [*DRAINED_TWICE[:1], used, DRAINED_TWICE[2]], FOUR_AND_TWO)
    assert result.wanted[BLUE].inventories == amounts({NIC: 2})


def test_nor_to_one_that_is_in_service():
    there = [*DRAINED_TWICE[:2], have(BLUE, {NIC: 2}, used={})]
    result = handover(ONE_MORE, there, FOUR_AND_TWO)
    assert result.wanted[BLUE].inventories == amounts({NIC: 2})
    assert result.kept == dict.fromkeys(addresses(*VF[:4]), RED)


def test_nor_from_a_pool_which_is_taken_back_by_itself():
    there = [
        have(POOL, {QAT: reserved(1)}, names.DRAINED, used={}),
        have(PLAIN, {QAT: reserved(1)}, names.DRAINED, used={}),
    ]
    wanted = want(PLAIN, {QAT: 1})
    last = left([pool(PLAIN), wanted], there)
    result = handover([wanted], there, last)
    assert result.wanted[PLAIN].inventories == {}
    assert result.kept == dict.fromkeys(addresses(PLAIN), POOL)


# --- slots, which are no devices


def test_slots_are_not_counted_as_devices():
    both = {QAT: 1, NIC: 4, SLOT: SLOTS}
    there = have(CARD, both, used={"bob": {QAT: 1, SLOT: SLOTS}})
    result = handover([want(CARD, both)], [there])
    assert (result.held_back, set(result.first)) == ({}, set())
    assert next(iter(result.wanted.values())).inventories == amounts(both)


def test_a_card_used_without_slots_gets_no_second_kind():
    wanted = want(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS})
    there = have(CARD, {QAT: 1}, used={"bob": {QAT: 1}})
    result = handover([wanted], [there])
    assert next(iter(result.wanted.values())).inventories == amounts({QAT: 1})
    assert result.held_back == {CARD: BEFORE_EXCLUSIVE.format(name(CARD))}
    freed = handover([wanted], [have(CARD, {QAT: 1}, used={})])
    assert freed.wanted[CARD].inventories == amounts({QAT: 1, NIC: 4, SLOT: SLOTS})


def test_one_that_stays_of_one_kind_gets_its_slots_at_once():
    wanted = want(PLAIN, {QAT: 1, SLOT: SLOTS})
    result = handover([wanted], [have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}})])
    assert (next(iter(result.wanted.values())).inventories, result.held_back) == (
        amounts({QAT: 1, SLOT: SLOTS}),
        {},
    )


def test_what_is_out_of_service_under_two_classes_is_kept_back_once():
    out = have(PLAIN, {QAT: reserved(1), OLD: reserved(1)}, names.DRAINED, ID, used={})
    ledger = {InventoryKey(PLAIN, of): Counted(addresses(PLAIN)) for of in (QAT, OLD)}
    last = LastPass(providers={out.uuid: out}, ledger=ledger)
    result = handover([pool(*POOLED[:3])], [out], last)
    assert result.wanted[POOL].inventories == amounts({QAT: 2})
    assert result.kept == dict.fromkeys(addresses(PLAIN), PLAIN)
