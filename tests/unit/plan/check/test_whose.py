"""Nothing is changed that is not ours or is held, everything stands in its place and is named."""

from dataclasses import replace

import pytest
from support.cloud import CARD, MARK, NIC, PLAIN, QAT, VFS, have, left, want
from support.judged import (
    Case,
    create,
    delete,
    drain,
    inventories,
    move,
    rename,
    traits,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import DeleteResourceClass, DeleteTrait, EnsureResourceClass, EnsureTrait

OWN = names.read_trait("CUSTOM_GOLD")
RED = names.physnet_trait("red")
STRANGER = "0000:99:00.0"
NAMED = EnsureTrait(MARK)

W_PLAIN, W_CARD, W_VFS = want(PLAIN, {QAT: 1}), want(CARD), want(VFS, {NIC: 4})
H_PLAIN, H_CARD = have(PLAIN, {QAT: 1}), have(CARD)
H_VFS = have(VFS, {NIC: 4}, used={})
WITHOUT_MARK = have(PLAIN, {QAT: 1}, traits=frozenset({OWN}))
GIVEN = replace(left([W_PLAIN], [H_PLAIN]), traits=frozenset({OWN}))
EMPTY = have(VFS, {}, used={})
MADE = (create(CARD), traits(CARD), create(VFS), traits(VFS))

BROKEN = {
    "a stranger": (Case([NAMED, traits(STRANGER)]), {"ours"}),
    "somebody else has the uuid": (
        Case([NAMED, traits(PLAIN)], [W_PLAIN], [WITHOUT_MARK]),
        {f"ours {PLAIN}"},
    ),
    "created unasked": (Case([create(STRANGER)]), {"ours"}),
    "created with another name": (
        Case([create(PLAIN, name="mine")], [W_PLAIN]),
        {f"ours {PLAIN}"},
    ),
    "created again": (
        Case([create(CARD)], [W_CARD], [H_CARD]),
        {f"order {CARD}", f"ours {CARD}"},
    ),
    "created at another place": (
        Case([create(VFS, parent=ROOT.uuid)], [W_CARD, W_VFS], [H_CARD]),
        {f"ours {VFS}"},
    ),
    "created before its parent": (Case([create(VFS)], [W_CARD, W_VFS]), {f"order {VFS}"}),
    "changed before it is there": (Case([NAMED, traits(PLAIN)], [W_PLAIN]), {f"order {PLAIN}"}),
    "changed after it is gone": (
        Case([delete(CARD), traits(CARD)], [], [H_CARD]),
        {f"order {CARD}"},
    ),
    "deleted before its child": (
        Case([delete(CARD), delete(VFS)], [], [H_CARD, EMPTY]),
        {f"order {CARD}"},
    ),
    "renamed to what is not its name": (
        Case([rename(PLAIN, to="mine")], [W_PLAIN], [H_PLAIN]),
        {f"ours {PLAIN}"},
    ),
    "moved and renamed": (
        Case([move(PLAIN, to="mine")], [W_PLAIN], [H_PLAIN]),
        {f"ours {PLAIN}"},
    ),
    "moved to another place": (
        Case([move(VFS)], [W_CARD, W_VFS], [H_CARD, H_VFS]),
        {f"ours {VFS}"},
    ),
    "held": (Case([traits(PLAIN)], [], [H_PLAIN], held=[PLAIN]), {f"held {PLAIN}"}),
    "without our mark": (
        Case([traits(CARD, traits=frozenset())], [W_CARD], [H_CARD]),
        {f"ours {CARD}"},
    ),
    "somebody else's trait": (
        Case([traits(PLAIN)], [W_PLAIN], [have(PLAIN, {QAT: 1}, OWN)]),
        {f"traits {PLAIN}"},
    ),
    "a trait that nobody asked for": (
        Case([EnsureTrait(RED), traits(PLAIN, RED)], [W_PLAIN], [H_PLAIN]),
        {f"traits {PLAIN}"},
    ),
    "a class nobody knows": (
        Case([create(PLAIN), traits(PLAIN), inventories(PLAIN, {QAT: 1})], [W_PLAIN]),
        {"names 0000:3b:00.0"},
    ),
    "a trait nobody knows": (
        Case([traits(PLAIN, RED)], [want(PLAIN, {QAT: 1}, RED)], [H_PLAIN]),
        {f"names {PLAIN}"},
    ),
    "a name of somebody else": (Case([DeleteTrait(OWN)]), {"names"}),
    "without the generation": (
        Case([traits(PLAIN)], [W_PLAIN], [H_PLAIN], generations={}),
        {f"generation {PLAIN}"},
    ),
    "deleted and not emptied": (
        Case([delete(PLAIN, empty_first=False)], [], [have(PLAIN, {QAT: 1}, used={})]),
        {f"generation {PLAIN}"},
    ),
}

KEPT = {
    "nothing": Case((), [W_PLAIN], [H_PLAIN]),
    "made from nothing": Case(
        [EnsureTrait(MARK), EnsureResourceClass(NIC), *MADE, inventories(VFS, {NIC: 4})],
        [W_CARD, W_VFS],
    ),
    "deleted from below": Case([delete(VFS), delete(CARD)], [], [H_CARD, EMPTY]),
    "nothing to empty": Case([delete(CARD, empty_first=False)], [], [H_CARD]),
    "given its name back": Case([rename(PLAIN)], [W_PLAIN], [replace(H_PLAIN, name="x")]),
    "moved, and keeps its name": Case(
        [move(PLAIN, to="x")], [W_PLAIN], [replace(H_PLAIN, name="x", parent="other")]
    ),
    "moved below what was just made": Case(
        [create(CARD), traits(CARD), move(VFS, parent=have(CARD).uuid)],
        [W_CARD, W_VFS],
        [replace(H_VFS, parent=ROOT.uuid)],
    ),
    "a trait that an entry gave": Case(
        [traits(PLAIN)], [W_PLAIN], [have(PLAIN, {QAT: 1}, OWN)], last=GIVEN
    ),
    "a trait that was ours": Case([traits(PLAIN)], [W_PLAIN], [have(PLAIN, {QAT: 1}, RED)]),
    "an operator drains what is held": Case(
        [EnsureTrait(names.DRAINED), drain(PLAIN, {QAT: 1}, names.DRAINED)],
        [W_PLAIN],
        [H_PLAIN],
        held=[PLAIN],
        facts={"by_hand": W_PLAIN.addresses.copy().popitem()[0]},
    ),
    "what is standard need not be made known": Case(
        [traits(PLAIN, "HW_NIC_SRIOV")], [want(PLAIN, {QAT: 1}, "HW_NIC_SRIOV")], [H_PLAIN]
    ),
    "names of our making": Case([DeleteTrait(MARK), DeleteResourceClass(QAT)]),
}


@pytest.mark.parametrize(("case", "broken"), BROKEN.values(), ids=BROKEN)
def test_it_is_named(case, broken):
    assert case.broken() == broken


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_its_neighbour_is_not(case):
    assert case.broken() == set()


def test_a_breach_says_where_and_what():
    (breach,) = Case([NAMED, traits(PLAIN)], [W_PLAIN]).breaches()
    assert str(breach) == f"step 2: node:pci:{PLAIN}: it is changed before it is there (order)"
