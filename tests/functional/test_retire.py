"""`retire`: all that is ours leaves a node, nothing else does, and no later pass undoes it."""

import pytest
from support.cloud import CARD, LISTS, PLAIN, VFS, name, uuid
from support.command import by_token, writes
from support.placements import ROOT, consumer_uuid
from support.ports import kept_port
from support.seen import is_there, names_of, on_offer, traits, used

from pci_placement.cli.plan_rows import PLAN
from pci_placement.errors import PlacementError

NIC, QAT = "CUSTOM_PCI_NIC", "CUSTOM_PCI_QAT"
OURS = (PLAIN, CARD, VFS)
NETWORK = "CUSTOM_PHYSNET_PHYSNET1"
"""A trait that neutron names as well: it stays known."""
OTHER_ROOT = "0f1c1d6e-6a3b-4d2c-8c4e-3b9d2b7a5e11"
CONFLICT = """
[pci]
device_spec = {"vendor_id": "8086", "product_id": "10ca"}
device_spec = {"address": "0000:81:00.0", "device_type": "type-PF"}
"""
PROVIDERS = "/resource_providers"
AT_ONCE = "connect_retry_delay = 0.01"


def left(real) -> list[str]:
    return [key for key in OURS if is_there(real, key)]


@pytest.fixture
def synced(run, real):
    """This host as a first pass leaves it."""
    assert run("sync").code == 0
    assert left(real) == list(OURS)
    return real


def create(real, provider: str, parent: str = ROOT.uuid, **inventories: int) -> str:
    """A provider of another service."""
    body = {"name": provider, "parent_provider_uuid": parent}
    made = real.send("POST", PROVIDERS, body)["uuid"]
    if inventories:
        totals = {each: {"total": total} for each, total in inventories.items()}
        body = {"resource_provider_generation": 0, "inventories": totals}
        real.send("PUT", f"{PROVIDERS}/{made}/inventories", body)
    return made


# --- free, used, free again


def test_a_free_node_is_clean_at_once(run, synced, placement):
    done = run("retire --yes -f json")
    assert done.code == 0
    assert {row["result"] for row in done.json} == {"done"}
    assert left(synced) == []
    assert names_of(synced, "traits") == {NETWORK}
    assert names_of(synced, "resource_classes") == set()
    again = run("retire --yes -f json")
    assert (again.code, again.json) == (0, [])
    assert "nothing of ours is left in Placement" in again.err
    placement.requests.clear()
    run("retire --yes")
    assert writes(placement) == []


def test_what_is_used_stays_with_who_has_it_until_it_is_free(run, synced):
    synced.claim("bob", {VFS: {NIC: 1}})
    for _ in range(2):
        done = run("retire --yes")
        assert done.code == 5
        (told,) = (line for line in done.err.splitlines() if "left for now" in line)
        assert f"{name(VFS)} is in use by {consumer_uuid('bob')}" in told
        assert "nothing of ours" not in done.err
    assert left(synced) == [CARD, VFS]
    assert on_offer(synced, VFS) == {NIC: (4, 4)}
    assert used(synced, VFS) == {NIC: 1}
    synced.release("bob")
    done = run("retire --yes")
    assert (done.code, left(synced)) == (0, [])
    assert "left for now" not in done.err


def test_nobody_else_gets_what_is_still_used(run, synced):
    synced.claim("bob", {VFS: {NIC: 1}})
    run("retire --yes")
    with pytest.raises(PlacementError):
        synced.claim("eve", {VFS: {NIC: 1}})


def test_out_of_service_or_reserved_by_hand_it_goes_as_well(run, synced):
    run(f"device drain {PLAIN}")
    synced.reserve(VFS, NIC, 2)
    assert run("retire --yes").code == 0
    assert left(synced) == []


def test_a_used_up_device_goes_as_well(run, real):
    once = LISTS.replace('"0443"}\ndevice_spec', '"0443", "one_time_use": true}\ndevice_spec')
    run("sync", lists=once)
    real.claim("bob", {PLAIN: {QAT: 1}})
    run("sync", lists=once)
    assert on_offer(real, PLAIN) == {QAT: (1, 1)}
    assert run("retire --yes", lists=once).code == 5
    real.release("bob")
    assert run("retire --yes", lists=once).code == 0
    assert left(real) == []


@pytest.mark.usefixtures("synced")
def test_however_much_it_is_no_limit_holds_it_up(run, real):
    assert run("retire --yes", max_removals="0", policy="upsert-only").code == 0
    assert left(real) == []


# --- what is not ours


def test_nothing_of_anybody_else_is_touched(run, synced):
    root_before = synced.send("GET", f"{PROVIDERS}/{ROOT.uuid}")
    disk = create(synced, "node_disk", DISK_GB=100)
    synced.add_trait(VFS, "CUSTOM_OF_SOMEBODY")
    assert run("retire --yes").code == 0
    assert left(synced) == []
    found = synced.send("GET", f"{PROVIDERS}/{disk}/inventories")["inventories"]
    assert found["DISK_GB"]["total"] == 100
    assert synced.send("GET", f"{PROVIDERS}/{ROOT.uuid}") == root_before
    assert names_of(synced, "traits") == {"CUSTOM_OF_SOMEBODY", NETWORK}


def test_a_provider_in_our_place_that_is_not_ours_is_left_alone(run, real):
    real.create_foreign(PLAIN, name(PLAIN), "CUSTOM_OF_SOMEBODY")
    assert run("sync").code == 5
    assert run("retire --yes").code == 0
    assert left(real) == [PLAIN]
    assert traits(real, PLAIN) == {"CUSTOM_OF_SOMEBODY"}


def test_what_somebody_put_below_ours_is_named_and_ours_above_it_stays(run, synced):
    child = create(synced, "somebodys", uuid(CARD))
    for _ in range(2):
        done = run("retire --yes")
        assert done.code == 5
        told = f"left for now: {name(CARD)}, because of what is not ours below it: somebodys"
        assert told in done.err.splitlines()
        assert "nothing of ours" not in done.err
    assert left(synced) == [CARD]
    synced.send("DELETE", f"{PROVIDERS}/{child}")
    assert (run("retire --yes").code, left(synced)) == (0, [])


def test_names_that_another_node_uses_stay(run, synced, tmp_path):
    synced.send("POST", PROVIDERS, {"name": "other", "uuid": OTHER_ROOT})
    elsewhere = {"root_provider_name": "other", "state_dir": tmp_path / "of-another-node"}
    assert run("sync", **elsewhere).code == 0
    done = run("retire --yes -f json")
    assert done.code == 0
    assert left(synced) == []
    assert {NIC, QAT} == names_of(synced, "resource_classes")
    assert "CUSTOM_PCI_PLACEMENT_MANAGED" in names_of(synced, "traits")
    kept = {row["provider"] for row in done.json if row["result"] == "skipped"}
    assert {NIC, QAT, "CUSTOM_PCI_PLACEMENT_MANAGED"} <= kept
    others = synced.send("GET", f"{PROVIDERS}?in_tree={OTHER_ROOT}")["resource_providers"]
    assert len(others) == 1 + len(OURS)
    assert run("retire --yes", **elsewhere).code == 0
    assert names_of(synced, "resource_classes") == set()
    assert names_of(synced, "traits") == {NETWORK}


# --- cards that a pass would hold


def test_what_we_have_of_a_held_card_goes_too(run, synced):
    assert run("sync", lists=CONFLICT).code == 5
    assert VFS in left(synced)
    assert run("retire --yes", lists=CONFLICT).code == 0
    assert left(synced) == []


@pytest.mark.parametrize("reported", ["node_0000:3B:00.0", "node_0000:81:00.0"])
def test_what_we_have_of_a_card_that_nova_reports_goes_and_novas_stays(run, synced, reported):
    novas = create(synced, reported, VGPU=1)
    assert run("sync").code == 5
    assert run("retire --yes").code == 0
    assert left(synced) == []
    assert synced.send("GET", f"{PROVIDERS}/{novas}")["name"] == reported


# --- afterwards


def test_a_later_sync_brings_nothing_back_and_goes_on_with_it(run, synced):
    synced.claim("bob", {VFS: {NIC: 1}})
    assert run("retire --yes").code == 5
    done = run("sync")
    assert done.code == 5
    assert done.err.startswith("this node was retired at 2")
    assert "`pci-placement retire --undo` ends that" in done.err
    assert f"left for now: {name(VFS)}" in done.err
    assert left(synced) == [CARD, VFS]
    synced.release("bob")
    assert (run("sync").code, left(synced)) == (0, [])
    for line in ("sync --full", "sync --force --yes", "sync"):
        done = run(f"{line} -f json")
        assert (done.code, done.json) == (0, [])
        assert "nothing of ours is left in Placement" in done.err
    assert left(synced) == []


@pytest.mark.parametrize("line", ["plan", "sync --dry-run"])
def test_the_plan_is_that_of_a_retired_node(run, synced, line):
    synced.claim("bob", {VFS: {NIC: 1}})
    run("retire --yes")
    done = run(f"{line} -f json")
    assert (done.code, done.json) == (0, [])
    assert f"left for now: {name(VFS)}" in done.err
    synced.release("bob")
    deleted = [row["action"] for row in run(f"{line} -f json").json]
    assert deleted.count("delete_provider") == 2


@pytest.mark.usefixtures("synced")
def test_the_lists_of_devices_say_that_the_node_is_retired(run):
    run("retire --yes")
    assert run("device list").err.startswith("this node was retired at ")


@pytest.mark.parametrize("clean", [True, False])
def test_undone_everything_comes_back(run, synced, clean):
    if not clean:
        synced.claim("bob", {VFS: {NIC: 1}})
    run("retire --yes")
    done = run("retire --undo -f json")
    assert (done.code, done.json) == (0, [])
    assert done.err == "the next sync offers what this host has\n"
    assert run("sync").code == 0
    assert left(synced) == list(OURS)
    assert on_offer(synced, VFS) == {NIC: (4, 0)}
    done = run("retire --undo")
    assert (done.code, done.err) == (0, "nothing to undo: this node is not retired\n")


@pytest.mark.usefixtures("synced")
def test_retired_is_this_node_alone(run, real):
    real.send("POST", PROVIDERS, {"name": "other", "uuid": OTHER_ROOT})
    run("sync", root_provider_name="other")
    run("retire --yes")
    done = run("sync", root_provider_name="other")
    assert (done.code, "was retired" in done.err) == (0, False)


# --- looking first


@pytest.mark.parametrize("used_by", [None, "bob"])
def test_a_dry_run_shows_what_would_go_and_writes_nothing(run, synced, placement, used_by):
    if used_by:
        synced.claim(used_by, {VFS: {NIC: 1}})
    placement.requests.clear()
    done = run("retire --dry-run -f json")
    assert done.code == 0
    assert list(done.json[0]) == PLAN
    gone = [row["provider"] for row in done.json if row["action"] == "delete_provider"]
    assert set(gone) == {name(key) for key in (OURS if not used_by else [PLAIN])}
    held = [row["consumers"] for row in done.json if row["action"] == "drain"]
    assert held == ([[consumer_uuid("bob")]] if used_by else [])
    assert writes(placement) == []
    assert run("sync").err.startswith("nothing to do: Placement is true to this host")


def test_it_cannot_be_undone_and_looked_at_at_once(run):
    assert run("retire --dry-run --undo").code == 2


@pytest.mark.usefixtures("synced")
def test_a_retirement_that_found_no_placement_says_that_it_counts(run, real):
    """Whoever reads "try again later" must know that sync offers nothing from now on."""
    with kept_port() as port:
        done = run("retire --yes", section=by_token(f"http://127.0.0.1:{port}") + "\n" + AT_ONCE)
    assert done.code == 75
    assert "this node is retired all the same: a later sync goes on with it" in done.error
    assert "`pci-placement retire --undo`" in done.error
    assert run("sync").code == 0
    assert left(real) == []


@pytest.mark.usefixtures("synced")
def test_what_could_not_be_remembered_is_not_told_as_retired(run, tmp_path):
    (tmp_path / "a-file").write_text("")
    assert "all the same" not in run("retire --yes", state_dir=tmp_path / "a-file/below").error


# --- where it cannot be remembered


def test_where_nothing_can_be_remembered_nothing_is_taken_away(run, synced, placement, tmp_path):
    (tmp_path / "a-file").write_text("")
    placement.requests.clear()
    done = run("retire --yes", state_dir=tmp_path / "a-file/below")
    assert done.code == 1
    assert f"cannot write {tmp_path}/a-file/below: " in done.error
    assert "a later sync would bring everything back" in done.error
    assert placement.requests == []
    assert left(synced) == list(OURS)


def test_but_it_is_where_no_sync_can_bring_it_back(run, synced, tmp_path):
    (tmp_path / "a-file").write_text("")
    own = {"state_dir": tmp_path / "a-file/below", "enabled": "false"}
    done = run("retire --yes", **own)
    assert (done.code, left(synced)) == (0, [])
    assert run("sync", **own).code == 0
    assert left(synced) == []


@pytest.mark.parametrize("line", ["sync", "plan", "device list", "retire --undo"])
def test_where_nobody_can_tell_whether_it_is_retired_nothing_is_written(
    run, synced, placement, tmp_path, line
):
    run("retire --yes")
    (marker,) = (tmp_path / "state").glob("*.retired")
    marker.unlink()
    marker.mkdir()
    placement.requests.clear()
    done = run(line)
    assert done.code == 1
    assert f"cannot tell from {tmp_path}/state whether this node was retired" in done.error
    assert writes(placement) == []
    assert left(synced) == []


@pytest.mark.usefixtures("synced")
def test_a_retirement_that_cannot_be_ended_says_where(run, monkeypatch, tmp_path):
    run("retire --yes")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pci_placement.state.roots.Roots.end_retirement", refuse)
    done = run("retire --undo")
    assert done.code == 1
    assert f"cannot write {tmp_path}/state: Permission denied; this node stays" in done.error


# --- where the compute node itself is gone


def delete_node(real) -> None:
    for each in (uuid(VFS), uuid(CARD), uuid(PLAIN), ROOT.uuid):
        real.send("DELETE", f"{PROVIDERS}/{each}")


@pytest.mark.parametrize("by", ["name", "uuid"])
def test_with_its_node_all_is_gone_and_that_is_done(run, synced, by):
    own = {"root_provider_uuid": ROOT.uuid} if by == "uuid" else {}
    delete_node(synced)
    for _ in range(2):
        done = run("retire --yes -f json", **own)
        assert (done.code, done.json) == (0, [])
        assert "the compute node is gone from Placement, and all of ours with it" in done.err


def test_a_node_that_was_never_there_is_not_taken_for_gone(run, real):
    assert run("retire --yes", root_provider_name="nod").code == 75
    assert run("retire --yes", root_provider_uuid=OTHER_ROOT).code == 75
    real.send("DELETE", f"{PROVIDERS}/{ROOT.uuid}")
    assert run("retire --yes").code == 75


def test_what_somebody_moved_to_another_node_is_not_taken_for_gone(run, synced):
    other = synced.send("POST", PROVIDERS, {"name": "other", "uuid": OTHER_ROOT})["uuid"]
    body = {"name": name(PLAIN), "parent_provider_uuid": other}
    synced.send("PUT", f"{PROVIDERS}/{uuid(PLAIN)}", body)
    for each in (uuid(VFS), uuid(CARD), ROOT.uuid):
        synced.send("DELETE", f"{PROVIDERS}/{each}")
    assert run("retire --yes").code == 75
