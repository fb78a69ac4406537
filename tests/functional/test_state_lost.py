"""After the loss of the state file less may be offered, never more; claims may exceed a total."""

import pytest
from support import hosts
from support.cloud import LISTS, NIC_CARD, VFS, configure, name, uuid
from support.placements import consumer_uuid
from support.seen import on_offer

from pci_placement import names
from pci_placement.errors import PlacementError
from pci_placement.model import LastPass
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler

GPUS = [{"address": f"0000:c{number}:00.0", "id": "10de:20b0", "numa": 0} for number in range(3)]
FPGA = {"address": "0000:c0:00.0", "id": "10ee:5000", "numa": 0}
GPU, ONE, TWO = map(names.resource_class, ("PCI_GPU", "PCI_ONE", "PCI_TWO"))
NIC, VIRT = map(names.resource_class, ("PCI_NIC", "PCI_VIRT"))
NOTHING = "[pci]\n"
OTHER_ALIAS = LISTS.replace('"nic"', '"virt"')
GPU_LISTS = """[pci]
alias = {"name": "gpu", "vendor_id": "10de", "product_id": "20b0"}
alias = {"name": "fpga", "vendor_id": "10ee", "product_id": "5000"}
device_spec = {"vendor_id": "10de"}
device_spec = {"vendor_id": "10ee"}
"""
TWO_CLASSES = """[pci]
device_spec = {"address": "0000:c0:00.0", "resource_class": "PCI_ONE"}
device_spec = {"address": "0000:c1:00.0", "resource_class": "PCI_TWO"}
"""


class Node:
    """A compute node over several passes, whose state may get lost between them."""

    def __init__(self, client, folder, real) -> None:
        self._client, self._folder, self._real = client, folder, real
        self.last_pass = LastPass()

    def sync(self, host, lists=LISTS, **own: str):
        settings = load([ConfigPath(str(configure(self._folder, lists, **own)))])
        scan = lambda: hosts.snapshot(host)  # noqa: E731 - a host that stays as it is
        reconciler = Reconciler(settings, scan, self._client, [].append, force=True)
        report = reconciler.run_once(self.last_pass)
        assert (report.outcome.stopped, report.outcome.failed) == (None, ())
        self.last_pass = report.last_pass
        return report

    def lose(self) -> None:
        self.last_pass = LastPass()

    def claimable(self, claims: dict[str, str], most: int = 12) -> int:
        """How many more claims Placement grants, one device each, wherever there is one."""
        return sum(self._try(key, claims[key], n) for key in claims for n in range(most))

    def _try(self, key: str, resource_class: str, number: int) -> bool:
        try:
            self._real.claim(f"greedy {key} {number}", {key: {resource_class: 1}})
        except PlacementError as error:
            assert error.status in (400, 409)  # noqa: PT017 - no such class, or none free
            return False
        return True


@pytest.fixture
def node(client, tmp_path, real):
    return Node(client, tmp_path, real)


CARD_OF_VFS = [NIC_CARD]


def test_vfs_that_were_unlisted_and_are_listed_again_under_another_alias(node, real):
    node.sync(CARD_OF_VFS)
    for who in ("bob", "eve"):
        real.claim(who, {VFS: {NIC: 1}})
    node.lose()
    node.sync(CARD_OF_VFS, NOTHING)
    node.sync(CARD_OF_VFS, OTHER_ALIAS)
    assert node.claimable({VFS: VIRT}) == 2
    for who in ("bob", "eve"):
        real.release(who)
    node.sync(CARD_OF_VFS, OTHER_ALIAS)
    assert on_offer(real, VFS) == {VIRT: (4, 0)}


def pool_of(client) -> str:
    tree = client.send("GET", "/resource_providers")["resource_providers"]
    (key,) = (p["name"].partition(":pci:")[2] for p in tree if ":numa0:" in p["name"])
    return key


def test_a_claim_of_a_pool_is_not_moved_by_a_guess(node, real, client):
    node.sync(GPUS[:2], GPU_LISTS, pooling="numa")
    pool = pool_of(client)
    real.claim("bob", {pool: {GPU: 1}})
    node.lose()
    node.sync(GPUS[:2], NOTHING)
    node.sync(GPUS[:2], TWO_CLASSES)
    assert list(real.send("GET", f"/allocations/{consumer_uuid('bob')}")["allocations"]) == [
        uuid(pool)
    ]
    assert node.claimable({"0000:c0:00.0": ONE, "0000:c1:00.0": TWO}) == 0
    real.release("bob")
    node.sync(GPUS[:2], TWO_CLASSES)
    assert node.claimable({"0000:c0:00.0": ONE, "0000:c1:00.0": TWO}) == 2


def test_a_device_that_was_away_may_be_held_by_a_claim_of_its_former_pool(node, real, client):
    node.sync(GPUS, GPU_LISTS, pooling="numa")
    real.claim("bob", {pool_of(client): {GPU: 1}})
    node.sync(GPUS[:2], GPU_LISTS)
    node.lose()
    node.sync(GPUS[:2], GPU_LISTS)
    node.sync(GPUS, GPU_LISTS)
    assert node.claimable({gpu["address"]: GPU for gpu in GPUS}) == 0
    real.release("bob")
    node.sync(GPUS, GPU_LISTS)
    assert node.claimable({gpu["address"]: GPU for gpu in GPUS}) == 3


def test_another_kind_of_card_in_the_place_of_one_that_a_pool_counted(node, real, client):
    node.sync(GPUS[:1], GPU_LISTS, pooling="numa")
    real.claim("bob", {pool_of(client): {GPU: 1}})
    node.lose()
    node.sync([FPGA], GPU_LISTS, pooling="device")
    fpga = names.resource_class("PCI_FPGA")
    assert node.claimable({FPGA["address"]: fpga}) == 0
    real.release("bob")
    node.sync([FPGA], GPU_LISTS, pooling="device")
    assert node.claimable({FPGA["address"]: fpga}) == 1


def test_more_claims_than_devices_end_no_pass(node, real):
    node.sync([{**NIC_CARD, "vfs": {**NIC_CARD["vfs"], "count": 4}}, *GPUS], LISTS + GPU_LISTS[5:])
    for who in ("bob", "eve", "zoe"):
        real.claim(who, {VFS: {NIC: 1}})
    node.lose()
    two = {**NIC_CARD, "vfs": {**NIC_CARD["vfs"], "count": 2}}
    report = node.sync([two, *GPUS], OTHER_ALIAS + GPU_LISTS[5:])
    assert name(VFS) in report.planned.held
    assert node.claimable({gpu["address"]: GPU for gpu in GPUS}) == 3
    assert node.claimable({VFS: VIRT}) == 0


def test_more_claims_than_devices_follow_them_where_that_is_certain(node, real):
    node.sync([NIC_CARD])
    for who in ("bob", "eve", "zoe"):
        real.claim(who, {VFS: {NIC: 1}})
    two = [{**NIC_CARD, "vfs": {**NIC_CARD["vfs"], "count": 2}}]
    node.sync(two)
    node.sync(two, OTHER_ALIAS)
    node.sync(two, OTHER_ALIAS)
    assert node.claimable({VFS: VIRT}) == 0
