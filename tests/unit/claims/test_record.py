"""How the record of who has what goes on, and which other devices a claim may have."""

from support.build import address
from support.claimed import NIC, VFS_OF_A, given_to, place, vfs

from pci_placement.claims.facts import Before, counted_before
from pci_placement.claims.record import with_clean, with_given, without
from pci_placement.model import ClaimRecord, Counted

A = place(VFS_OF_A, NIC)
ONE, OTHER = (each.address for each in vfs(2))


def test_it_ends_with_its_claim_and_what_it_has_spent_stays():
    kept = given_to("ann", vfs(1)[0], A)
    before = ClaimRecord(
        {**kept.given, "eve": ()}, of_before=frozenset({"old", "eve"}), spent={ONE: "eve"}
    )
    after = without(before, {"eve"})
    assert after == ClaimRecord(kept.given, of_before=frozenset({"old"}), spent={ONE: "eve"})


def test_what_is_for_one_use_is_spent_by_whom_it_is_given_to():
    (given,) = given_to("ann", vfs(1)[0], A).given["ann"]
    after = with_given(ClaimRecord(of_before=frozenset({"ann"})), "ann", (given,), [ONE, OTHER])
    assert after == ClaimRecord({"ann": (given,)}, spent={ONE: "ann"})


def test_what_an_operator_calls_clean_alone_may_be_given_again():
    after = with_clean(ClaimRecord(spent={ONE: "ann", OTHER: "eve"}), ONE)
    assert after == ClaimRecord(spent={OTHER: "eve"})


def test_claims_of_before_may_have_what_is_counted_no_longer():
    gone = address("0000:81:11.0")
    left = Counted(frozenset({ONE}), frozenset({ONE, gone}), {"eve": 1})
    assert counted_before({A: left, place(VFS_OF_A, "OTHER"): Counted(frozenset({ONE}))}) == {
        A: Before((gone,), frozenset({"eve"}))
    }
