"""A person sees a row a card; what differs within one is not put together."""

import pytest

from pci_placement.cli.columns import ListCell
from pci_placement.cli.grouped import (
    GROUPED,
    NARROW,
    WHY_NAMED,
    WHY_NARROW,
    columns_for,
    grouped,
)
from pci_placement.mapping.match import VFS_OFFERED

CARD = "0000:81:00.0"


def row(address: str, dev_type: str = "type-VF", **more) -> dict:
    plain = {
        "address": address,
        "vendor_id": "8086",
        "product_id": "154c",
        "dev_type": dev_type,
        "parent_addr": CARD if dev_type == "type-VF" else None,
        "alias": ListCell(["nic"]),
        "resource_class": "CUSTOM_PCI_NIC",
        "state": "offered",
        "reason": "by device_spec 1",
    }
    return plain | more


VFS = [row(f"0000:81:02.{number}") for number in range(3)]
PF = row(
    CARD, "type-PF", state="ignored", reason=VFS_OFFERED, alias=ListCell([]), product_id="1572"
)


def told(*rows, names=None) -> list[tuple]:
    return [(r["card"], r["devices"], r["state"]) for r in grouped(rows, names or {})]


def test_the_vfs_of_a_card_are_one_row():
    assert told(*VFS) == [(CARD, "3 VFs", "offered")]


def test_a_pf_that_is_offered_by_its_vfs_has_no_row():
    assert told(PF, *VFS) == [(CARD, "3 VFs", "offered")]


def test_but_it_has_one_where_they_are_not_shown():
    assert told(PF) == [(CARD, "PF", "ignored")]


@pytest.mark.parametrize(
    "other",
    [
        {"state": "held"},
        {"reason": "draining"},
        {"resource_class": "CUSTOM_OTHER"},
        {"alias": ListCell(["x"])},
        {"product_id": "154d"},
    ],
    ids=str,
)
def test_what_differs_has_a_row_of_its_own(other):
    found = grouped([*VFS[:2], VFS[2] | other], {})
    assert [r["devices"] for r in found] == ["2 VFs", "VF"]
    assert {r["card"] for r in found} == {CARD}


def test_plain_devices_are_cards_of_their_own():
    plain = [row(f"0000:3b:00.{n}", "type-PCI") for n in range(2)]
    assert told(*plain) == [
        ("0000:3b:00.0", "device", "offered"),
        ("0000:3b:00.1", "device", "offered"),
    ]


def test_what_cannot_be_read_is_shown_without_a_name():
    odd = dict.fromkeys(row("x")) | {"address": "0000:99:00.0", "alias": ListCell([])}
    odd |= {"state": "unreadable", "reason": "gone"}
    ((card, devices, state),) = told(odd)
    assert (card, devices, state) == ("0000:99:00.0", "unreadable", "unreadable")
    assert grouped([odd], {})[0]["name"] is None


def test_a_card_has_the_name_of_its_product_or_its_ids():
    named, other = grouped([VFS[0], VFS[1] | {"product_id": "1"}], {("8086", "154c"): "Intel VF"})
    assert (named["name"], other["name"]) == ("Intel VF", "8086:1")


def test_the_columns_go_by_the_width():
    assert columns_for(200, everything=True) == GROUPED
    assert columns_for(120, everything=False) == GROUPED
    assert columns_for(120, everything=True) == WHY_NAMED
    assert columns_for(80, everything=False) == NARROW
    assert columns_for(80, everything=True) == WHY_NARROW
