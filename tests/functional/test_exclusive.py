"""A PF or its VFs, whichever is claimed first (pf_vf_exclusive), decided by a real Placement."""

import pytest
from support import hosts
from support.cloud import amounts, configure, name, uuid
from support.placements import ROOT, consumer_uuid

from pci_placement import names
from pci_placement.errors import PlacementError
from pci_placement.mapping import request
from pci_placement.mapping.claims import addresses
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.model import LastPass
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler

CARD, VF_ONLY, PLAIN, OTHER = "0000:42:00.0", "0000:81:00.0", "0000:3b:00.0", "0000:3c:00.0"
VFS = f"{VF_ONLY}:vf"
WHOLE, PART, NIC, QAT = map(names.resource_class, ("PCI_CARD", "PCI_VF", "PCI_NIC", "PCI_QAT"))
SLOT = names.SLOT
MANY = 300
IN_USE = "placement.undefined_code"

HOST = [
    {
        "address": CARD,
        "id": "8086:37c8",
        "totalvfs": 512,
        "vf_device": "37c9",
        "vfs": {"count": MANY, "first": "0000:42:01.0"},
    },
    {
        "address": VF_ONLY,
        "id": "8086:10c9",
        "totalvfs": 8,
        "vf_device": "10ca",
        "vfs": {"count": 4, "first": "0000:81:10.0", "step": 2},
    },
    {"address": PLAIN, "id": "8086:0443", "numa": 0},
    {"address": OTHER, "id": "8086:0443", "numa": 0},
]

LISTS = """
[pci]
alias = {"name": "card", "vendor_id": "8086", "product_id": "37c8", "device_type": "type-PF"}
alias = {"name": "vf", "vendor_id": "8086", "product_id": "37c9", "device_type": "type-VF"}
alias = {"name": "nic", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}
alias = {"name": "qat", "vendor_id": "8086", "product_id": "0443"}
device_spec = {"product_id": "37c8"}
device_spec = {"product_id": "37c9"}
device_spec = {"address": "0000:81:00.0"}
device_spec = {"product_id": "0443"}
"""


@pytest.fixture
def node(client, tmp_path, real):
    """One pass over a host; gives what it left behind and knows the settings."""

    def node(host=HOST, last_pass: LastPass | None = None, **own: str):
        path = configure(tmp_path, LISTS, pf_vf_exclusive="true", **own)
        settings = load([ConfigPath(str(path))])
        real.settings = settings
        reconciler = Reconciler(settings, lambda: hosts.snapshot(host), client, [].append)
        report = reconciler.run_once(last_pass)
        assert report.outcome.stopped is None
        assert not report.outcome.failed
        assert not report.planned.held
        return report

    return node


@pytest.fixture
def synced(node, real):
    """The host above after its first pass."""
    real.report = node()
    return real


def groups(real, usage: str, together: bool = False) -> tuple[request.RequestGroup, ...]:
    usages = request.parse_usage(usage)
    return request.translate(usages, real.settings.aliases, together, exclusive=True)


def candidates(real, client, usage: str, together: bool = False):
    query = request.query(groups(real, usage, together))
    return client.allocation_candidates(query, request.MICROVERSION)


def claim(real, consumer: str, candidate) -> None:
    """PUT what Placement proposed, as a scheduler does, perhaps much later."""
    body = {
        "allocations": {u: {"resources": dict(r)} for u, r in candidate.allocations.items()},
        "project_id": "lab",
        "user_id": "lab",
        "consumer_generation": None,
        "consumer_type": "CONTAINER",
    }
    real.send("PUT", f"/allocations/{consumer_uuid(consumer)}", body)


def the_only(found):
    (candidate,) = found
    return candidate


def inventories(report, key: str):
    return report.last_pass.providers[uuid(key)].inventories


# --- what is reported


def test_a_card_with_many_vfs_is_one_provider_with_the_slots_of_one_card(synced):
    assert inventories(synced.report, CARD) == amounts({WHOLE: 1, PART: MANY, SLOT: SLOTS})
    tree = synced.report.planned.host.tree
    assert len(tree.by_key()[CARD].addresses) == MANY + 1
    assert max(tree.by_key()[CARD].addresses).bus == 0x43  # they spill over into the next bus


def test_a_card_of_which_only_vfs_are_offered_has_its_slots_beside_them(synced):
    assert inventories(synced.report, VFS) == amounts({NIC: 4, SLOT: SLOTS})
    assert inventories(synced.report, VF_ONLY) == {}


def test_a_plain_device_has_slots_as_well(synced):
    assert inventories(synced.report, PLAIN) == amounts({QAT: 1, SLOT: SLOTS})


def test_a_pool_has_the_slots_of_all_its_devices(node):
    report = node(pooling="numa")
    (pool,) = (p for p in report.last_pass.providers.values() if QAT in p.inventories)
    assert pool.inventories == amounts({QAT: 2, SLOT: 2 * SLOTS})


# --- what is asked for


@pytest.mark.parametrize(
    ("usage", "together", "query"),
    [
        ("card", False, "resources1=CUSTOM_PCI_CARD:1,CUSTOM_PCI_SLOT:65536"),
        ("vf", False, "resources1=CUSTOM_PCI_VF:1,CUSTOM_PCI_SLOT:1"),
        ("qat", False, "resources1=CUSTOM_PCI_QAT:1,CUSTOM_PCI_SLOT:1"),
        ("vf:3", True, "resources1=CUSTOM_PCI_VF:3,CUSTOM_PCI_SLOT:3"),
        (
            "vf:2",
            False,
            "resources1=CUSTOM_PCI_VF:1,CUSTOM_PCI_SLOT:1&"
            "resources2=CUSTOM_PCI_VF:1,CUSTOM_PCI_SLOT:1&group_policy=none",
        ),
    ],
)
def test_a_query_asks_for_the_slots_too(synced, usage, together, query):
    assert request.query(groups(synced, usage, together)) == query


def test_extra_specs_ask_for_the_slots_too(synced):
    assert request.extra_specs(groups(synced, "card,vf")) == {
        "resources1:CUSTOM_PCI_CARD": "1",
        "resources1:CUSTOM_PCI_SLOT": "65536",
        "resources2:CUSTOM_PCI_VF": "1",
        "resources2:CUSTOM_PCI_SLOT": "1",
        "group_policy": "none",
    }


# --- who comes first


def test_once_the_card_is_claimed_none_of_its_vfs_can_be(synced, client):
    claim(synced, "alice", the_only(candidates(synced, client, "card")))
    assert candidates(synced, client, "vf") == []


def test_once_a_vf_is_claimed_the_card_cannot_be_and_other_vfs_can(synced, client):
    claim(synced, "alice", the_only(candidates(synced, client, "vf")))
    assert candidates(synced, client, "card") == []
    assert len(candidates(synced, client, "vf")) == 1


def test_both_together_are_never_proposed(synced, client):
    assert candidates(synced, client, "card,vf") == []


@pytest.mark.parametrize(("first", "second"), [("card", "vf"), ("vf", "card"), ("card", "card")])
def test_a_candidate_from_before_another_claim_is_refused(synced, client, first, second):
    early = the_only(candidates(synced, client, first))
    late = the_only(candidates(synced, client, second))
    claim(synced, "alice", early)
    with pytest.raises(PlacementError) as refused:
        claim(synced, "bob", late)
    assert (refused.value.status, refused.value.code) == (409, IN_USE)


def test_a_candidate_from_before_another_claim_of_a_vf_is_not(synced, client):
    early, late = (the_only(candidates(synced, client, "vf")) for _ in range(2))
    claim(synced, "alice", early)
    claim(synced, "bob", late)
    assert candidates(synced, client, "card") == []


def test_when_the_last_vf_is_released_the_card_is_free_again(synced, client):
    claim(synced, "alice", the_only(candidates(synced, client, "vf")))
    claim(synced, "bob", the_only(candidates(synced, client, "vf")))
    synced.release("alice")
    assert candidates(synced, client, "card") == []
    synced.release("bob")
    assert len(candidates(synced, client, "card")) == 1


def test_all_vfs_of_a_large_card_can_be_claimed_and_no_more(synced, client):
    assert candidates(synced, client, f"vf:{MANY + 1}", together=True) == []
    claim(synced, "alice", the_only(candidates(synced, client, f"vf:{MANY}", together=True)))
    assert candidates(synced, client, "vf") == []


def test_plain_devices_and_vfs_of_other_cards_are_claimed_as_ever(synced, client):
    claim(synced, "alice", the_only(candidates(synced, client, "card")))
    assert len(candidates(synced, client, "qat:2")) == 2
    assert len(candidates(synced, client, "nic:4", together=True)) == 1


def test_every_device_of_a_pool_can_be_claimed(node, real, client):
    node(pooling="numa")
    claim(real, "alice", the_only(candidates(real, client, "qat:2", together=True)))
    assert candidates(real, client, "qat") == []


# --- reservations


def test_a_reserved_vf_rules_the_card_out_and_no_other_vf(node, synced, client):
    synced.reserve(CARD, PART, 1)
    assert len(candidates(synced, client, "card")) == 1  # until the next pass
    report = node()
    assert inventories(report, CARD)[SLOT].reserved == 1
    assert candidates(synced, client, "card") == []
    assert len(candidates(synced, client, f"vf:{MANY - 1}", together=True)) == 1


def test_a_vf_that_is_reserved_no_more_gives_the_card_back(node, synced, client):
    synced.reserve(CARD, PART, 1)
    node()
    synced.reserve(CARD, PART, 0)
    node()
    assert len(candidates(synced, client, "card")) == 1


def test_a_reserved_card_leaves_its_vfs_alone(node, synced, client):
    synced.reserve(CARD, WHOLE, 1)
    report = node()
    assert report.outcome.results == ()
    assert candidates(synced, client, "card") == []
    assert len(candidates(synced, client, "vf")) == 1


# --- after a claim


@pytest.mark.parametrize(("usage", "count"), [("card", 1), ("vf", MANY)])
def test_the_slots_are_no_devices_that_could_serve_a_claim(synced, client, usage, count):
    claim(synced, "alice", the_only(candidates(synced, client, usage)))
    held = client.send("GET", f"/allocations/{consumer_uuid('alice')}")["allocations"]
    tree = synced.report.planned.host.tree
    found = addresses(held, tree, ROOT.uuid)
    assert set(found) == {uuid(CARD)}
    assert len(found[uuid(CARD)]) == count
    assert (CARD in map(str, found[uuid(CARD)])) == (usage == "card")


def test_a_host_with_fewer_vfs_keeps_the_claims_and_the_rule(node, synced, client):
    claim(synced, "alice", the_only(candidates(synced, client, "vf:3", together=True)))
    card, *others = HOST
    fewer = [{**card, "vfs": {**card["vfs"], "count": 2}}, *others]
    report = node(fewer, synced.report.last_pass)
    assert inventories(report, CARD) == amounts({WHOLE: 1, PART: 2, SLOT: SLOTS})
    assert [candidates(synced, client, usage) for usage in ("card", "vf")] == [[], []]


def test_a_card_that_is_gone_and_used_is_drained_with_its_slots(node, synced, client):
    claim(synced, "alice", the_only(candidates(synced, client, "card")))
    report = node(HOST[1:])
    left = inventories(report, CARD)
    assert {i.total - i.reserved for i in left.values()} == {0}
    synced.release("alice")
    assert uuid(CARD) not in node(HOST[1:]).last_pass.providers
    assert name(CARD) not in [p["name"] for p in listed(client)]


def listed(client) -> list[dict]:
    return client.send("GET", f"/resource_providers?in_tree={ROOT.uuid}")["resource_providers"]


# --- claims of before the option hold no slots, whatever their inventory has


PF_LISTS = """
[pci]
alias = {"name": "card", "vendor_id": "8086", "product_id": "10c9", "device_type": "type-PF"}
alias = {"name": "nic", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}
"""
PF_LISTED = 'device_spec = {"address": "0000:81:00.0", "device_type": "type-PF"}\n'
VFS_LISTED = 'device_spec = {"product_id": "10ca"}\n'
BOTH_LISTED = PF_LISTS + PF_LISTED + VFS_LISTED


@pytest.fixture
def edited(client, tmp_path):
    """Passes over one card, one after the other, with what the last one left."""
    last = [LastPass()]

    def edited(lists: str, exclusive: bool):
        path = configure(tmp_path, lists, pf_vf_exclusive=str(exclusive).lower())
        settings = load([ConfigPath(str(path))])
        reconciler = Reconciler(settings, lambda: hosts.snapshot(HOST[1:2]), client, [].append)
        report = reconciler.run_once(last[0])
        assert (report.outcome.stopped, report.outcome.failed) == (None, ())
        last[0] = report.last_pass
        return report

    return edited


def refused(real, who: str, held: dict) -> bool:
    try:
        real.claim(who, held)
    except PlacementError:
        return True
    return False


def test_vfs_are_not_offered_beside_a_pf_that_was_claimed_before_there_were_slots(real, edited):
    edited(PF_LISTS + PF_LISTED, False)
    real.claim("bob", {VF_ONLY: {WHOLE: 1}})
    edited(PF_LISTS + PF_LISTED, True)
    edited(BOTH_LISTED, True)
    assert refused(real, "eve", {VF_ONLY: {NIC: 1, SLOT: 1}})
    real.release("bob")
    edited(BOTH_LISTED, True)
    assert not refused(real, "eve", {VF_ONLY: {NIC: 1, SLOT: 1}})
    assert refused(real, "bob", {VF_ONLY: {WHOLE: 1, SLOT: SLOTS}})


def test_a_pf_is_not_offered_beside_vfs_that_were_claimed_before_there_were_slots(real, edited):
    edited(PF_LISTS + VFS_LISTED, False)
    real.claim("bob", {VFS: {NIC: 1}})
    edited(PF_LISTS + VFS_LISTED, True)
    edited(BOTH_LISTED, True)
    assert refused(real, "eve", {VF_ONLY: {WHOLE: 1, SLOT: SLOTS}})
    real.release("bob")
    edited(BOTH_LISTED, True)
    assert not refused(real, "eve", {VF_ONLY: {WHOLE: 1, SLOT: SLOTS}})
