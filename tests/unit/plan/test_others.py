"""What is nova's on ours, known by its mark and by what the last pass left."""

from dataclasses import replace

import pytest
from support.cloud import (
    OLD,
    PLAIN,
    QAT,
    SLOT,
    amounts,
    have,
    left,
    name,
    observe,
    tree,
    uuid,
    want,
)

from pci_placement import names
from pci_placement.model import Begun, Counted, InventoryKey, LastPass
from pci_placement.plan.others import NOVA_ADDS, others, set_apart, tell_others

SLICE = names.resource_class("SLICE")
NOVAS = names.OWNER_NOVA
WANTED = [want(PLAIN, {QAT: 1})]
LAST = left(WANTED, [have(PLAIN, {QAT: 1})])
BOTH = have(PLAIN, {QAT: 1, SLICE: 4}, NOVAS)


def apart(there, last=LAST, wanted=WANTED):
    tree_apart = set_apart(tree(*wanted), observe(there, keys={PLAIN}), last)
    return tree_apart.providers[uuid(PLAIN)]


def test_what_is_not_of_our_making_is_apart():
    found = apart(BOTH)
    assert (set(found.inventories), found.others) == ({QAT}, amounts({SLICE: 4}))


@pytest.mark.parametrize(
    ("there", "last"),
    [
        pytest.param(have(PLAIN, {QAT: 1, SLICE: 4}), LAST, id="nova does not say it is its own"),
        pytest.param(BOTH, LastPass(), id="nobody remembers which are ours"),
        pytest.param(
            BOTH, left(WANTED, [have(PLAIN, {QAT: 1, SLICE: 4})]), id="the last pass left it"
        ),
        pytest.param(
            BOTH,
            replace(LAST, begun={InventoryKey(PLAIN, SLICE): Begun(4, Counted(frozenset()))}),
            id="a pass was about to write it",
        ),
    ],
)
def test_all_else_is_ours(there, last):
    assert apart(there, last) == there


@pytest.mark.parametrize("name", [QAT, SLOT])
def test_what_we_want_now_and_slots_are_ours(name):
    there = have(PLAIN, {OLD: 1, name: 1}, NOVAS)
    last = left(WANTED, [have(PLAIN, {OLD: 1})])
    assert apart(there, last).others == {}


def test_what_was_apart_stays_so_and_comes_back_when_it_is_novas_no_more():
    before = apart(BOTH)
    last = replace(LAST, providers={before.uuid: before})
    assert apart(before, last) == before
    back = apart(replace(before, traits=before.traits - {NOVAS}), last)
    assert (set(back.inventories), back.others) == ({QAT, SLICE}, {})


def test_it_is_told_and_written_along():
    seen = set_apart(tree(*WANTED), observe(BOTH, keys={PLAIN}), LAST)
    assert others(seen) == {uuid(PLAIN): amounts({SLICE: 4})}
    (warning,) = tell_others(seen)
    assert warning.problem == NOVA_ADDS.format(SLICE, name(PLAIN))
    plain = set_apart(tree(*WANTED), observe(have(PLAIN, {QAT: 1}), keys={PLAIN}), LAST)
    assert (others(plain), list(tell_others(plain))) == ({}, [])
