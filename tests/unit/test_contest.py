"""A card gives before it takes, and takes nothing while something that it gave is in use."""

import pytest
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    NIC,
    OLD,
    OTHER_POOL,
    PLAIN,
    POOL,
    QAT,
    RED,
    SLOT,
    SLOTS,
    VFS,
    amounts,
    counting,
    have,
    name,
    reserved,
    uuid,
    want,
)
from support.placements import ROOT

from pci_placement.contest import STILL_USED, in_question, settle
from pci_placement.shape import Wanted

BOB = {"bob": {NIC: 3}}


def bind(wanted):
    return [Wanted.bind(provider, ROOT) for provider in wanted]


def keys_of(there):
    known = {uuid(key): key for key in (PLAIN, CARD, VFS, RED, BLUE, POOL, OTHER_POOL)}
    return {have.uuid: known[have.uuid] for have in there}


def settled(wanted, there):
    return settle(bind(wanted), there, keys_of(there))


def offered(wanted, there):
    """What each provider may have now, by key, and who must wait."""
    result = settled(wanted, there)
    return {w.provider.key: w.provider.inventories for w in result.wanted}, set(result.withheld)


# --- nobody gives


def test_without_givers_everybody_gets_what_they_want():
    wanted = [want(CARD), want(VFS, {NIC: 4}), want(PLAIN, {QAT: 1})]
    result = settled(wanted, [have(CARD), have(VFS, {NIC: 2})])
    assert result.wanted == tuple(bind(wanted))
    assert (result.withheld, set(result.first)) == ({}, set())


def test_use_within_what_is_offered_stops_nobody():
    there = [have(CARD), have(RED, {NIC: 3}, used=BOB), have(BLUE, {NIC: 1})]
    wanted = [want(CARD), want(RED, {NIC: 3}), want(BLUE, {NIC: 2})]
    assert offered(wanted, there)[1] == set()


# --- givers go first


@pytest.mark.parametrize(
    ("wanted", "there", "first"),
    [
        pytest.param([want(RED, {NIC: 1})], have(RED, {NIC: 2}), RED, id="a smaller total"),
        pytest.param([want(CARD)], have(CARD, {QAT: 1}), CARD, id="a class that is dropped"),
        pytest.param([want(CARD, {QAT: 1})], have(CARD, {OLD: 1}), CARD, id="another class"),
        pytest.param([], have(VFS, {NIC: 4}), VFS, id="gone"),
        pytest.param([want(RED, {NIC: 2})], have(RED, {NIC: 2}, used=BOB), RED, id="overused"),
    ],
)
def test_a_provider_that_gives_something_up_goes_first(wanted, there, first):
    assert set(settled(wanted, [there]).first) == {uuid(first)}


def test_a_provider_that_gets_something_waits_for_all_givers_of_its_card():
    there = [have(CARD, {QAT: 1}), have(VFS, {NIC: 4}), have(PLAIN, {OLD: 1})]
    result = settled([want(CARD), want(RED, {NIC: 4}), want(PLAIN, {QAT: 1})], there)
    waits = {wanted.provider.key: wanted.only_after for wanted in result.wanted}
    assert waits[RED] == tuple(sorted((uuid(CARD), uuid(VFS))))
    assert waits[CARD] == (uuid(VFS),)
    assert waits[PLAIN] == ()


# --- and while what they gave is in use nobody else gets anything


def test_a_new_provider_gets_nothing_while_a_sibling_is_overused():
    there = [have(CARD), have(VFS, {NIC: 4}, used=BOB)]
    wanted = [want(CARD), want(RED, {NIC: 2}), want(BLUE, {NIC: 2})]
    inventories, waiting = offered(wanted, there)
    assert (inventories[RED], inventories[BLUE]) == ({}, {})
    assert waiting == {name(RED), name(BLUE)}


def test_a_provider_keeps_what_it_has():
    there = [have(CARD), have(RED, {NIC: 3}, used=BOB), have(BLUE, {NIC: 1})]
    wanted = [want(CARD), want(RED, {NIC: 2}), want(BLUE, {NIC: 2, QAT: 1})]
    inventories, waiting = offered(wanted, there)
    assert inventories[BLUE] == amounts({NIC: 1})
    assert waiting == {name(BLUE)}


def test_a_provider_may_still_give_while_it_waits():
    there = [have(CARD), have(RED, {NIC: 3}, used=BOB), have(BLUE, {NIC: 3})]
    inventories, waiting = offered([want(CARD), want(RED, {NIC: 2}), want(BLUE, {NIC: 2})], there)
    assert inventories[BLUE] == amounts({NIC: 2})
    assert waiting == set()


def test_a_class_of_the_same_provider_waits_as_well():
    there = [have(CARD), have(VFS, {NIC: 4}, used={"bob": {NIC: 4}})]
    inventories, waiting = offered([want(CARD), want(VFS, {NIC: 3, QAT: 1})], there)
    assert inventories[VFS] == amounts({NIC: 3})
    assert waiting == {name(VFS)}


def test_who_waits_is_told_for_whom():
    there = [have(CARD), have(VFS, {NIC: 4}, used=BOB)]
    result = settled([want(CARD, {QAT: 1})], there)
    assert result.withheld == {name(CARD): STILL_USED.format(name(VFS))}


def test_it_waits_for_as_long_as_the_rival_is_drained():
    there = [have(CARD), have(VFS, {NIC: reserved(4)}, DRAINING, used=BOB)]
    assert offered([want(CARD, {QAT: 1})], there)[1] == {name(CARD)}
    freed = [have(CARD), have(VFS, {NIC: reserved(4)}, DRAINING, used={})]
    assert offered([want(CARD, {QAT: 1})], freed)[1] == set()


def test_other_cards_do_not_wait():
    there = [have(CARD), have(VFS, {NIC: 4}, used=BOB), have(PLAIN, {OLD: 1})]
    inventories, waiting = offered([want(PLAIN, {QAT: 1})], there)
    assert (inventories[PLAIN], waiting) == (amounts({QAT: 1}), set())


# --- pools, of which nobody knows which devices they count


def pool(count, *addresses, key=POOL):
    return counting(want(key, {QAT: count}), QAT, *addresses)


def test_devices_wait_until_the_pool_that_may_count_them_is_free():
    wanted = [want(PLAIN, {QAT: 1}), want(CARD, {QAT: 1})]
    inventories, waiting = offered(wanted, [have(POOL, {QAT: 2}, used={"bob": {QAT: 1}})])
    assert (inventories, waiting) == ({PLAIN: {}, CARD: {}}, {name(PLAIN), name(CARD)})
    freed = settled(wanted, [have(POOL, {QAT: 2}, used={})])
    assert freed.withheld == {}
    assert {w.only_after for w in freed.wanted} == {(uuid(POOL),)}


def test_a_pool_waits_for_another_pool_that_may_have_counted_its_devices():
    there = [have(OTHER_POOL, {QAT: 2}, used={"bob": {QAT: 2}}), have(POOL, {QAT: 1})]
    wanted = [pool(2, PLAIN), pool(1, CARD, key=OTHER_POOL)]
    inventories, waiting = offered(wanted, there)
    assert inventories == {POOL: amounts({QAT: 1}), OTHER_POOL: amounts({QAT: 1})}
    assert waiting == {name(POOL)}


def test_a_pool_leaves_out_the_devices_that_are_still_used_one_by_one():
    there = [have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}}), have(CARD, {QAT: 1})]
    inventories, waiting = offered([pool(2, PLAIN, CARD)], there)
    assert (inventories, waiting) == ({POOL: amounts({QAT: 1})}, {name(POOL)})


def test_a_pool_does_not_wait_for_devices_that_are_none_of_its_own():
    there = [have(PLAIN, {QAT: 1}, used={"bob": {QAT: 1}})]
    inventories, waiting = offered([pool(1, CARD)], there)
    assert (inventories, waiting) == ({POOL: amounts({QAT: 1})}, set())


# --- slots, which are no devices


def test_slots_are_not_counted_as_devices():
    there = have(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS}, used={"bob": {QAT: 1, SLOT: SLOTS}})
    result = settled([want(CARD, {QAT: 1, NIC: 4})], [there])
    assert (result.withheld, set(result.first)) == ({}, set())


# --- whom to ask


def asked(wanted, there):
    return in_question(bind(wanted), there, keys_of(there))


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        pytest.param([], have(VFS, {NIC: 4}), id="gone"),
        pytest.param([want(VFS, {NIC: 3})], have(VFS, {NIC: 4}), id="less"),
        pytest.param([want(VFS, {QAT: 4})], have(VFS, {NIC: 4}), id="another class"),
        pytest.param([want(CARD, {QAT: 1}), want(VFS, {NIC: 4})], have(VFS, {NIC: 4}), id="card"),
        pytest.param([want(VFS, {NIC: 4}), want(RED, {NIC: 1})], have(VFS, {NIC: 4}), id="new"),
        pytest.param([pool(1), want(PLAIN, {QAT: 1})], have(POOL, {QAT: 1}), id="pool"),
        pytest.param([pool(1, PLAIN), want(PLAIN, {QAT: 1})], have(PLAIN, {QAT: 1}), id="into"),
    ],
)
def test_a_provider_is_in_question_where_it_gives_or_a_sibling_gains(wanted, there):
    assert there.uuid in asked(wanted, [there])


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        pytest.param([], have(CARD), id="it has nothing"),
        pytest.param([want(CARD), want(RED, {NIC: 1})], have(CARD), id="nothing, a sibling gains"),
        pytest.param([want(VFS, {NIC: 4})], have(VFS, {NIC: 4}), id="no change"),
        pytest.param([want(VFS, {NIC: 4})], have(VFS, {NIC: reserved(4)}), id="reserved by hand"),
        pytest.param([want(VFS, {NIC: 4}), want(PLAIN, {QAT: 1})], have(VFS, {NIC: 4}), id="card"),
    ],
)
def test_nobody_is_in_question_otherwise(wanted, there):
    assert asked(wanted, [there]) == set()
