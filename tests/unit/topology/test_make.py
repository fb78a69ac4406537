"""What a picture shows of a host, and where."""

import pytest
from support.build import address, device, pf, snapshot, vf, vfs

from pci_placement.desired import make_desired
from pci_placement.model import Unreadable
from pci_placement.settings import ConfigPath, read
from pci_placement.topology.make import BUS_NOT_KNOWN, NOT_TOLD, Here, make_topology
from pci_placement.topology.nouns import CellState, Topology

PLAIN, CARD = "0000:3b:00.0", "0000:81:00.0"
LISTS = """
[pci]
device_spec = {"product_id": "154c", "vendor_id": "8086", "physical_network": "physnet1"}
device_spec = {"product_id": "0443", "vendor_id": "8086"}
alias = {"name": "nic", "vendor_id": "8086", "product_id": "154c", "device_type": "type-VF"}
alias = {"name": "qat", "vendor_id": "8086", "product_id": "0443"}
"""
THE_PF_TOO = 'device_spec = {"product_id": "1572", "vendor_id": "8086", "device_type": "type-PF"}\n'


@pytest.fixture
def drawn(tmp_path):
    """Draw devices of a host without Placement."""

    def drawn(*devices, lists=LISTS, buses=None, names=None, **fields) -> Topology:
        file = tmp_path / "zun.conf"
        file.write_text(lists)
        host = make_desired(read([ConfigPath(str(file))]), snapshot(*devices, **fields))
        found = {address(where): bus for where, bus in (buses or {}).items()}
        return make_topology(Here(host, "compute-1", found, names or {}), None)

    return drawn


def test_cards_stand_below_their_nodes_and_roots(drawn):
    found = drawn(
        device(PLAIN, numa_node=1),
        device("0000:3c:00.0", numa_node=0),
        device("0000:3d:00.0"),
        buses={PLAIN: "pci0000:3a"},
    )
    places = [
        (node.title, bus.name, [str(card.address) for card in bus.cards])
        for node in found.nodes
        for bus in node.buses
    ]
    assert places == [
        ("NUMA node 0", BUS_NOT_KNOWN, ["0000:3c:00.0"]),
        ("NUMA node 1", "pci0000:3a", [PLAIN]),
        ("NUMA node not known", BUS_NOT_KNOWN, ["0000:3d:00.0"]),
    ]


def test_vfs_are_cells_of_their_card_and_the_pf_is_none(drawn):
    (card,) = drawn(pf(devnames=("ens1f0",), driver="i40e"), *vfs(3)).cards
    assert (str(card.address), card.devnames, card.driver) == (CARD, ("ens1f0",), "i40e")
    (group,) = card.groups
    assert group.title == "3 VFs  CUSTOM_PCI_NIC  physnet1"
    assert {cell.state for cell in group.cells} == {CellState.OFFERED}


def test_what_differs_within_a_card_is_a_group_of_its_own(drawn):
    other = vf("0000:81:02.3", "8086:0443")
    (card,) = drawn(pf(), *vfs(2), other).cards
    assert [group.title for group in card.groups] == [
        "2 VFs  CUSTOM_PCI_NIC  physnet1",
        "VF  CUSTOM_PCI_QAT",
    ]


def test_functions_on_no_list_are_cells_without_a_card_and_bridges_are_none(drawn):
    bridge = device("0000:00:1f.0", "8086:a1c1", class_code="060100")
    found = drawn(device("0000:00:02.0", "8086:1234"), bridge)
    assert list(found.cards) == []
    (bus,) = found.nodes[0].buses
    assert [(str(cell.address), cell.state) for cell in bus.others] == [("0000:00:02.0", "ignored")]


def test_a_card_that_is_kept_says_why(drawn):
    (card,) = drawn(pf(), *vfs(1), lists=LISTS + THE_PF_TOO).cards
    assert {cell.state for group in card.groups for cell in group.cells} == {CellState.HELD}
    assert all(group.note for group in card.groups)


def test_what_cannot_be_read_is_a_cell_of_its_card_if_that_is_known(drawn):
    where = address("0000:81:02.1")
    (card,) = drawn(pf(), *vfs(1), unreadable={where: Unreadable("odd", address(CARD))}).cards
    held, odd = card.groups
    assert ({cell.state for cell in held.cells}, held.note) == (
        {CellState.HELD},
        "0000:81:02.1 cannot be read: odd",
    )
    assert (odd.title, odd.note, odd.cells[0].state) == ("function", "odd", CellState.UNREADABLE)
    (alone,) = drawn(unreadable={where: Unreadable("odd")}).cards
    assert (alone.address, alone.name) == (where, "")


def test_a_product_has_its_name_or_its_ids(drawn):
    names = {("8086", "0443"): "Intel DH895XCC"}
    found = drawn(device(PLAIN), pf(), *vfs(1), names=names)
    assert [card.name for card in found.cards] == ["Intel DH895XCC", "8086:1572"]


def test_totals_are_by_class_and_network(drawn):
    found = drawn(device(PLAIN), pf(), *vfs(3))
    assert found.totals == {
        ("CUSTOM_PCI_NIC", "physnet1"): {CellState.OFFERED: 3},
        ("CUSTOM_PCI_QAT", ""): {CellState.OFFERED: 1},
    }


def test_without_placement_it_says_so(drawn):
    found = drawn(device(PLAIN))
    assert (found.told, found.notes) == (False, (NOT_TOLD,))
