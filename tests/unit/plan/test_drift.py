"""What somebody else did to our providers is said where it is mended, and nowhere else."""

from dataclasses import replace

import pytest
from support.cloud import (
    CARD,
    NIC,
    OLD,
    PLAIN,
    QAT,
    VFS,
    have,
    left,
    name,
    observe,
    plan,
    reserved,
    uuid,
    want,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import EnsureResourceClass, LastPass, ReasonCode, Root
from pci_placement.plan.drift import (
    DELETED,
    INVENTORIES_CHANGED,
    MOVED,
    RENAMED,
    TRAITS_CHANGED,
    tell_drift,
)

RED_NET, BLUE_NET = names.physnet_trait("red"), names.physnet_trait("blue")
WANTED = [want(PLAIN, {QAT: 1}), want(CARD), want(VFS, {NIC: 4}, RED_NET)]
AS_LEFT = [have(PLAIN, {QAT: 1}), have(CARD), have(VFS, {NIC: 4}, RED_NET)]
LAST = left(WANTED, AS_LEFT)


def reasons(there, wanted=WANTED, last=LAST) -> list[str]:
    """Why each provider is written to, as far as drift has a word for it."""
    made = plan(wanted, there, last_pass=last)
    told = tell_drift(made, observe(*there, keys=last.keys), last)
    without = [replace(a, reason=replace(a.reason, drift="")) for a in told.actions]
    assert without == list(made.actions)
    drifted = [action.reason for action in told.actions if action.reason.drift]
    assert {reason.code for reason in drifted} <= {ReasonCode.DRIFT}
    return [reason.drift for reason in drifted]


def changed(key: str, **fields) -> list:
    return [replace(p, generation=8, **fields) if p.name == name(key) else p for p in AS_LEFT]


def test_where_nothing_was_changed_nothing_is_told():
    assert reasons(AS_LEFT) == []


def test_what_is_made_again_was_deleted():
    assert reasons(AS_LEFT[1:]) == [DELETED]


def test_what_gets_its_name_back_was_renamed():
    assert reasons(changed(VFS, name="by hand")) == [RENAMED.format("by hand")]


def test_what_is_put_below_its_parent_again_was_moved():
    assert reasons(changed(VFS, parent=uuid(PLAIN))) == [MOVED]


def test_each_action_tells_only_what_it_mends():
    there = changed(VFS, name="by hand", parent=uuid(PLAIN))
    assert reasons(there) == [MOVED, RENAMED.format("by hand")]


@pytest.mark.parametrize(
    ("traits", "said"),
    [
        (AS_LEFT[2].traits - {RED_NET}, f"-{RED_NET}"),
        (AS_LEFT[2].traits | {BLUE_NET}, f"+{BLUE_NET}"),
        (AS_LEFT[2].traits - {RED_NET} | {BLUE_NET}, f"+{BLUE_NET} -{RED_NET}"),
    ],
)
def test_traits_that_are_set_as_they_were_were_changed(traits, said):
    assert reasons(changed(VFS, traits=traits)) == [TRAITS_CHANGED.format(said)]


@pytest.mark.parametrize(
    ("inventories", "said"),
    [
        ({NIC: replace(reserved(4, 0), total=9)}, f"{NIC} total 9 instead of 4"),
        (
            {NIC: replace(reserved(4, 0), max_unit=1, allocation_ratio=2.0)},
            f"{NIC} max_unit 1 instead of 4, {NIC} allocation_ratio 2.0 instead of 1.0",
        ),
        ({}, f"{NIC} gone"),
        ({NIC: reserved(4, 0), OLD: reserved(1, 0)}, f"{OLD} added"),
    ],
)
def test_inventories_that_are_set_as_they_were_were_changed(inventories, said):
    assert reasons(changed(VFS, inventories=inventories)) == [INVENTORIES_CHANGED.format(said)]


def test_a_change_of_this_host_is_nobodys_doing():
    wanted = [want(PLAIN, {OLD: 1}), want(CARD), want(VFS, {NIC: 3}, BLUE_NET)]
    assert reasons(AS_LEFT, wanted) == []


def test_a_new_name_of_this_host_is_no_rename_by_hand():
    renamed = Root(ROOT.uuid, "new-name")
    seen = replace(observe(*AS_LEFT), root=renamed)
    made = plan(WANTED, changed(VFS, name="by hand"), last_pass=LAST)
    follows = replace(made, actions=tuple(replace(a, name="new-name:pci:x") for a in made.actions))
    assert tell_drift(follows, seen, LAST) == follows


@pytest.mark.parametrize("root", [None, Root(ROOT.uuid.replace("8", "9"), ROOT.name)])
def test_nothing_is_known_of_another_root_or_before_the_first_pass(root):
    assert reasons(AS_LEFT[1:], last=replace(LAST, root=root)) == []


def test_a_provider_that_is_new_was_not_deleted():
    assert reasons([], last=LastPass(root=ROOT)) == []


def test_names_are_nobodys():
    made = replace(plan(), actions=(EnsureResourceClass(QAT),))
    assert tell_drift(made, observe(), LAST) == made
