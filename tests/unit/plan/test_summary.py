"""A plan ends with a line of what it does."""

from support.cloud import (
    CARD,
    DRAINING,
    MARK,
    NIC,
    PLAIN,
    QAT,
    SLOT,
    VFS,
    amounts,
    have,
    name,
    reserved,
    uuid,
)
from support.placements import ROOT

from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    Drain,
    EnsureTrait,
    Plan,
    SetInventories,
    SetTraits,
)
from pci_placement.plan.summary import summary

FOUR = have(VFS, {NIC: 4}, used={"bob": {NIC: 1}})
BEFORE = {FOUR.uuid: FOUR}
BOTH = frozenset({MARK, DRAINING})


def told(*actions) -> str:
    return summary(Plan(actions, {}), BEFORE)


def create(key: str) -> CreateProvider:
    return CreateProvider(uuid(key), name(key), ROOT.uuid, ROOT.name, "")


def test_nothing_is_told_of_nothing():
    assert told() == ""


def test_what_comes_and_what_goes_is_counted_with_what_it_offers():
    assert (
        told(
            EnsureTrait(MARK, ""),
            create(PLAIN),
            create(CARD),
            SetInventories(uuid(PLAIN), name(PLAIN), amounts({QAT: 1}), {}, ""),
            Drain(FOUR.uuid, FOUR.name, BOTH, {NIC: reserved(4)}, {}, ""),
        )
        == f"2 to create, 1 to drain: 4 {NIC} no longer on offer, 1 {QAT} more on offer"
    )


def test_a_deletion_says_what_capacity_goes():
    assert told(DeleteProvider(FOUR.uuid, FOUR.name, "")) == (
        f"1 to delete: 4 {NIC} no longer on offer"
    )


def test_slots_of_a_card_are_no_capacity():
    slots = SetInventories(FOUR.uuid, FOUR.name, amounts({NIC: 4, SLOT: 65536}), {}, "")
    assert told(slots) == "1 to change"


def test_more_of_the_same_is_a_change():
    assert told(SetInventories(FOUR.uuid, FOUR.name, amounts({NIC: 6}), {}, "")) == (
        f"1 to change: 2 {NIC} more on offer"
    )


def test_traits_alone_offer_nothing_more():
    traits = SetTraits(FOUR.uuid, FOUR.name, frozenset({MARK}), frozenset(), frozenset(), "")
    assert told(traits) == "1 to change"
