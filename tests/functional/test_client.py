"""Reading a compute node's tree from a real Placement, and writing to it."""

from dataclasses import replace

import pytest
from support import answers
from support.cloud import (
    CARD,
    MARK,
    NIC,
    PLAIN,
    QAT,
    VFS,
    amounts,
    name,
    reserved,
    tree,
    uuid,
    want,
)
from support.losing import losing
from support.placements import ROOT, consumer_uuid

from pci_placement import names
from pci_placement.errors import GenerationConflict, NameTaken, PlacementError, RootNotFound
from pci_placement.model import Inventory
from pci_placement.model.outcome import Result
from pci_placement.placement import RootWanted
from pci_placement.plan.planner import make_plan

NODE = RootWanted(ROOT.name)
WANTED = [want(PLAIN, {QAT: 1}), want(CARD), want(VFS, {NIC: 4})]
KEYS = [PLAIN, CARD, VFS]


def paths(placement) -> list[str]:
    """What was asked for, but for the versions."""
    return [request.path for request in placement.requests if request.path != "/"]


def sync(client, *wanted):
    observed = client.observe(NODE, [provider.key for provider in wanted])
    return client.apply(make_plan(tree(*wanted), observed))


@pytest.fixture
def synced(client, real, placement):
    """A node with three providers of ours; the requests until then are forgotten."""
    assert {done.result for done in sync(client, *WANTED).results} == {Result.DONE}
    placement.requests.clear()
    return real


# --- the root


@pytest.mark.parametrize(
    "root",
    [
        pytest.param(RootWanted(ROOT.name), id="by name"),
        pytest.param(RootWanted("whatever", ROOT.uuid), id="by uuid, which counts first"),
    ],
)
@pytest.mark.usefixtures("real")
def test_the_root_is_found(client, root):
    observed = client.observe(root, [])
    assert (observed.root, observed.providers, observed.keys) == (ROOT, {}, {})


@pytest.mark.usefixtures("synced")
def test_by_uuid_one_request_proves_that_nothing_changed(client, placement):
    before = client.observe(RootWanted("", ROOT.uuid), KEYS)
    placement.requests.clear()
    assert client.observe(RootWanted("", ROOT.uuid), KEYS, before.providers) == before
    assert paths(placement) == [f"/resource_providers?in_tree={ROOT.uuid}"]


def test_a_name_with_odd_characters_is_found(client):
    odd = RootWanted("node #1 & co/ünï?name=x")
    client.create_root(odd)
    assert client.observe(odd, []).root.name == odd.name


@pytest.mark.usefixtures("real")
def test_a_root_that_is_not_there_is_told_with_the_names_that_are_near(client, placement):
    for other in ("node01", "node02.example.org", "storage"):
        placement.create_compute_node(other)
    with pytest.raises(RootNotFound) as caught:
        client.observe(RootWanted("node0"), [])
    near = ("node02.example.org", "node01", "node")
    assert caught.value.near == near
    assert f"'node0' is not in Placement; near names: {', '.join(near)}." in str(caught.value)


@pytest.mark.parametrize("asked", ["compute-7", "COMPUTE-7", "compute-7.other.example"])
def test_case_and_domain_do_not_keep_a_name_from_being_near(client, placement, asked):
    for name_of in ("Compute-7.example.org", "zzz"):
        placement.create_compute_node(name_of)
    with pytest.raises(RootNotFound) as caught:
        client.observe(RootWanted(asked), [])
    assert caught.value.near == ("Compute-7.example.org",)


@pytest.mark.usefixtures("synced")
def test_providers_below_a_root_are_not_near(client):
    with pytest.raises(RootNotFound) as caught:
        client.observe(RootWanted(name(PLAIN) + "x"), [])
    assert caught.value.near == ()


@pytest.mark.usefixtures("placement")
def test_an_empty_placement_has_no_near_names(client):
    with pytest.raises(RootNotFound, match=r"is not in Placement\. zun-compute") as caught:
        client.observe(RootWanted("node", ROOT.uuid), [])
    assert (caught.value.wanted, caught.value.near) == (ROOT.uuid, ())


@pytest.mark.parametrize("wanted", [RootWanted("lab"), RootWanted("lab", ROOT.uuid)])
@pytest.mark.usefixtures("placement")
def test_a_root_can_be_created_for_labs(client, wanted):
    client.create_root(wanted)
    root = client.observe(wanted, []).root
    assert root.name == "lab"
    assert wanted.uuid in (None, root.uuid)


@pytest.mark.usefixtures("real")
def test_a_root_is_created_once(client):
    with pytest.raises(NameTaken):
        client.create_root(NODE)


# --- what is read, and what is not


@pytest.mark.usefixtures("synced")
def test_providers_that_can_be_ours_are_read_in_full(client):
    observed = client.observe(NODE, KEYS)
    assert observed.keys == {uuid(key): key for key in KEYS}
    vfs = observed.providers[uuid(VFS)]
    assert (vfs.name, vfs.parent, vfs.generation) == (name(VFS), uuid(CARD), 3)
    assert (vfs.inventories, vfs.traits) == (amounts({NIC: 4}), {MARK})
    assert vfs.consumers is None


def test_all_six_fields_of_an_inventory_are_read(client, synced):
    url = f"/resource_providers/{uuid(VFS)}/inventories"
    odd = Inventory(8, 1, min_unit=2, max_unit=4, step_size=2, allocation_ratio=1.5)
    fields = {name: getattr(odd, name) for name in Inventory.__dataclass_fields__}
    body = {"resource_provider_generation": 3, "inventories": {NIC: fields}}
    synced.send("PUT", url, body)
    assert client.observe(NODE, KEYS).providers[uuid(VFS)].inventories == {NIC: odd}


def test_providers_of_others_are_listed_and_not_read(client, real, placement):
    real.create_foreign("CYBORG", "node_0000:3b:00.0", "CUSTOM_CYBORG")
    placement.requests.clear()
    observed = client.observe(NODE, [PLAIN])
    assert [line.name for line in observed.listed] == ["node", "node_0000:3b:00.0"]
    assert observed.providers == {}
    assert len(paths(placement)) == 2


@pytest.mark.usefixtures("real")
def test_the_trees_of_other_nodes_are_not_listed(client, placement):
    placement.create_compute_node("node01")
    assert [line.name for line in client.observe(NODE, []).listed] == ["node"]


def test_our_provider_that_somebody_renamed_is_known_by_its_key(client, synced):
    synced.rename(PLAIN, "by hand")
    observed = client.observe(NODE, KEYS)
    assert observed.providers[uuid(PLAIN)].name == "by hand"
    assert uuid(PLAIN) not in client.observe(NODE, []).providers


def test_only_a_bare_provider_is_asked_for_its_aggregates(client, real, placement):
    for key in (PLAIN, CARD):
        body = {"name": name(key), "uuid": uuid(key), "parent_provider_uuid": ROOT.uuid}
        real.send("POST", "/resource_providers", body)
    body = {"aggregates": [ROOT.uuid], "resource_provider_generation": 0}
    real.send("PUT", f"/resource_providers/{uuid(CARD)}/aggregates", body)
    bare = client.observe(NODE, [PLAIN, CARD]).providers
    assert {key: bare[uuid(key)].has_aggregates for key in (PLAIN, CARD)} == {
        PLAIN: False,
        CARD: True,
    }
    real.add_trait(CARD, "CUSTOM_A")
    placement.requests.clear()
    client.observe(NODE, [CARD])
    assert f"/resource_providers/{uuid(CARD)}/aggregates" not in paths(placement)


# --- what is remembered


@pytest.mark.usefixtures("synced")
def test_a_provider_that_did_not_change_is_not_read_again(client, placement):
    before = client.observe(NODE, KEYS)
    placement.requests.clear()
    assert client.observe(NODE, KEYS, before.providers) == before
    assert paths(placement) == [
        "/resource_providers?name=node",
        f"/resource_providers?in_tree={ROOT.uuid}",
    ]


def test_a_provider_that_changed_is_read_again_and_no_other(client, synced, placement):
    before = client.observe(NODE, KEYS)
    synced.reserve(VFS, NIC, 1)
    placement.requests.clear()
    observed = client.observe(NODE, KEYS, before.providers)
    assert observed.providers[uuid(VFS)].inventories == {NIC: reserved(4, 1)}
    assert [path.split("/")[2] for path in paths(placement)[2:]] == [uuid(VFS)] * 2


def test_a_new_name_or_parent_is_seen_without_reading(client, synced, placement):
    before = client.observe(NODE, KEYS)
    synced.rename(VFS, "by hand")
    synced.send("PUT", f"/resource_providers/{uuid(VFS)}", {"name": "x"} | BELOW_ROOT)
    placement.requests.clear()
    vfs = client.observe(NODE, KEYS, before.providers).providers[uuid(VFS)]
    assert vfs == replace(before.providers[uuid(VFS)], name="x", parent=ROOT.uuid)
    assert len(paths(placement)) == 2


BELOW_ROOT = {"parent_provider_uuid": ROOT.uuid}


def test_what_is_remembered_of_a_provider_that_is_gone_does_not_bring_it_back(client, synced):
    before = client.observe(NODE, KEYS)
    synced.delete(PLAIN)
    assert set(client.observe(NODE, KEYS, before.providers).providers) == {uuid(CARD), uuid(VFS)}


def test_consumers_are_never_remembered(client, synced):
    synced.claim("bob", {VFS: {NIC: 1}})
    before = client.with_consumers(client.observe(NODE, KEYS), [uuid(VFS)])
    again = client.observe(NODE, KEYS, before.providers)
    assert again.providers[uuid(VFS)].consumers is None


def test_but_that_there_were_none_is_while_the_generation_stays(client, synced):
    before = client.with_consumers(client.observe(NODE, KEYS), [uuid(VFS)])
    again = client.observe(NODE, KEYS, before.providers)
    assert again.providers[uuid(VFS)].unused
    synced.claim("bob", {VFS: {NIC: 1}})
    assert not client.observe(NODE, KEYS, before.providers).providers[uuid(VFS)].unused


# --- consumers


def test_consumers_are_read_of_those_that_are_asked_for(client, synced, placement):
    synced.claim("alice", {VFS: {NIC: 1}, PLAIN: {QAT: 1}})
    synced.claim("bob", {VFS: {NIC: 2}})
    observed = client.observe(NODE, KEYS)
    placement.requests.clear()
    asked = client.with_consumers(observed, [uuid(VFS)]).providers
    assert asked[uuid(VFS)].consumers == {
        consumer_uuid("alice"): {NIC: 1},
        consumer_uuid("bob"): {NIC: 2},
    }
    assert asked[uuid(VFS)].used == {NIC: 3}
    assert asked[uuid(PLAIN)].consumers is None
    assert paths(placement) == [f"/resource_providers/{uuid(VFS)}/allocations"]


@pytest.mark.usefixtures("synced")
def test_a_provider_that_nobody_uses_has_no_consumers(client):
    asked = client.with_consumers(client.observe(NODE, KEYS), [uuid(PLAIN)])
    assert asked.providers[uuid(PLAIN)].consumers == {}


# --- names


def test_traits_are_looked_up_a_hundred_at_a_time(client, placement):
    unknown = {names.trait(f"NOBODY_{number}") for number in range(250)}
    assert client.unknown_traits({*unknown, names.NIC_SRIOV}) == unknown
    assert len(paths(placement)) == 3
    assert {request.status for request in placement.requests} == {200}


def test_no_request_is_sent_about_no_traits(client, placement):
    assert client.unknown_traits([]) == frozenset()
    assert placement.requests == []


@pytest.mark.usefixtures("synced")
def test_names_that_placement_does_not_know_are_told(client):
    unknown = client.unknown_names([QAT, names.resource_class("VGPU"), "CUSTOM_X"], [MARK, "HW_X"])
    assert unknown == {"CUSTOM_X", "HW_X"}


@pytest.mark.usefixtures("synced")
def test_classes_that_placement_does_not_know_are_told_by_one_request(client, placement):
    placement.requests.clear()
    wanted = map(names.resource_class, ("PGPU", "CUSTOM_X", QAT))
    assert client.unknown_classes(wanted) == {"CUSTOM_X"}
    assert len(paths(placement)) == 1


# --- candidates


@pytest.mark.usefixtures("synced")
def test_a_candidate_tells_the_root_and_what_would_be_claimed_of_whom(client):
    (found,) = client.allocation_candidates(
        f"resources1={NIC}:1&resources2={QAT}:1&group_policy=none", "1.31"
    )
    assert found.root == ROOT.uuid
    assert found.allocations == {uuid(VFS): {NIC: 1}, uuid(PLAIN): {QAT: 1}}


def test_nothing_free_is_no_candidate_but_an_unknown_class_is_an_error(client, synced):
    synced.claim("bob", {PLAIN: {QAT: 1}})
    assert client.allocation_candidates(f"resources1={QAT}:1", "1.31") == []
    with pytest.raises(PlacementError) as caught:
        client.allocation_candidates("resources1=CUSTOM_NOBODY:1", "1.31")
    assert caught.value.status == 400


# --- a connection that drops at the wrong moment


def results(outcome) -> set[Result]:
    return {done.result for done in outcome.results}


@pytest.mark.usefixtures("real")
def test_a_post_whose_answer_was_lost_is_repeated_and_counts_as_done(placement):
    client = losing(placement, "POST", "resource_providers", 2)
    placement.requests.clear()
    assert results(sync(client, want(PLAIN, {QAT: 1}))) == {Result.DONE}
    statuses = [r.status for r in placement.requests if r.method == "POST"]
    assert statuses == [200, 409, 409]


@pytest.mark.usefixtures("real")
def test_a_put_whose_answer_was_lost_ends_in_a_conflict_and_the_next_try_finds_it_done(
    placement, client
):
    outcome = sync(losing(placement, "PUT", "inventories", 1), want(PLAIN, {QAT: 1}))
    assert isinstance(outcome.stopped, GenerationConflict)
    assert sync(client, want(PLAIN, {QAT: 1})).results == ()


# --- what other tests rely on


def test_placement_still_answers_as_it_was_recorded(placement):
    def telling(content: dict) -> dict:
        body = content["body"]
        errors = [{**e, "request_id": ""} for e in (body or {}).get("errors", [])]
        content["headers"].pop("x-openstack-request-id", None)
        return content | {"body": {**body, "errors": errors} if errors else body}

    recorded = dict(answers.record(placement.url))
    for name_of_it, content in recorded.items():
        assert telling(content) == telling(answers.read(name_of_it)), name_of_it
