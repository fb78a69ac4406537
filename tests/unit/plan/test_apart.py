"""What cannot be made of one card holds that card; other errors go where they belong."""

import pytest
from support.cloud import CARD, NIC, PLAIN, QAT, VFS, observe, tree, want

from pci_placement.errors import Unreachable
from pci_placement.plan.apart import FAULT, make_apart

TREE = tree(want(PLAIN, {QAT: 1}), want(CARD), want(VFS, {NIC: 4}))


def keys(of) -> list[str]:
    return [provider.key for provider in of.providers]


def test_what_can_be_made_is_made_of_everything():
    found = make_apart(keys, TREE, observe())
    assert (found.made, found.tree, found.faults) == ([PLAIN, CARD, VFS], TREE, {})


def test_a_card_of_which_it_cannot_be_made_is_held_with_the_fault():
    def make(of):
        if VFS in keys(of):
            raise IndexError("a bug")
        return keys(of)

    found = make_apart(make, TREE, observe())
    assert found.made == [PLAIN]
    assert {str(card): why for card, why in found.tree.held.items()} == {
        CARD: FAULT.format("IndexError", "a bug")
    }


@pytest.mark.parametrize(
    "fails",
    [
        pytest.param(lambda _: True, id="also of nothing"),
        pytest.param(lambda found: found, id="of each card"),
        pytest.param({PLAIN, CARD}.issubset, id="of two only together"),
    ],
)
def test_a_fault_that_is_of_no_card_or_of_all_is_raised(fails):
    def make(of):
        if fails(keys(of)):
            raise IndexError("a bug")
        return keys(of)

    with pytest.raises(IndexError, match="a bug"):
        make_apart(make, TREE, observe())


def test_an_error_that_is_none_of_this_program_is_no_fault_of_a_card():
    def make(_):
        raise Unreachable("no answer")

    with pytest.raises(Unreachable):
        make_apart(make, TREE, observe())
