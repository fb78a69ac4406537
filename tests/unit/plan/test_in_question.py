"""Who uses a provider is asked where the plan depends on it, and nowhere else."""

from dataclasses import replace

import pytest
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    NIC,
    PLAIN,
    POOL,
    POOLED,
    QAT,
    RED,
    VF,
    VFS,
    addresses,
    by_key,
    have,
    left,
    plan,
    reserved,
    want,
)

from pci_placement.model import Counted, InventoryKey, LastPass
from pci_placement.plan.counting import observed_inventories
from pci_placement.plan.in_question import in_question
from pci_placement.plan.inventories import wanted_inventories

KEYS = (PLAIN, CARD, VFS, RED, BLUE, POOL, *POOLED)
ONE_A_POOL = want(POOL, {QAT: 1}, at={QAT: [PLAIN]})


def asked(wanted, there, last=None):
    ours, targets = by_key(there, KEYS), wanted_inventories(wanted)
    return in_question(observed_inventories(ours, targets, last or LastPass()), targets, ours)


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        pytest.param([], have(VFS, {NIC: 4}), id="gone"),
        pytest.param([want(VFS, {NIC: 3})], have(VFS, {NIC: 4}), id="less"),
        pytest.param([want(VFS, {QAT: 4})], have(VFS, {NIC: 4}), id="another class"),
        pytest.param([want(CARD, {QAT: 1})], have(VFS, {NIC: 4}), id="its card is taken whole"),
        pytest.param([want(RED, {NIC: 4})], have(VFS, {NIC: 4}), id="a sibling gets all"),
        pytest.param([ONE_A_POOL], have(PLAIN, {QAT: 1}), id="a pool gets it"),
        pytest.param(
            [want(VFS, {NIC: 4})], have(VFS, {NIC: reserved(4)}, DRAINING), id="it is drained"
        ),
    ],
)
def test_one_must_know_who_uses_what_gives_something_up(wanted, there):
    assert asked(wanted, [there]) == set(by_key([there], KEYS))


def test_and_who_uses_what_gets_that():
    there = [have(RED, {NIC: 2}), have(BLUE, {NIC: 2}), have(CARD)]
    last = left([want(RED, {NIC: 2}), want(BLUE, {NIC: 2})], there)
    wanted = [want(CARD), want(RED, {NIC: 1}), want(BLUE, {NIC: 3}, at={NIC: (VF[1], *VF[4:6])})]
    assert asked(wanted, there, last) == {RED, BLUE}


@pytest.mark.parametrize(
    ("blue", "waited_for"),
    [
        pytest.param([], {RED}, id="of which none is there yet"),
        pytest.param([have(BLUE, {NIC: 1})], {RED, BLUE}, id="of which one is there"),
        pytest.param([have(BLUE, {NIC: 2})], {RED, BLUE}, id="all of which are there"),
    ],
)
def test_claims_of_before_are_in_question_where_somebody_else_is_to_count_theirs(blue, waited_for):
    there = [have(RED, {NIC: 2}), *blue]
    counted = Counted(addresses(*VF[:2]), addresses(*VF[2:4]), {"bob": 2})
    ledger = {(RED, NIC): counted, (BLUE, NIC): Counted(addresses(*VF[2:4]))}
    last = LastPass(
        providers={p.uuid: p for p in there},
        ledger={InventoryKey(*place): each for place, each in ledger.items()},
    )
    wanted = [want(CARD), want(RED, {NIC: 2}), want(BLUE, {NIC: 2}, at={NIC: VF[2:4]})]
    assert asked(wanted, there, last) == waited_for


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        pytest.param([], have(CARD), id="it has nothing"),
        pytest.param([want(CARD), want(RED, {NIC: 1})], have(CARD), id="nothing, a sibling gains"),
        pytest.param([want(VFS, {NIC: 4})], have(VFS, {NIC: 4}), id="no change"),
        pytest.param([want(VFS, {NIC: 4})], have(VFS, {NIC: 2}), id="it only gains"),
        pytest.param([want(VFS, {NIC: 4})], have(VFS, {NIC: reserved(4)}), id="reserved by hand"),
        pytest.param([want(VFS, {NIC: 4}), want(PLAIN, {QAT: 1})], have(VFS, {NIC: 4}), id="card"),
    ],
)
def test_nobody_is_in_question_otherwise(wanted, there):
    vfs = want(VFS, {name: i.total for name, i in there.inventories.items()})
    assert asked(wanted, [there], left([vfs], [there])) == set()


def test_one_must_know_who_uses_what_nobody_remembers():
    there = [have(VFS, {NIC: 4}), have(PLAIN, {QAT: 1})]
    assert asked([want(VFS, {NIC: 4}), want(PLAIN, {QAT: 1})], there) == {VFS}


def test_and_whose_claims_of_before_may_hold_that():
    there = [have(RED, {NIC: 2}), have(BLUE, {NIC: 2})]
    counted = Counted(addresses(*VF[:2]), addresses(*VF[2:4]), {"bob": 2})
    last = LastPass(providers={there[0].uuid: there[0]}, ledger={InventoryKey(RED, NIC): counted})
    wanted = [want(CARD), want(RED, {NIC: 2}), want(BLUE, {NIC: 2}, at={NIC: VF[2:4]})]
    assert asked(wanted, there, last) == {RED, BLUE}


def test_and_what_keeps_short_what_gives_up_one_more():
    there = [have(RED, {NIC: 2}), have(BLUE, {NIC: 2})]
    ledger = {
        InventoryKey(RED, NIC): Counted(addresses(*VF[:2]), addresses(*VF[2:4]), {"bob": 1}),
        InventoryKey(BLUE, NIC): Counted(addresses(*VF[2:5])),
    }
    last = LastPass(providers={p.uuid: p for p in there}, ledger=ledger)
    wanted = [want(CARD), want(RED, {NIC: 2}), want(BLUE, {NIC: 2}, at={NIC: VF[2:4]})]
    assert asked(wanted, there, last) == {RED, BLUE}


def test_but_once_that_was_asked_it_is_remembered():
    there = have(VFS, {NIC: 4}, used={"bob": {NIC: 1}})
    wanted = [want(CARD), want(VFS, {NIC: 4})]
    made = plan(wanted, [have(CARD), there])
    last = replace(left(wanted, [have(CARD), there]), ledger=made.ledger)
    assert asked(wanted, [have(CARD), replace(there, consumers=None)], last) == set()


def test_one_must_know_who_uses_what_an_inventory_may_count_that_names_nothing():
    there = [have(RED, {NIC: 2}), have(BLUE, {NIC: 2})]
    unnamed = {InventoryKey(RED, NIC): Counted(frozenset(), sure=False)}
    last = LastPass(providers={p.uuid: p for p in there}, ledger=unnamed)
    assert asked([want(CARD), want(BLUE, {NIC: 2})], there, last) == {RED, BLUE}
