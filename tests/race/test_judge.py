"""The judge itself: it finds what it is there to find, and accepts what may be."""

import time
from dataclasses import replace

import pytest
from support.placements import ROOT

from pci_placement import identity, names
from race.account import Account
from race.host import GPUS, NIC, QAT, Look
from race.judge import Floors, Judge
from race.passes import Passes
from race.seats import Seats
from race.world import World

GPU, CARD, CRYPT, PORT = (f"CUSTOM_PCI_{n}" for n in ("GPU", "CARD", "CRYPT", "NIC"))
SOME_GPU, VFS, QAT_VFS = next(iter(GPUS)), f"{NIC}:vf", f"{QAT}:vf"


@pytest.fixture
def world(tmp_path):
    return World(tmp_path, ROOT, "http://127.0.0.1:1", Look())


@pytest.fixture
def judge(world):
    return Judge(world, Account(), lambda _: "as was claimed")


def held(key: str, resource_class: str, amount: int = 1, slots: int = 0) -> dict:
    resources = {resource_class: amount} | ({names.SLOT: slots} if slots else {})
    uuid = identity.provider_uuid(ROOT.uuid, key)
    return {ROOT.uuid: {"VCPU": 1}, uuid: resources}


def claim(judge, consumer: str, *what, floors: Floors | None = None) -> list[str]:
    """Book a claim; give what the judge says about it."""
    before = len(judge.faults)
    judge.claimed(consumer, held(*what), floors or judge.floors, time.monotonic())
    return judge.faults[before:]


def test_one_device_is_claimed_once(judge):
    assert claim(judge, "alice", SOME_GPU, GPU) == []
    (fault,) = claim(judge, "bob", SOME_GPU, GPU)
    assert fault.startswith("over-committed: bob on 0000:3b:00.0 (CUSTOM_PCI_GPU)")
    assert "alice" in fault
    assert "as was claimed" in fault


def test_what_is_released_can_be_claimed_again(judge):
    claim(judge, "alice", SOME_GPU, GPU)
    judge.releasing("alice")
    assert claim(judge, "bob", SOME_GPU, GPU) == []


def test_as_many_vfs_are_claimed_as_there_are(judge):
    assert claim(judge, "alice", VFS, PORT, 5) == []
    assert claim(judge, "bob", VFS, PORT, 3) == []
    (fault,) = claim(judge, "carol", VFS, PORT, 1)
    assert fault.startswith("over-committed: carol")


def test_what_was_there_when_it_was_claimed_is_no_fault(world, judge):
    world.change(Look(nic_vfs=2), in_place=False)
    assert claim(judge, "alice", VFS, PORT, 8) == []


def test_what_a_pass_took_off_the_offer_cannot_be_claimed(world, judge):
    world.change(Look(nic_vfs=2), in_place=True)
    judge.floors = Floors(world.settled, {})
    assert claim(judge, "alice", VFS, PORT, 2) == []
    assert claim(judge, "bob", VFS, PORT, 1) != []


def test_the_old_and_the_new_class_of_vfs_share_the_devices(world, judge):
    claim(judge, "alice", VFS, PORT, 5)
    world.change(Look(nic_alias="port"), in_place=False)
    judge.floors = Floors(world.settled, {})
    assert claim(judge, "bob", VFS, "CUSTOM_PCI_PORT", 3) == []
    assert claim(judge, "carol", VFS, "CUSTOM_PCI_PORT", 1) != []


def test_what_no_look_offers_cannot_be_claimed(judge):
    (fault,) = claim(judge, "alice", "0000:ff:00.0", GPU)
    assert fault.startswith("claimed what no look of the host offers")


def test_a_whole_card_is_not_claimed_beside_its_vfs(world, judge):
    assert claim(judge, "alice", QAT, CARD) == []
    world.change(Look(qat_vfs=2), in_place=True)
    (fault,) = claim(judge, "bob", QAT_VFS, CRYPT)
    assert fault.startswith(f"PF and VFs of {QAT} at once: bob")
    assert fault.endswith("alice has the whole card")
    judge.releasing("alice")
    (fault,) = claim(judge, "carol", QAT, CARD)
    assert fault.endswith("bob has a VF")


def test_a_claim_that_shrank_is_lost(judge):
    claimed = held(VFS, PORT, 2, 2)
    judge.check("alice", claimed, held(VFS, PORT, 1, 2))
    judge.check("bob", claimed, held(VFS, PORT, 2, 1))
    judge.check("carol", claimed, {})
    assert [fault.split()[:2] for fault in judge.faults] == [
        ["lost:", "alice"],
        ["lost:", "bob"],
        ["lost:", "carol"],
    ]


def test_a_claim_that_was_moved_is_not_lost(judge):
    judge.check("alice", held(SOME_GPU, GPU), held("CUSTOM_PCI_A100:numa0:x", "CUSTOM_PCI_A100"))
    assert judge.faults == []


def test_who_is_not_pinned_makes_room():
    seats = Seats()
    assert seats.add("alice", ["a", "b"])
    assert seats.add("bob", ["a"])
    assert (seats.of("alice"), seats.of("bob")) == ("b", "a")
    assert not seats.add("carol", ["a", "b"])


def test_who_is_pinned_stays():
    seats = Seats()
    seats.add("alice", ["a", "b"])
    seats.pin("alice")
    assert not seats.add("bob", ["a"])
    seats.remove("bob")
    seats.remove("alice")
    assert seats.add("bob", ["a"])


def test_a_pass_tells_the_judge_what_placement_has(placement, tmp_path):
    placement.create_compute_node(ROOT.name, ROOT.uuid)
    world, account = World(tmp_path, ROOT, placement.url, Look()), Account()
    judge = Judge(world, account, str)
    passes = Passes(world, judge, account)
    assert passes.run() is not None
    world.change(Look(nic_vfs=2), in_place=True)
    world.change(Look(nic_vfs=2, network="physnet2"), in_place=True)
    assert judge.floors.general == (0, 0)
    with judge.another_pass():
        world.change(Look(nic_vfs=2, network="physnet1"), in_place=True)
        passes.run()
    assert (judge.seen, judge.floors.general) == ((2, 1), (1, 1))
    passes.run()
    assert judge.floors.general == (2, 1)
    assert judge.faults == []
    assert account.of("passes", "done") == 3


def test_what_is_too_much_for_a_pass_goes_with_a_forced_one(placement, tmp_path):
    placement.create_compute_node(ROOT.name, ROOT.uuid)
    look, account = Look(exclusive=True, qat_vfs=4), Account()
    world = World(tmp_path, ROOT, placement.url, look)
    passes = Passes(world, Judge(world, account, str), account)
    passes.run()
    world.change(replace(look, gpu_alias="a100"), in_place=False)
    assert [GPU in offered for offered in gpus(passes.run())] == [True] * 4
    assert [GPU in offered for offered in gpus(passes.run(force=True))] == [False] * 4


def gpus(report) -> list:
    """What the providers of the GPUs have after a pass."""
    uuids = [identity.provider_uuid(ROOT.uuid, address) for address in GPUS]
    return [report.last_pass.providers[uuid].inventories for uuid in uuids]
