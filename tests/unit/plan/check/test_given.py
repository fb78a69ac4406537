"""What the judge makes of who was given which device: those claims may hold no others."""

from dataclasses import replace

import pytest
from support.cloud import BLUE, CARD, ID, NIC, OLD, RED, VF, VFS, addresses, have, left, want
from support.judged import Case, inventories, reshape

from pci_placement.model import EnsureResourceClass, InventoryKey

W_CARD, H_CARD = want(CARD), have(CARD)
W_RED, W_BLUE = want(RED, {NIC: 4}), want(BLUE, {NIC: 4})
WANTED = [W_CARD, want(RED, {NIC: 5}, at={NIC: VF[:5]}), want(BLUE, {NIC: 3}, at={NIC: VF[5:]})]
H_RED = have(RED, {NIC: 4}, used={})
GIVES, TAKES = inventories(BLUE, {NIC: 3}), inventories(RED, {NIC: 5})


def given(last, **devices):
    return replace(last, given={who: addresses(*has) for who, has in devices.items()})


def regrouped(blue, last=None, **devices) -> Case:
    """A VF goes from the one provider of a card to the other."""
    last = last or left([W_CARD, W_RED, W_BLUE], [H_CARD, H_RED, blue])
    return Case([GIVES, TAKES], WANTED, [H_CARD, H_RED, blue], last=given(last, **devices))


def blue(**used: int):
    return have(BLUE, {NIC: 4}, used={who: {NIC: amount} for who, amount in used.items()})


@pytest.mark.parametrize(
    ("devices", "broken"),
    [
        ({}, {f"claimed {RED}"}),
        ({"a": [VF[5]]}, set()),
        ({"a": [VF[4]]}, {f"claimed {RED}"}),
        ({"a": VF[5:7]}, {f"claimed {RED}"}),  # more than it has claimed: of some other time
        ({"b": [VF[5]]}, {f"claimed {RED}"}),
        ({"a": ["0000:3b:00.0"]}, {f"claimed {RED}"}),
    ],
)
def test_a_known_claim_is_in_the_way_of_its_own_device_alone(devices, broken):
    assert regrouped(blue(a=1), **devices).broken() == broken


def test_another_claim_may_hold_any():
    assert regrouped(blue(a=1, b=1), a=[VF[5]]).broken() == {f"claimed {RED}"}
    assert regrouped(blue(a=1, b=1), a=[VF[5]], b=[VF[6]]).broken() == set()


@pytest.mark.parametrize(
    ("device", "consumers", "broken"),
    [
        (VF[5], None, set()),
        (VF[4], None, {f"asked {BLUE}"}),
        (VF[5], {"a": {NIC: 1}}, set()),
        (VF[4], {"a": {NIC: 1}}, {f"claimed {RED}"}),
    ],
)
def test_so_may_one_of_before_whom_nobody_asked(device, broken, consumers):
    there = have(BLUE, {NIC: 3}, used=consumers)
    last = left([W_CARD, W_RED, want(BLUE, {NIC: 3}, at={NIC: VF[5:]})], [H_CARD, H_RED, there])
    place = InventoryKey(BLUE, NIC)
    old = replace(last.ledger[place], old_devices=addresses(*VF[4:]), old_claims={"a": 1})
    last = given(replace(last, ledger={**last.ledger, place: old}), a=[device])
    case = Case([TAKES], WANTED, [H_CARD, H_RED, there], last=last)
    assert case.broken() == broken


def test_a_claim_of_now_is_not_one_of_before():
    there = have(BLUE, {NIC: 3}, used={"a": {NIC: 1}})
    last = left([W_CARD, W_RED, want(BLUE, {NIC: 3}, at={NIC: VF[5:]})], [H_CARD, H_RED, there])
    case = Case([TAKES], WANTED, [H_CARD, H_RED, there], last=given(last, a=[VF[5]]))
    assert case.broken() == set()


@pytest.mark.parametrize(
    ("devices", "broken"),
    [
        ({"a": [VF[0]], "b": [VF[1]]}, set()),
        ({"a": [VF[0]]}, {f"moves {VFS}"}),
        ({"a": [VF[0]], "b": [VF[2]]}, {f"moves {VFS}"}),
        ({}, {f"moves {VFS}"}),
    ],
)
def test_claims_move_where_all_that_they_hold_is_counted(devices, broken):
    there = have(VFS, {NIC: 4}, ID, used={"a": {NIC: 1}, "b": {NIC: 1}})
    last = left([W_CARD, want(VFS, {NIC: 4}, ID)], [H_CARD, there])
    wanted = [W_CARD, want(VFS, {OLD: 2, NIC: 2}, ID)]
    move = reshape([(VFS, NIC, VFS, OLD)], {VFS: {OLD: 2, NIC: 2}}, "a", "b")
    actions = [EnsureResourceClass(OLD), move]
    case = Case(actions, wanted, [H_CARD, there], last=given(last, **devices))
    assert case.broken() == broken
