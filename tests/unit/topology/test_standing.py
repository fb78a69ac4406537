"""What Placement counts, as states of devices."""

from dataclasses import replace

import pytest
from support.cloud import (
    CARD,
    MARK,
    NIC,
    PLAIN,
    QAT,
    SLOT,
    SLOTS,
    VF,
    VFS,
    address,
    have,
    uuid,
    want,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.mapping.claims import counted
from pci_placement.model import Inventory, ObservedTree, ProviderTree
from pci_placement.plan.reservations import OUT_OF_SERVICE
from pci_placement.topology.standing import PARTLY_RESERVED, Use, standings

DRAINED = names.DRAINED


def states(*providers, wanted, given=None) -> str:
    """The first letter of the state of each VF that has one."""
    found = said(*providers, wanted=wanted, given=given)
    return "".join(found[address(vf)].state[0] for vf in VF if address(vf) in found)


def said(*providers, wanted, given=None) -> dict:
    tree = ProviderTree(tuple(wanted))
    keys = {uuid(p.key): p.key for p in wanted}
    observed = ObservedTree(ROOT, (), {p.uuid: p for p in providers}, keys)
    return standings(Use(observed, counted(tree), given or {}), tree)


def vfs(used: int = 0, reserved: int = 0, total: int = 4, *traits):
    """A provider of VFs in Placement; who uses some is alice."""
    consumers = {"alice": {NIC: used}} if used else {}
    return replace(
        have(VFS, {NIC: Inventory(total, reserved, max_unit=total)}, *traits), consumers=consumers
    )


FOUR = [want(VFS, {NIC: 4})]


@pytest.mark.parametrize(
    ("used", "reserved", "total", "told"),
    [
        (0, 0, 4, "ffff"),
        (1, 0, 4, "ufff"),
        (1, 2, 4, "uddf"),
        (1, 4, 4, "uddd"),
        (6, 0, 4, "uuuu"),
        (1, 0, 3, "uffo"),
        (3, 1, 2, "uuuo"),
    ],
)
def test_used_ones_come_first_and_then_those_that_nobody_gets(used, reserved, total, told):
    assert states(vfs(used, reserved, total), wanted=FOUR) == told


def test_which_is_used_is_drawn_where_it_is_known():
    given = {"alice": frozenset([address(VF[2])]), "bob": frozenset([address(VF[3])])}
    assert states(vfs(1), wanted=FOUR, given=given) == "ffuf"


def test_why_nobody_gets_it_is_told():
    found = said(vfs(0, 4, 4, MARK, DRAINED), wanted=FOUR)
    assert {s.note for s in found.values()} == {OUT_OF_SERVICE}
    found = said(vfs(0, 1), wanted=FOUR)
    assert {s.note for s in found.values()} == {PARTLY_RESERVED.format(1)}


def test_of_what_is_not_in_placement_or_not_ours_nothing_is_told():
    assert said(wanted=FOUR) == {}
    stranger = replace(vfs(), traits=frozenset({names.trait("HW_NIC_SRIOV")}))
    assert said(stranger, wanted=FOUR) == {}
    assert said(have(VFS, {QAT: 4}), wanted=FOUR) == {}


BOTH = [want(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS}, at={QAT: [CARD], NIC: VF[:4]})]


@pytest.mark.parametrize(
    ("held", "told", "card"),
    [
        ({}, "ffff", "free"),
        ({NIC: 1, SLOT: 1}, "ufff", "drained"),
        ({QAT: 1, SLOT: SLOTS}, "dddd", "used"),
    ],
)
def test_whole_or_by_its_vfs_only_what_is_left_of_a_card_is_free(held, told, card):
    there = have(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS})
    there = replace(there, consumers={"alice": held} if held else {})
    assert states(there, wanted=BOTH) == told
    assert said(there, wanted=BOTH)[address(CARD)].state == card


def test_a_device_counted_twice_is_what_weighs_most():
    two = [want(PLAIN, {QAT: 1}), want(VFS, {NIC: 1}, at={NIC: [PLAIN]})]
    used = replace(have(PLAIN, {QAT: 1}), consumers={"alice": {QAT: 1}})
    for order in ((used, have(VFS, {NIC: 1})), (have(VFS, {NIC: 1}), used)):
        assert said(*order, wanted=two)[address(PLAIN)].state == "used"
