"""What a retirement leaves for now, and on whose account."""

from support.cloud import CARD, NIC, PLAIN, QAT, VFS, have, name, observe, uuid

from pci_placement.model import DeleteProvider, Plan
from pci_placement.plan.left_over import LeftOver, left_by, left_over

USED = have(VFS, {NIC: 4}, used={"eve": {NIC: 1}, "bob": {NIC: 2}})
FREE = have(PLAIN, {QAT: 1}, used={})
ABOVE = have(CARD)
STRANGER = have("0000:99:00.0", name="somebodys", parent=uuid(CARD))


def left(*providers, there=None):
    observed = observe(*providers, keys={PLAIN, CARD, VFS})
    known = observed.providers if there is None else {p.uuid: p for p in there}
    return left_over(observed, known)


def test_what_is_used_stays_with_who_has_it():
    assert left(USED, FREE) == (LeftOver(name(VFS), consumers=("bob", "eve")),)
    assert str(left(USED)[0]).startswith(f"left for now: {name(VFS)} is in use by bob, eve; nobody")


def test_what_has_something_foreign_below_it_stays_and_names_it():
    assert left(ABOVE, STRANGER) == (LeftOver(name(CARD), below=("somebodys",)),)
    told = f"left for now: {name(CARD)}, because of what is not ours below it: somebodys"
    assert str(left(ABOVE, STRANGER)[0]) == told


def test_both_are_told_of_one_that_is_both():
    both = have(CARD, {NIC: 1}, used={"bob": {NIC: 1}})
    consumers, below = left(both, STRANGER)
    assert (consumers.consumers, below.below) == (("bob",), ("somebodys",))


def test_what_is_not_ours_is_nobodys_to_wait_for_but_of_what_stands_above_it():
    theirs = have(VFS, {NIC: 4}, used={"bob": {NIC: 1}}, traits=frozenset())
    assert left(ABOVE, theirs) == (LeftOver(name(CARD), below=(name(VFS),)),)
    ours = have(VFS, {NIC: 4}, used={"bob": {NIC: 1}})
    assert left(ABOVE, ours) == (LeftOver(name(VFS), consumers=("bob",)),)


def test_only_what_is_still_there_is_left():
    assert left(USED, FREE, there=[FREE]) == ()


def test_a_plan_leaves_what_it_does_not_delete():
    observed = observe(USED, FREE, keys={PLAIN, VFS})
    (used,) = left_over(observed, observed.providers)
    assert left_by(Plan(()), observed) == (used,)
    gone = DeleteProvider(USED.uuid, USED.name, "gone")
    assert left_by(Plan((gone,)), observed) == ()
