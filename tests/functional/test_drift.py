"""What somebody did to our providers by hand is found by the next pass, mended and told."""

import pytest
from support import hosts
from support.cloud import (
    CARD,
    HOST,
    LISTS,
    MARK,
    NIC,
    PLAIN,
    QAT,
    VFS,
    amounts,
    configure,
    name,
    told,
    uuid,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.model import EnsureResourceClass, EnsureTrait, LastPass
from pci_placement.plan.drift import DELETED, INVENTORIES_CHANGED, RENAMED, TRAITS_CHANGED
from pci_placement.plan.provider import NEW
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler

PHYSNET = names.physnet_trait("physnet1")


@pytest.fixture
def node(client, tmp_path):
    settings = load([ConfigPath(str(configure(tmp_path, LISTS)))])
    return Reconciler(settings, lambda: hosts.snapshot(HOST), client, [].append)


@pytest.fixture
def synced(node, real):
    """What somebody may now spoil."""
    real.last_pass = node.run_once().last_pass
    real.claim("alice", {VFS: {NIC: 1}})
    return real


@pytest.fixture(params=["with the cache", "without it"])
def last(request, synced):
    return synced.last_pass if request.param == "with the cache" else LastPass()


def put(client, key: str, name: str, parent: str) -> None:
    body = {"name": name, "parent_provider_uuid": parent}
    client.send("PUT", f"/resource_providers/{uuid(key)}", body)


def written(report) -> list:
    """What was done to providers; a name is made first where it is the only one of its kind."""
    done = (done.action for done in report.outcome.results if done.result == "done")
    return [action for action in done if not isinstance(action, EnsureResourceClass | EnsureTrait)]


def actions(report) -> list[str]:
    return told(written(report))


def reasons(report) -> list[str]:
    """What somebody else did, or why else something is written."""
    return [action.reason.drift or action.reason for action in written(report)]


def check_mended(node, report, client) -> None:
    """All stands where it did, alice has what she had, and nothing is left to do."""
    assert report.outcome.stopped is None
    assert not report.outcome.failed
    assert report.planned.held == {}
    found = node.look().observed
    where = {key: (p.name, p.parent) for key, p in by_key(found).items()}
    assert where == {
        PLAIN: (name(PLAIN), ROOT.uuid),
        CARD: (name(CARD), ROOT.uuid),
        VFS: (name(VFS), uuid(CARD)),
    }
    assert by_key(found)[VFS].inventories == amounts({NIC: 4})
    assert {MARK, PHYSNET} <= by_key(found)[VFS].traits
    held = client.send("GET", f"/resource_providers/{uuid(VFS)}/usages")["usages"]
    assert held == {NIC: 1}
    assert node.look(report.last_pass).plan.actions == ()
    assert node.look().plan.actions == ()


def by_key(observed) -> dict:
    return {observed.keys[uuid]: p for uuid, p in observed.providers.items()}


# --- its place


@pytest.mark.parametrize("key", [PLAIN, CARD, VFS])
def test_a_provider_moved_to_another_root_is_moved_back(node, client, placement, last, key):
    other = placement.create_compute_node("node01")
    put(client, key, name(key), other)
    report = node.run_once(last)
    assert f"MoveProvider {key}" in actions(report)
    check_mended(node, report, client)


def test_so_is_one_that_was_renamed_as_well_where_the_cache_knows_it(
    node, synced, client, placement
):
    other = placement.create_compute_node("node01")
    put(client, PLAIN, "node01:pci:by-hand", other)
    report = node.run_once(synced.last_pass)
    assert actions(report) == ["MoveProvider by-hand", f"RenameProvider {PLAIN}"]
    check_mended(node, report, client)


def test_one_moved_away_whose_device_is_gone_is_deleted_where_it_is(
    node, synced, client, placement
):
    other = placement.create_compute_node("node01")
    put(client, PLAIN, name(PLAIN), other)
    gone = Reconciler(node.settings, lambda: hosts.snapshot(HOST[1:]), client, [].append)
    report = gone.run_once(synced.last_pass)
    assert actions(report) == [f"DeleteProvider {PLAIN}"]
    assert gone.look(report.last_pass).plan.actions == ()


@pytest.mark.usefixtures("real")
def test_a_provider_of_another_host_that_has_its_name_is_told_and_left_alone(
    node, client, placement
):
    other = placement.create_compute_node("node01")
    client.send("POST", "/resource_providers", {"name": name(PLAIN), "parent_provider_uuid": other})
    report = node.run_once()
    assert [told([done.action]) for done in report.outcome.failed] == [[f"CreateProvider {PLAIN}"]]
    assert "Conflicting resource provider name" in report.outcome.failed[0].why
    assert uuid(VFS) in report.last_pass.providers


@pytest.mark.parametrize("parent", [ROOT.uuid, uuid(PLAIN)], ids=["below the root", "a sibling"])
def test_a_provider_moved_within_the_tree_is_moved_back(node, client, last, parent):
    put(client, VFS, name(VFS), parent)
    report = node.run_once(last)
    assert actions(report) == [f"MoveProvider {VFS}"]
    check_mended(node, report, client)


# --- its name


def test_a_provider_that_was_renamed_gets_its_name_back(node, client, last):
    put(client, PLAIN, "by hand", ROOT.uuid)
    report = node.run_once(last)
    assert actions(report) == [f"RenameProvider {PLAIN}"]
    check_mended(node, report, client)


def test_that_is_told(node, synced, client):
    put(client, PLAIN, "by hand", ROOT.uuid)
    report = node.run_once(synced.last_pass)
    assert reasons(report) == [RENAMED.format("by hand")]


# --- gone


def test_a_provider_that_was_deleted_is_made_again(node, synced, client, last):
    synced.delete(PLAIN)
    report = node.run_once(last)
    assert actions(report) == [f"{kind} {PLAIN}" for kind in MADE]
    assert by_key(node.look().observed)[PLAIN].inventories == amounts({QAT: 1})
    check_mended(node, report, client)
    assert reasons(report)[0] == (DELETED if last.root else NEW)


MADE = ("CreateProvider", "SetTraits", "SetInventories")


def test_a_whole_card_that_was_deleted_is_made_again(node, synced, client):
    synced.release("alice")
    for key in (VFS, CARD):
        synced.delete(key)
    report = node.run_once(synced.last_pass)
    assert reasons(report).count(DELETED) == 2
    synced.claim("alice", {VFS: {NIC: 1}})
    check_mended(node, report, client)


# --- what it has


def set_inventories(client, inventories: dict) -> None:
    url = f"/resource_providers/{uuid(VFS)}/inventories"
    generation = client.send("GET", url)["resource_provider_generation"]
    body = {"resource_provider_generation": generation, "inventories": inventories}
    client.send("PUT", url, body)


OTHER = {"CUSTOM_OF_SOMEBODY": {"total": 1}}


@pytest.mark.parametrize(
    ("inventories", "said"),
    [
        (
            {NIC: {"total": 9, "max_unit": 9}},
            f"{NIC} total 9 instead of 4, {NIC} max_unit 9 instead of 4",
        ),
        (
            {NIC: {"total": 4, "max_unit": 4, "allocation_ratio": 16.0}},
            f"{NIC} allocation_ratio 16.0 instead of 1.0",
        ),
        ({NIC: {"total": 4, "max_unit": 4}, **OTHER}, "CUSTOM_OF_SOMEBODY added"),
    ],
)
def test_inventories_that_were_changed_are_set_back(node, client, last, inventories, said):
    client.send("PUT", "/resource_classes/CUSTOM_OF_SOMEBODY")
    set_inventories(client, inventories)
    report = node.run_once(last)
    assert actions(report) == [f"SetInventories {VFS}"]
    check_mended(node, report, client)
    if last.root:
        assert reasons(report) == [INVENTORIES_CHANGED.format(said)]


def test_inventories_that_were_taken_away_are_set_back(node, synced, client):
    synced.release("alice")
    set_inventories(client, {})
    report = node.run_once(synced.last_pass)
    assert reasons(report) == [INVENTORIES_CHANGED.format(f"{NIC} gone")]
    synced.claim("alice", {VFS: {NIC: 1}})
    check_mended(node, report, client)


def set_traits(client, change) -> None:
    url = f"/resource_providers/{uuid(VFS)}/traits"
    body = client.send("GET", url)
    client.send("PUT", url, body | {"traits": sorted(change(set(body["traits"])))})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda traits: traits - {PHYSNET}, f"-{PHYSNET}"),
        (lambda traits: traits | {"CUSTOM_PHYSNET_PHYSNET2"}, "+CUSTOM_PHYSNET_PHYSNET2"),
        (
            lambda traits: traits - {PHYSNET} | {"CUSTOM_PHYSNET_PHYSNET2"},
            f"+CUSTOM_PHYSNET_PHYSNET2 -{PHYSNET}",
        ),
    ],
    ids=["one gone", "one added", "another one"],
)
def test_traits_that_were_changed_are_set_back(node, client, last, change, said):
    client.send("PUT", "/traits/CUSTOM_PHYSNET_PHYSNET2")
    set_traits(client, change)
    report = node.run_once(last)
    assert actions(report) == [f"SetTraits {VFS}"]
    check_mended(node, report, client)
    if last.root:
        assert reasons(report) == [TRAITS_CHANGED.format(said)]


def test_all_of_it_at_once(node, synced, client, placement):
    put(client, CARD, name(CARD), placement.create_compute_node("node01"))
    set_traits(client, lambda traits: traits - {PHYSNET})
    set_inventories(client, {NIC: {"total": 9}})
    put(client, VFS, "by hand", uuid(CARD))
    synced.delete(PLAIN)
    report = node.run_once(synced.last_pass)
    check_mended(node, report, client)


# --- with our mark, and not ours


def test_a_provider_with_our_mark_that_we_did_not_make_is_told_and_left_alone(node, synced):
    synced.create_foreign("somebodys", "node-somebodys", MARK)
    before = synced.send("GET", f"/resource_providers/{uuid('somebodys')}")
    report = node.run_once(synced.last_pass.to_be_read())
    (warning,) = report.planned.warnings
    assert warning.problem.startswith("node-somebodys carries our mark, and its uuid is none")
    assert synced.send("GET", f"/resource_providers/{uuid('somebodys')}") == before
    assert node.run_once(report.last_pass).planned.warnings == ()


@pytest.mark.parametrize("forgets", [False, True], ids=["with the cache", "without it"])
def test_what_provider_yaml_of_nova_adds_as_traits_stays_and_is_written_no_more(
    node, synced, forgets
):
    """It adds OWNER_NOVA, and what its file says, again whenever it refreshes its cache."""
    for trait in ("OWNER_NOVA", "CUSTOM_FROM_PROVIDER_YAML"):
        synced.add_trait(PLAIN, trait)
    first = node.run_once(LastPass() if forgets else synced.last_pass)
    assert written(first) == []
    assert {"OWNER_NOVA", "CUSTOM_FROM_PROVIDER_YAML"} <= first.last_pass.providers[
        uuid(PLAIN)
    ].traits
    assert written(node.run_once(first.last_pass)) == []
