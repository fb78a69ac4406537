"""What is known of the last pass."""

from support.cloud import NIC, PLAIN, QAT, VFS, addresses, have, left, want
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import Counted, LastPass

FAST = names.trait("CUSTOM_FAST")
THERE = [have(PLAIN, {QAT: 1}), have(VFS, {NIC: 4})]
LAST = left(
    [want(PLAIN, {QAT: 1}), want(VFS, {NIC: 4})],
    THERE,
    traits=frozenset({FAST}),
    kinds={PLAIN: "type-PCI"},
    may_reshape=False,
    read_at=1234.5,
)


def test_before_the_first_pass_nothing_is_known_and_everything_may_be_tried():
    nothing = LastPass()
    assert (nothing.root, nothing.keys, nothing.providers, nothing.ledger) == (None, set(), {}, {})
    assert nothing.may_reshape


def test_nothing_of_what_a_new_inventory_counts_is_held_by_claims_of_before():
    assert Counted(addresses(PLAIN)) == Counted(addresses(PLAIN), frozenset(), {})


def test_what_is_to_be_read_again_is_still_known_for_comparison():
    again = LAST.to_be_read()
    assert again.reread
    assert again.providers == LAST.providers


def test_whether_claims_may_be_moved_is_found_out_again():
    assert LAST.to_be_read().may_reshape


def test_what_placement_cannot_tell_is_kept():
    again = LAST.to_be_read()
    assert (again.root, again.keys, again.traits) == (ROOT, {PLAIN, VFS}, {FAST})
    assert (again.kinds, again.ledger, again.read_at) == (LAST.kinds, LAST.ledger, 1234.5)
