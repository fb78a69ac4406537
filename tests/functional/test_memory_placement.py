"""The Placement in memory does what the real one does, request by request.

`MEMORY_SEQUENCES=300 pytest tests/functional/test_memory_placement.py` tries that many sequences
of requests; MEMORY_SEED is the number of the first one.
"""

import os

import pytest
from keystoneauth1 import session, token_endpoint
from support.at_random import Ask, Sequence
from support.cloud import CARD, NIC, PLAIN, QAT, VFS, tree, uuid, want
from support.database import Database
from support.memory import MemoryAdapter
from support.placements import ROOT, Real, consumer_uuid
from support.side_by_side import SideBySide

from pci_placement.errors import GenerationConflict, InUse, NameTaken, PlacementError
from pci_placement.placement import Client, RootWanted, of_session
from pci_placement.placement.apply import Result
from pci_placement.plan.planner import make_plan

FIRST = int(os.environ.get("MEMORY_SEED", "0"))
SEQUENCES = int(os.environ.get("MEMORY_SEQUENCES", "4"))
REQUESTS = 100

NODE = RootWanted(ROOT.name)
WANTED = (want(PLAIN, {QAT: 1}), want(CARD), want(VFS, {NIC: 4}))
TREE = f"/resource_providers?in_tree={ROOT.uuid}"
URL = f"/resource_providers/{uuid(VFS)}"
CONSUMER = f"/allocations/{consumer_uuid('box')}"


@pytest.fixture
def both(placement, placement_folder):
    """Sends every request to a real Placement and to one in memory, and compares."""
    real = of_session(session.Session(token_endpoint.Token(placement.url, "admin")), None, None)
    with Database(placement_folder) as database:
        yield SideBySide(real, MemoryAdapter(), database)


@pytest.fixture
def node(both):
    """A client of both, after one pass, and with a claim."""
    client = Client(both)
    others = Real(client)
    sync(client, *WANTED)
    others.claim("box", {VFS: {NIC: 2}})
    return client


def sync(client: Client, *wanted) -> None:
    observed = client.observe(NODE, [provider.key for provider in wanted])
    observed = client.with_consumers(observed, observed.providers)
    done = client.apply(make_plan(tree(*wanted), observed)).results
    assert {each.result for each in done} == {Result.DONE}


def generation(client: Client) -> int:
    return client.send("GET", URL)["generation"]


def inventories(client: Client, **fields) -> dict:
    """The body that gives the VFs' provider other inventories than it has."""
    body = client.send("GET", f"{URL}/inventories")
    body["inventories"][NIC] |= fields
    return body


def reshape(client: Client, body: dict, held: dict | None = None) -> None:
    asked = {"inventories": {uuid(VFS): body}, "allocations": held or {}}
    client.send("POST", "/reshaper", asked, "1.37")


def claimed(client: Client, amount: int) -> dict:
    """The body with which the consumer holds so much instead."""
    body = client.send("GET", CONSUMER)
    body["allocations"] = {uuid(VFS): {"resources": {NIC: amount}}}
    return body


# --- at random


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEQUENCES))
def test_does_what_the_real_one_does(seed, both):
    sequence = Sequence(seed, both.memory.placement.state)
    for _ in range(REQUESTS):
        both.ask(sequence.next())


# --- what claims and reshapes rest on, each on both


def test_a_claim_moves_the_generation_on_and_its_release_does_not(node):
    before = generation(node)
    node.send("PUT", CONSUMER, claimed(node, 1))
    node.send("DELETE", CONSUMER)
    assert generation(node) == before + 1


def test_a_claim_of_nothing_moves_the_generation_on(node):
    before = generation(node)
    node.send("PUT", CONSUMER, claimed(node, 1) | {"allocations": {}})
    assert generation(node) == before + 1


def test_a_reshape_moves_the_generation_on_by_two(node):
    before = generation(node)
    reshape(node, inventories(node, total=5))
    assert generation(node) == before + 2


def test_a_reshape_to_no_inventories_moves_the_generation_on_by_one(node):
    node.send("DELETE", CONSUMER)
    body = inventories(node)
    reshape(node, body | {"inventories": {}})
    assert generation(node) == body["resource_provider_generation"] + 1


def test_a_reshape_from_no_inventories_moves_the_generation_on_by_two(node):
    node.send("DELETE", CONSUMER)
    before = inventories(node)
    node.send("PUT", f"{URL}/inventories", before | {"inventories": {}})
    empty = generation(node)
    reshape(node, before | {"resource_provider_generation": empty})
    assert generation(node) == empty + 2


def test_a_reshape_with_a_claim_moves_the_generation_on_by_three(node):
    body = inventories(node, total=5)
    held = claimed(node, 2)
    del held["consumer_type"]
    reshape(node, body, {consumer_uuid("box"): held})
    assert generation(node) == body["resource_provider_generation"] + 3


def test_a_reshape_takes_more_reserved_than_there_is(node):
    node.send("DELETE", CONSUMER)
    body = inventories(node, reserved=9)
    with pytest.raises(PlacementError, match=" 400 "):
        node.send("PUT", f"{URL}/inventories", body)
    reshape(node, body)
    assert inventories(node)["inventories"][NIC]["reserved"] == 9


def test_who_holds_too_much_may_hold_less(node):
    node.send("PUT", CONSUMER, claimed(node, 4))
    node.send("PUT", f"{URL}/inventories", inventories(node, total=1))
    node.send("PUT", CONSUMER, claimed(node, 3))
    with pytest.raises(PlacementError, match="undefined_code"):
        node.send("PUT", CONSUMER, claimed(node, 4))


def test_a_claim_of_an_unknown_provider_leaves_its_consumer_behind(node):
    url = f"/allocations/{consumer_uuid('other')}"
    body = claimed(node, 1) | {"consumer_generation": None}
    with pytest.raises(PlacementError, match="does not exist"):
        node.send("PUT", url, body | {"allocations": {consumer_uuid(""): {"resources": {NIC: 1}}}})
    with pytest.raises(GenerationConflict):
        node.send("PUT", url, body)
    node.send("PUT", url, body | {"consumer_generation": 0})


def test_what_is_used_stays(node):
    body = inventories(node)
    with pytest.raises(InUse):
        node.send("PUT", f"{URL}/inventories", body | {"inventories": {}})
    with pytest.raises(InUse):
        reshape(node, body | {"inventories": {}})
    for key in (VFS, CARD):
        with pytest.raises(InUse):
            node.send("DELETE", f"/resource_providers/{uuid(key)}")


def test_a_provider_that_is_created_again_starts_from_nothing(node):
    url = f"/resource_providers/{uuid(PLAIN)}"
    body = {key: node.send("GET", url)[key] for key in ("uuid", "name", "parent_provider_uuid")}
    node.send("DELETE", url)
    node.send("POST", "/resource_providers", body)
    assert node.send("GET", url)["generation"] == 0
    with pytest.raises(NameTaken):
        node.send("POST", "/resource_providers", body)


QUERIES = (
    ("1.31", f"resources1={NIC}:1"),
    ("1.31", f"resources1={NIC}:1&required1=!CUSTOM_NEVER"),
    ("1.31", f"resources1={NIC}:1&resources2={NIC}:1&group_policy=none"),
    ("1.39", f"resources1={NIC}:1&resources2={QAT}:1&group_policy=isolate"),
    ("1.39", f"resources1={NIC}:1&resources2={NIC}:1&group_policy=isolate"),
    ("1.39", f"resources={NIC}:1,{QAT}:1&in_tree={uuid(PLAIN)}"),
    ("1.39", f"resources1={NIC}:1&required1=HW_NIC_SRIOV"),
    ("1.31", f"resources0={NIC}:1"),
    ("1.31", f"resources0={NIC}:1&resources1={NIC}:1"),
    ("1.39", f"resources0={NIC}:1"),
    ("1.35", "required1=HW_NIC_SRIOV"),
    ("1.36", "required1=HW_NIC_SRIOV"),
    ("1.39", f"required1=HW_NIC_SRIOV&resources2={NIC}:1"),
)


@pytest.mark.usefixtures("node")
def test_candidates_are_the_same(both):
    for version, query in QUERIES:
        both.ask(Ask("GET", f"/allocation_candidates?{query}", version))


def test_several_groups_together_can_be_too_much_for_one_provider(node, both):
    node.send("PUT", f"{URL}/inventories", inventories(node, max_unit=1))
    query = f"resources1={NIC}:1&resources2={NIC}:1&group_policy=none"
    found = both.ask(Ask("GET", f"/allocation_candidates?{query}", "1.39"))
    assert found.json()["allocation_requests"] == []


@pytest.mark.usefixtures("node")
def test_traits_are_found_by_the_same_prefixes(both):
    for prefix in ("CUSTOM_PCI", "custom_pci", "CUSTOM%5FPCI", "CUS_OM", "%25_ID", ""):
        for more in ("", "&associated=true", "&associated=false"):
            both.ask(Ask("GET", f"/traits?name=startswith:{prefix}{more}", "1.39"))


MOVES = (
    ("1.36", uuid(PLAIN), 400),
    ("1.36", None, 400),
    ("1.36", ROOT.uuid, 200),
    ("1.37", uuid(VFS), 400),
    ("1.37", uuid(CARD), 400),
    ("1.37", uuid(PLAIN), 200),
    ("1.37", None, 200),
    ("1.36", uuid(PLAIN), 200),
)


def test_a_card_and_what_stands_below_it_move_together(node, both):
    for version, parent, status in MOVES:
        body = {"name": "card", "parent_provider_uuid": parent}
        done = both.ask(Ask("PUT", f"/resource_providers/{uuid(CARD)}", version, body))
        assert done.status_code == status
        for key in (CARD, VFS, PLAIN):
            node.send("GET", f"/resource_providers/{uuid(key)}")
            node.send("GET", f"/resource_providers?in_tree={uuid(key)}")


def test_the_next_passes_are_the_same(node):
    sync(node, want(PLAIN, {QAT: 1}), want(CARD, {NIC: 1}), want(VFS, {NIC: 3}))
    sync(node, want(CARD, {NIC: 1}))
    assert node.send("GET", TREE)
