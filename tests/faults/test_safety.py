"""What the matrix would see: each promise, broken by hand, draws the complaint that names it."""

from dataclasses import replace

import pytest
from support.cloud import CARD, MARK, NIC, PLAIN, QAT, VFS, uuid, want
from support.database import Row, Stock
from support.placements import ROOT

from faults.safety import Guard
from pci_placement.model import PciAddress

FOREIGN = "00000000-0000-4000-8000-000000000000"
VF, OTHER_VF = "0000:81:10.0", "0000:81:10.2"
CARDS = {PciAddress.parse(a): PciAddress.parse(c) for a, c in (
    (PLAIN, PLAIN), (CARD, CARD), (VF, CARD), (OTHER_VF, CARD),
)}  # fmt: skip
QUICK = want(PLAIN, {QAT: 1}, "CUSTOM_FAST", at={QAT: [PLAIN]})
WHOLE = want(CARD, {QAT: 1}, at={QAT: [CARD]})
SLICES = want(VFS, {NIC: 2}, at={NIC: [VF, OTHER_VF]})


def stock(total: int, reserved: int = 0) -> Stock:
    return Stock(total, reserved, 1, total, 1, 1.0)


def row(stocks: dict, *traits: str, **claims: dict) -> Row:
    return Row("somewhere", ROOT.uuid, 1, stocks, (MARK, *traits), claims=claims)


START = {
    ROOT.uuid: Row(ROOT.name, None, 5),
    FOREIGN: replace(row({"VCPU": stock(4)}), traits=()),
}


HELD = {"alice": {QAT: 1}}


def complaints(wants, moment, had=()):
    """What is said of a moment after a start at which the host had `had`, all of it on offer."""
    start = START | {uuid(p.key): row(_stocks(p), *p.traits) for p in had}
    guard = Guard(
        start,
        {uuid(provider.key): provider for provider in wants},
        {uuid(provider.key): provider.addresses for provider in had},
        CARDS,
    )
    return list(guard.complaints([start | moment]))


def _stocks(provider):
    return {name: stock(i.total) for name, i in provider.inventories.items()}


@pytest.mark.parametrize(
    ("had", "wants", "moment"),
    [
        pytest.param([], [QUICK], {uuid(PLAIN): row({QAT: stock(1)}, "CUSTOM_FAST")}, id="fit"),
        pytest.param([], [QUICK], {uuid(PLAIN): row({})}, id="nothing yet"),
        pytest.param([QUICK], [], {}, id="nothing done yet"),
        pytest.param([QUICK], [], {uuid(PLAIN): row({QAT: stock(1, 1)})}, id="drained"),
        pytest.param(
            [WHOLE],
            [SLICES],
            {uuid(CARD): row({QAT: stock(1, 1)}), uuid(VFS): row({NIC: stock(2)})},
            id="given before taken",
        ),
        pytest.param([], [], {ROOT.uuid: Row(ROOT.name, None, 6)}, id="the root lives on"),
    ],
)
def test_is_content(had, wants, moment):
    assert complaints(wants, moment, had) == []


@pytest.mark.parametrize(
    ("had", "wants", "moment", "complaint"),
    [
        ([], [QUICK], {uuid(PLAIN): row({QAT: stock(1)})}, "without ['CUSTOM_FAST']"),
        ([QUICK], [], {uuid(PLAIN): row({QAT: stock(2)})}, "the host has none"),
        ([QUICK], [], {uuid(PLAIN): row({QAT: stock(1)})}, "with no more than"),
        ([], [SLICES], {uuid(VFS): row({NIC: stock(3)})}, "3 CUSTOM_PCI_NIC free and 0 used"),
        ([WHOLE], [SLICES], {uuid(VFS): row({NIC: stock(2)})}, "others have up to 2 of its 2"),
        (
            [WHOLE],
            [SLICES],
            {uuid(CARD): row({QAT: stock(1, 1)}, **HELD), uuid(VFS): row({NIC: stock(2)})},
            "others have up to 2 of its 2",
        ),
        ([], [], {FOREIGN: row({})}, f"the foreign provider {FOREIGN} changed"),
        ([], [], {"unheard-of": row({})}, "the foreign provider unheard-of changed"),
        ([], [], {ROOT.uuid: Row("another name", None, 5)}, f"provider {ROOT.uuid} changed"),
    ],
)
def test_complains(had, wants, moment, complaint):
    (said,) = complaints(wants, moment, had)
    assert complaint in said


def test_a_claim_may_move_but_not_end():
    before = START | {uuid(PLAIN): row({QAT: stock(1)}, **HELD)}
    moved = START | {uuid(PLAIN): row({}), uuid(CARD): row({QAT: stock(1)}, **HELD)}
    guard = Guard(before, {uuid(CARD): WHOLE}, {uuid(PLAIN): QUICK.addresses}, CARDS)
    assert list(guard.complaints([moved])) == []
    (said,) = guard.complaints([moved, START])
    assert "held 1 and now holds 0" in said
