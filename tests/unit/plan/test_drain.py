"""An operator's word about a device, where the lists say something else meanwhile."""

import pytest
from support.build import snapshot, vfs
from support.cloud import (
    CARD,
    DRAINING,
    ID,
    MARK,
    NIC,
    OLD,
    PLAIN,
    POOL,
    QAT,
    VFS,
    address,
    amounts,
    have,
    observe,
    reserved,
    the,
    tree,
    want,
)

from pci_placement import names
from pci_placement.errors import RequestError
from pci_placement.model import Drain, SetTraits, Snapshot, Undrain
from pci_placement.plan.drain import NOT_THERE, ONE_OF_A_POOL, ONE_OF_THE_VFS, drain_plan

DRAINED, ONCE = names.DRAINED, names.ONE_TIME_USE
OTHER_ID = names.id_trait("8086", "ffff")
OUT = have(PLAIN, {QAT: reserved(1)}, DRAINED, ID, used={})


def taken_back(there, *wanted, card=PLAIN):
    seen = observe(there, keys=[PLAIN, CARD, VFS])
    return drain_plan(tree(*wanted), seen, Snapshot(()), address(card), drained=False)


def test_what_is_listed_is_offered_at_once():
    made = the(Undrain, taken_back(OUT, want(PLAIN, {QAT: 1}, ID)))
    assert (made.inventories, made.traits) == (amounts({QAT: 1}), {MARK, ID})


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param([], id="on no list"),
        pytest.param([want(PLAIN, {OLD: 1}, ID)], id="under another class"),
        pytest.param([want(PLAIN, {QAT: 1}, OTHER_ID)], id="another card"),
    ],
)
@pytest.mark.parametrize("traits", [(DRAINED,), (ONCE,), (DRAINED, DRAINING), ()])
def test_what_is_not_is_left_to_the_next_pass(wanted, traits):
    there = have(PLAIN, {QAT: reserved(1)}, ID, *traits, used={})
    assert the(SetTraits, taken_back(there, *wanted)).traits == {MARK, ID, DRAINING}


def test_what_we_drain_already_stays_so():
    assert taken_back(have(PLAIN, {QAT: reserved(1)}, ID, DRAINING, used={})).actions == ()


def test_of_fewer_vfs_as_many_are_offered_as_there_are():
    there = have(VFS, {NIC: reserved(4)}, DRAINED, used={})
    made = the(Undrain, taken_back(there, want(CARD), want(VFS, {NIC: 2}), card=CARD))
    assert made.inventories == amounts({NIC: 2})


@pytest.mark.parametrize(("traits", "after"), [((), None), ((DRAINED,), {MARK})])
def test_what_is_on_offer_and_on_no_list_is_for_the_next_pass_too(traits, after):
    made = taken_back(have(PLAIN, {QAT: 1}, *traits, used={}))
    assert [action.traits for action in made.actions] == ([after] if after else [])


@pytest.mark.parametrize("drained", [True, False], ids=["out", "back"])
def test_a_vf_alone_is_refused_with_the_address_of_its_pf(drained):
    (one,) = vfs(1)
    there = observe(have(VFS, {NIC: 1}, used={}), keys=[VFS])
    with pytest.raises(RequestError) as refused:
        drain_plan(tree(want(VFS, {NIC: 1})), there, snapshot(one), one.address, drained)
    assert str(refused.value) == ONE_OF_THE_VFS.format(one.address, CARD)


def taken_out(there, *wanted):
    return drain_plan(tree(*wanted), observe(there), Snapshot(()), address(PLAIN), drained=True)


def test_what_is_taken_out_is_reserved_and_those_who_use_it_are_named():
    used = {"bob": {QAT: 1}}
    made = the(Drain, taken_out(have(PLAIN, {QAT: 1}, ID, used=used), want(PLAIN, {QAT: 1}, ID)))
    assert (made.inventories, made.traits) == ({QAT: reserved(1)}, {MARK, ID, DRAINED})
    assert made.consumers == used


def test_what_is_on_no_list_can_be_taken_out_too():
    made = the(Drain, taken_out(have(PLAIN, {QAT: 1}, ID, used={})))
    assert made.inventories == {QAT: reserved(1)}


@pytest.mark.parametrize("word", [taken_out, taken_back])
def test_the_same_word_again_changes_nothing(word):
    there = OUT if word is taken_out else have(PLAIN, {QAT: 1}, ID, used={})
    assert word(there, want(PLAIN, {QAT: 1}, ID)).actions == ()


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ([want(POOL, {QAT: 2})], ONE_OF_A_POOL.format(PLAIN, POOL)),
        ([], NOT_THERE.format(PLAIN, PLAIN)),
    ],
    ids=["one of a pool", "nothing"],
)
def test_what_cannot_be_drained_by_itself_is_refused(wanted, why):
    with pytest.raises(RequestError) as refused:
        taken_out(have(CARD, {NIC: 1}, used={}), *wanted)
    assert str(refused.value) == why
