"""What a plan is made from: what is wanted, what is there, and what of it may be changed."""

from dataclasses import replace

import pytest
from support.cloud import (
    CARD,
    ID,
    NIC,
    OLD,
    PLAIN,
    POOL,
    QAT,
    RED,
    VFS,
    have,
    left,
    observe,
    tree,
    want,
)

from pci_placement import names
from pci_placement.model import LastPass
from pci_placement.plan.compare import BELOW_FOREIGN, FOREIGN, compare, used_since, uses_unknown
from pci_placement.plan.provider import ANOTHER

FOREIGNER = {"traits": frozenset({names.trait("CUSTOM_NOVA")})}
OTHER_ID = names.id_trait("10de", "20b0")
ONCE = names.ONE_TIME_USE
NOTHING = LastPass()


def compared(wanted=(), there=(), held=(), last=NOTHING):
    keys = {provider.key for provider in wanted}
    return compare(tree(*wanted, held=held), observe(*there, keys=keys), last)


# --- whose


def test_everything_that_is_ours_may_be_changed():
    found = compared([want(PLAIN, {QAT: 1})], [have(PLAIN), have(CARD), have(VFS, **FOREIGNER)])
    assert set(found.ours) == {PLAIN, CARD}
    assert set(found.changeable) == set(found.ours)
    assert (list(found.wanted), found.blocked) == ([PLAIN], {})


def test_but_nothing_of_a_card_that_is_held():
    found = compared([], [have(PLAIN), have(CARD), have(VFS, {NIC: 4}), have(POOL)], held=[CARD])
    assert set(found.ours) == {PLAIN, CARD, VFS, POOL}
    assert set(found.changeable) == {PLAIN, POOL}
    assert found.present == ()


def test_a_foreign_provider_and_all_below_it_is_blocked():
    wanted = [want(CARD), want(VFS, {NIC: 4}), want(PLAIN, {QAT: 1})]
    found = compared(wanted, [have(CARD, **FOREIGNER), have(VFS)])
    assert found.blocked == {CARD: FOREIGN, VFS: BELOW_FOREIGN}
    assert list(found.wanted) == [PLAIN]


def test_what_is_not_wanted_any_more_is_gone():
    there = [have(PLAIN), have(CARD), have(VFS), have(RED, **FOREIGNER)]
    found = compared([want(CARD)], there, held=[PLAIN])
    assert found.gone == [VFS]


# --- another card at the same address


@pytest.mark.parametrize(
    ("before", "used", "replaced"),
    [
        pytest.param(OTHER_ID, {"bob": {QAT: 1}}, True, id="in use"),
        pytest.param(OTHER_ID, None, True, id="nobody asked"),
        pytest.param(OTHER_ID, {}, False, id="free"),
        pytest.param(ID, {"bob": {QAT: 1}}, False, id="the same card"),
    ],
)
def test_a_card_is_replaced_while_the_one_before_it_is_in_use(before, used, replaced):
    found = compared([want(PLAIN, {OLD: 1}, ID)], [have(PLAIN, {QAT: 1}, before, used=used)])
    assert bool(found.replaced) is replaced
    assert list(found.wanted) == ([] if replaced else [PLAIN])
    assert found.blocked == ({PLAIN: ANOTHER.text} if replaced else {})
    assert found.gone == []


def test_of_a_card_that_was_replaced_no_device_can_be_given_to_anybody():
    found = compared([want(PLAIN, {OLD: 1}, ID)], [have(PLAIN, {QAT: 1}, OTHER_ID)])
    assert found.targets == ()
    assert [now.leaving for now in found.present] == [True]


# --- devices for one-time use


def once(**fields):
    return want(PLAIN, {QAT: 1}, ONCE, one_time_use=True, **fields)


DEVICE = have(PLAIN, {QAT: 1}, ONCE)


def test_of_a_device_for_one_time_use_one_must_know_whether_somebody_has_it():
    assert uses_unknown(compared([once()], [DEVICE]), NOTHING) == {PLAIN}


def test_not_of_one_that_is_not_there_yet_or_may_be_used_again():
    assert uses_unknown(compared([once()]), NOTHING) == set()
    assert uses_unknown(compared([want(PLAIN, {QAT: 1})], [DEVICE]), NOTHING) == set()


def test_but_of_one_that_was_for_any_use_until_now():
    before = have(PLAIN, {QAT: 1})
    assert uses_unknown(compared([once()], [before]), left([once()], [before])) == {PLAIN}


def test_nor_while_its_generation_tells_that_nobody_claimed_it():
    found = compared([once()], [DEVICE])
    assert uses_unknown(found, left([once()], [DEVICE])) == set()
    assert uses_unknown(found, left([once()], [replace(DEVICE, generation=6)])) == {PLAIN}


@pytest.mark.parametrize(
    ("then", "had"),
    [
        pytest.param({"generation": 6}, True, id="it moved, and nothing else changed"),
        pytest.param({}, False, id="it did not move"),
        pytest.param({"generation": 6, "inventories": {}}, False, id="inventories changed"),
        pytest.param({"generation": 6, "traits": frozenset()}, False, id="traits changed"),
        pytest.param({"generation": -1}, False, id="it was never told"),
    ],
)
def test_somebody_may_have_had_it_if_its_generation_moved_for_no_other_reason(then, had):
    last = left([once()], [replace(DEVICE, **then)])
    assert used_since(DEVICE, last) is had


def test_of_what_is_not_remembered_nobody_knows():
    assert not used_since(DEVICE, NOTHING)


def test_our_own_provider_below_a_foreign_one_waits_and_is_not_gone():
    wanted = [want(CARD), want(VFS, {NIC: 4})]
    found = compared(wanted, [have(CARD, **FOREIGNER), have(VFS, {NIC: 1})])
    assert (found.changeable, found.gone, found.present) == ({}, [], ())
