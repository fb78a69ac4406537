"""Whose names in a tree speak of a card, and of which."""

import pytest
from support.build import address, device, pf, snapshot, vf

from pci_placement.mapping.coexistence import reported_cards
from pci_placement.model import ListedProvider

HOST = snapshot(device("0000:3b:00.0"), pf("0000:81:00.0"), vf("0000:81:02.0"))


def reported(*called: str) -> dict[str, str]:
    listed = [ListedProvider(name, name, None, 1) for name in called]
    return {str(card): name for card, name in reported_cards(listed, HOST).items()}


@pytest.mark.parametrize(
    ("name", "card"),
    [
        pytest.param("node_0000:3b:00.0", "0000:3b:00.0", id="a plain device"),
        pytest.param("node_0000:3B:00.0", "0000:3b:00.0", id="in upper case"),
        pytest.param("node_0000:81:00.0", "0000:81:00.0", id="a PF"),
        pytest.param("node_0000:81:02.0", "0000:81:00.0", id="a VF means its card"),
        pytest.param("a_b_0000:99:00.0", "0000:99:00.0", id="not on this host"),
        pytest.param("node_10000:99:1f.7", "10000:99:1f.7", id="a wide domain"),
        pytest.param("other_0000:3b:00.0", "0000:3b:00.0", id="another host name"),
        pytest.param("Accelerators_0000_3b_00_0", "0000:3b:00.0", id="cyborg, Ascend chips"),
    ],
)
def test_a_name_that_ends_with_an_address_reports_its_card(name, card):
    assert reported("node", name) == {card: name}


@pytest.mark.parametrize(
    "name",
    [
        "node",
        "node:pci:0000:3b:00.0",
        "node:pci:0000:81:00.0:vf",
        "node:NIC Switch agent:ens1f0",
        "node_0000:3b:00.8",
        "node_0000:3b:20.0",
        "node_0000:3b:00.0 ",
        "node_000:3b:00.0",
        "node_٠٠٠٠:3b:00.0",
        "0000:3b:00.0",
    ],
)
def test_other_names_report_nothing(name):
    assert reported(name) == {}


def test_the_address_is_a_value():
    listed = [ListedProvider("u", "node_0000:3b:00.0", None, 1)]
    assert reported_cards(listed, HOST) == {address("0000:3b:00.0"): "node_0000:3b:00.0"}
