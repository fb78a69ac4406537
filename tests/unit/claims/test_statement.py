from dataclasses import replace

import pytest
from support.build import address, device, pf
from support.claimed import CARD_A, GPU, POOL, VFS_OF_A, WHOLE, facts, given_to, place, vfs

from pci_placement.claims.choice import Chosen, Refused
from pci_placement.claims.statement import stated
from pci_placement.model import ClaimRecord

A, GPUS = place(VFS_OF_A), place(POOL, GPU)
OLD = ClaimRecord(of_before=frozenset({"old"}))
VF = [f"0000:81:10.{number}" for number in range(4)]
CARDS = [device(f"0000:0{number}:00.0", "10de:20b0") for number in (1, 2)]


def said(here, *addresses: str) -> list[str] | str:
    """What is written down of a consumer of before, or why nothing is."""
    found = stated(here, "old", [address(each) for each in addresses])
    if isinstance(found, Refused):
        return found.reason
    assert isinstance(found, Chosen)
    return [f"{given.address} {given.place.resource_class}" for given in found.devices]


@pytest.fixture
def here():
    claims = {"old": {A: 2, GPUS: 1}, "eve": {A: 1}}
    return facts({A: vfs(4), GPUS: CARDS, place(CARD_A, WHOLE): [pf(CARD_A)]}, claims, OLD)


def test_all_of_it_is_written_down_where_it_is_counted(here):
    assert said(here, VF[3], "0000:02:00.0", VF[1]) == [
        f"{VF[1]} CUSTOM_PCI_NIC",
        f"{VF[3]} CUSTOM_PCI_NIC",
        "0000:02:00.0 CUSTOM_PCI_GPU",
    ]


def test_also_what_nobody_would_be_given_now(here):
    ill = replace(here, unfit={address(VF[1]): "ill"})
    assert len(said(ill, VF[3], "0000:02:00.0", VF[1])) == 3


@pytest.mark.parametrize(
    ("addresses", "why"),
    [
        ([VF[0], "0000:02:00.0"], "has claimed 2 of CUSTOM_PCI_NIC"),
        ([*VF[:3], "0000:02:00.0"], "has claimed 2 of CUSTOM_PCI_NIC"),
        ([*VF[:2], "0000:02:00.0", CARD_A], f"nothing that counts {CARD_A}"),
        ([*VF[:2], "0000:02:00.0", "0000:07:00.0"], "nothing that counts 0000:07:00.0"),
    ],
)
def test_what_is_not_what_it_has_claimed_is_refused(here, addresses, why):
    assert why in said(here, *addresses)


@pytest.mark.parametrize("taken", [vfs(1)[0], pf(CARD_A)])
def test_nor_may_somebody_else_have_it(here, taken):
    record = replace(given_to("eve", taken, A), of_before=frozenset({"old"}))
    assert said(replace(here, record=record), VF[0], VF[1], "0000:02:00.0").startswith("eve has")


def test_nor_a_part_of_it():
    whole = place(CARD_A, WHOLE)
    record = replace(given_to("eve", vfs(1)[0], A), of_before=frozenset({"old"}))
    here = facts({whole: [pf(CARD_A)], A: vfs(1)}, {"old": {whole: 1}}, record)
    assert said(here, CARD_A) == f"eve has {VF[0]}"


def test_what_others_have_of_the_same_card_is_in_nobodys_way(here):
    record = replace(given_to("eve", vfs(1)[0], A), of_before=frozenset({"old"}))
    assert said(replace(here, record=record), VF[1], VF[2], "0000:02:00.0") == [
        f"{VF[1]} CUSTOM_PCI_NIC",
        f"{VF[2]} CUSTOM_PCI_NIC",
        "0000:02:00.0 CUSTOM_PCI_GPU",
    ]


@pytest.mark.parametrize("named", [VF[1:3], VF[2:0:-1]], ids=["last", "first"])
def test_one_that_another_has_is_refused_wherever_it_is_named(here, named):
    record = replace(given_to("eve", vfs(3)[2], A), of_before=frozenset({"old"}))
    told = said(replace(here, record=record), *named, "0000:02:00.0")
    assert told == f"eve has {VF[2]}"


def test_who_came_later_asks(here):
    assert "say claim show" in said(replace(here, record=ClaimRecord()), VF[0])
