"""Of whom it is written down which devices they have, those may hold no others."""

from dataclasses import replace

import pytest
from support.cloud import (
    CARD,
    ID,
    NIC,
    OLD,
    VF,
    VFS,
    addresses,
    by_key,
    have,
    left,
    observe,
    tree,
    want,
)

from pci_placement.model import Move
from pci_placement.plan.counting import observed_inventories
from pci_placement.plan.inventories import wanted_inventories
from pci_placement.plan.moves import find_moves
from pci_placement.plan.planner import make_plan

BEFORE = want(VFS, {NIC: 4}, ID)
AFTER = want(VFS, {OLD: 2, NIC: 2}, ID)
"""The first two VFs get a class of their own."""
FOLLOWS = Move(VFS, NIC, VFS, OLD)


def seen(used: dict, given: dict):
    """The VFs as the last pass left them, with who claimed how many, and who was given which."""
    there = have(VFS, {NIC: 4}, ID, used=used)
    last = left([want(CARD), BEFORE], [have(CARD), there])
    return there, replace(last, given={who: addresses(*has) for who, has in given.items()})


def moves(used: dict, given: dict) -> list[Move]:
    there, last = seen(used, given)
    ours, targets = by_key([there], [VFS]), wanted_inventories([AFTER])
    present = observed_inventories(ours, targets, last)
    return list(find_moves(present, targets, {VFS: AFTER}, ours))


def totals(used: dict, given: dict) -> dict:
    """How much of each class is offered after a pass."""
    there, last = seen(used, given)
    desired = tree(want(CARD), AFTER)
    plan = make_plan(desired, observe(have(CARD, used={}), there, keys=[CARD, VFS]), last)
    *_, action = plan.actions
    found = action.inventories[there.uuid] if hasattr(action, "moves") else action.inventories
    return {name: inventory.total for name, inventory in found.items()}


ONE, OTHER = {"bob": {NIC: 1}}, {"bob": {NIC: 1}, "eve": {NIC: 1}}


def test_a_claim_follows_the_device_that_it_is_known_to_hold():
    assert moves(ONE, {"bob": [VF[1]]}) == [FOLLOWS]
    assert totals(ONE, {"bob": [VF[1]]}) == {NIC: 2, OLD: 2}


def test_all_follow_where_all_are_known():
    assert moves(OTHER, {"bob": [VF[1]], "eve": [VF[0]]}) == [FOLLOWS]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"bob": [VF[1]]},  # and of the other one nobody knows
        {"bob": [VF[1]], "eve": [VF[2]]},
        {"bob": VF[:2], "eve": [VF[0]]},  # more than is claimed: it is of some other time
    ],
)
def test_otherwise_none_of_them_does(given):
    assert moves(OTHER, given) == []


def test_what_is_in_the_way_is_the_device_alone():
    assert totals(OTHER, {"bob": [VF[2]], "eve": [VF[3]]}) == {NIC: 2, OLD: 2}
    assert totals(OTHER, {"bob": [VF[2]], "eve": [VF[0]]}) == {NIC: 2, OLD: 1}
    assert totals(OTHER, {"bob": [VF[2]]}) == totals(OTHER, {}) == {NIC: 2}


def test_a_device_of_another_provider_says_nothing_of_a_claim():
    assert moves(ONE, {"bob": ["0000:3b:00.0"]}) == []


def test_that_nobody_claims_tells_nothing():
    there, last = seen({}, {"bob": [VF[1]]})
    targets = wanted_inventories([AFTER])
    (now,) = observed_inventories(by_key([there], [VFS]), targets, last)
    assert not now.told


def test_what_is_offered_does_not_become_less_when_one_of_them_ends():
    there, last = seen(OTHER, {"bob": [VF[2]], "eve": [VF[0]]})
    desired = tree(want(CARD), AFTER)
    plan = make_plan(desired, observe(have(CARD, used={}), there, keys=[CARD, VFS]), last)
    left_then = have(VFS, {NIC: 2, OLD: 1}, ID)  # whom nobody asks now who uses it
    providers = {**last.providers, left_then.uuid: left_then}
    forgotten = replace(last, ledger=plan.ledger, providers=providers, given={})
    seen_then = observe(have(CARD, used={}), left_then, keys=[CARD, VFS])
    (action,) = make_plan(desired, seen_then, forgotten).actions or (None,)
    assert action is None
