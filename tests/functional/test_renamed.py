"""A host whose root has another uuid, another name, or two spellings: no device has two owners."""

import os

import pytest
from support.cloud import CARD, PLAIN, VFS, name
from support.command import writes
from support.placements import ROOT
from support.seen import is_there, on_offer

from pci_placement import identity
from pci_placement.errors import PlacementError
from pci_placement.model import Root
from pci_placement.state.roots import Roots, Spelling

NIC, QAT = "CUSTOM_PCI_NIC", "CUSTOM_PCI_QAT"
OURS = (PLAIN, CARD, VFS)
NEW = Root("0f1c1d6e-6a3b-4d2c-8c4e-3b9d2b7a5e11", "node.example.org")
RENAMED = {"root_provider_name": NEW.name}
BY_UUID = {"root_provider_uuid": ROOT.uuid}
PROVIDERS = "/resource_providers"
CURE = f"say `pci-placement retire --root {ROOT.name}`"
QUIET = "nothing to do: Placement is true to this host (1 request)\n"


def left(real) -> list[str]:
    return [key for key in OURS if is_there(real, key)]


def below_new(real) -> set[str]:
    """Our providers below the new root."""
    lines = real.send("GET", f"{PROVIDERS}?in_tree={NEW.uuid}")["resource_providers"]
    return {line["name"].partition(":pci:")[2] for line in lines} - {""}


def claim_below_new(real, key: str, resource_class: str) -> bool:
    mine = identity.provider_uuid(NEW.uuid, key)
    held = {mine: {"resources": {resource_class: 1}}}
    body = {"allocations": held, "project_id": "lab", "user_id": "lab", "consumer_type": "VM"}
    consumer = "b7a6a7c2-6f0f-4c5f-9f1f-2d9d8a6b1c01"
    try:
        real.send("PUT", f"/allocations/{consumer}", {**body, "consumer_generation": None})
    except PlacementError:
        return False
    return True


@pytest.fixture
def new(real):
    """A Placement in which the host has registered under its new name too."""
    real.send("POST", PROVIDERS, {"name": NEW.name, "uuid": NEW.uuid})
    return real


@pytest.fixture
def synced(run, new):
    """This host as a pass leaves it before the host is renamed."""
    assert run("sync").code == 0
    return new


# --- renamed


def test_what_is_offered_below_the_old_root_is_not_offered_below_the_new_one(run, synced):
    for line in ("sync", "sync", "sync --full"):
        done = run(line, **RENAMED)
        assert done.code == 5
        assert f"this host left devices below {ROOT.name}, which was its root before" in done.err
        assert f"not ours to give: {PLAIN}: this host offers it below {ROOT.name} too" in done.err
        assert CURE in done.err
        assert below_new(synced) == set()
    assert left(synced) == list(OURS)
    assert not claim_below_new(synced, PLAIN, QAT)


def test_looking_tells_the_same(run, synced, placement):
    placement.requests.clear()
    assert CURE in run("plan", **RENAMED).err
    assert writes(placement) == []
    run("sync", **RENAMED)
    rows = run("device list -f json", **RENAMED).json
    assert {row["state"] for row in rows} == {"held"}
    assert all(ROOT.name in row["reason"] for row in rows)
    assert synced


def test_retired_below_the_old_root_what_is_free_is_offered_below_the_new_one(run, synced):
    synced.claim("bob", {PLAIN: {QAT: 1}})
    run("sync", **RENAMED)
    done = run(f"retire --yes --root {ROOT.name}", **RENAMED)
    assert done.code == 5
    assert f"left for now: {name(PLAIN)} is in use" in done.err
    assert f"a later sync goes on with what is left below {ROOT.name}" in done.err
    assert left(synced) == [PLAIN]
    assert on_offer(synced, PLAIN) == {QAT: (1, 1)}
    done = run("sync", **RENAMED)
    assert done.code == 5
    assert f"somebody has it below {ROOT.name}" in done.err
    assert below_new(synced) == {CARD, VFS}
    synced.release("bob")
    assert run("sync", **RENAMED).code == 0
    assert left(synced) == []
    assert below_new(synced) == set(OURS)
    assert run("sync", **RENAMED).err == QUIET
    assert claim_below_new(synced, PLAIN, QAT)


@pytest.mark.usefixtures("synced")
def test_a_root_that_has_nothing_of_ours_is_asked_for_once(run):
    run("retire --yes")
    run("retire --undo")
    assert run("sync", **RENAMED).code == 0
    assert run("sync", **RENAMED).err == QUIET


def test_also_one_that_is_gone(run, synced):
    for key in (PLAIN, VFS, CARD):
        synced.delete(key)
    synced.send("DELETE", f"{PROVIDERS}/{ROOT.uuid}")
    assert run("sync", **RENAMED).code == 0
    assert run("sync", **RENAMED).err == QUIET
    done = run(f"retire --yes --root {ROOT.name}", **RENAMED)
    assert (done.code, "is not in Placement" in done.err) == (75, True)


def test_renamed_back_everything_is_as_it_was(run, synced):
    run("sync", **RENAMED)
    done = run("sync")
    assert (done.code, done.err) == (0, QUIET.replace("1 request", "2 requests"))
    assert run("sync").err == QUIET
    assert left(synced) == list(OURS)


def test_devices_of_both_roots_are_drained_below_the_new_one(run, synced, tmp_path):
    """As an older version left them, which did not look back."""
    assert run("sync", state_dir=tmp_path / "elsewhere", **RENAMED).code == 0
    assert claim_below_new(synced, PLAIN, QAT)
    assert run("sync", **RENAMED).code == 5
    url = f"{PROVIDERS}/{identity.provider_uuid(NEW.uuid, VFS)}/inventories"
    inventory = synced.send("GET", url)["inventories"][NIC]
    assert (inventory["total"], inventory["reserved"]) == (4, 4)


def test_a_pool_is_left_with_all_that_it_counts(run, new):
    run("sync", pooling="numa")
    done = run("sync", **RENAMED)
    assert (done.code, below_new(new)) == (5, set())
    assert f"not ours to give: {PLAIN}: " in done.err


def test_and_with_everything_where_nobody_knows_what_it_counts(run, new, tmp_path):
    run("sync", pooling="numa")
    (state,) = (tmp_path / "state").glob("*.json")
    state.write_text("{")
    assert run("sync", **RENAMED).code == 5
    assert below_new(new) == set()


# --- retire --root


def test_a_dry_run_shows_what_would_go_and_writes_nothing(run, synced, placement):
    placement.requests.clear()
    done = run(f"retire --root {ROOT.uuid} --dry-run -f json", **RENAMED)
    gone = [row["provider"] for row in done.json if row["action"] == "delete_provider"]
    assert set(gone) == set(map(name, OURS))
    assert writes(placement) == []
    assert left(synced) == list(OURS)


@pytest.mark.parametrize("spelled", [ROOT.name, ROOT.uuid])
def test_before_the_first_pass_below_the_new_root_it_retires_the_old_one_alone(
    run, synced, spelled
):
    assert run(f"retire --yes --root {spelled}", **RENAMED).code == 0
    assert left(synced) == []
    done = run("sync", **RENAMED)
    assert (done.code, "was retired" in done.err) == (0, False)
    assert below_new(synced) == set(OURS)


def test_renamed_back_the_old_root_stays_retired_and_says_how_it_comes_back(run, synced):
    run(f"retire --yes --root {ROOT.name}", **RENAMED)
    done = run("sync")
    assert "as a root that this host had before" in done.err
    assert (left(synced), run("retire --undo").code) == ([], 0)
    assert (run("sync").code, left(synced)) == (0, list(OURS))


def test_of_a_root_that_this_host_never_had_only_who_insists_takes_anything(run, synced, tmp_path):
    own = {"state_dir": tmp_path / "another", **RENAMED}
    done = run(f"retire --yes --root {ROOT.name}", **own)
    assert done.code == 2
    assert f"this host has left nothing below {ROOT.name} that it knows of" in done.error
    assert left(synced) == list(OURS)
    assert run(f"retire --yes --root {ROOT.uuid} --force", **own).code == 0
    assert left(synced) == []


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("retire --yes --root nobody", 1, "there is no resource provider nobody in Placement"),
        (f"retire --yes --root {NEW.uuid[:-1]}2", 1, "there is no resource provider 0f1c1d6e"),
        (f"retire --root {ROOT.name} --undo", 2, "--undo is about this node"),
        ("retire --force", 2, "--force is for --root"),
    ],
)
def test_what_cannot_be_meant_is_refused(run, line, code, told):
    done = run(line, **RENAMED)
    assert (done.code, told in done.error) == (code, True)


def test_the_root_of_this_node_is_this_node(run, synced):
    assert run(f"retire --yes --root {ROOT.name}").code == 0
    assert run("sync").err.startswith("this node was retired at 2")
    assert left(synced) == []


# --- retired, then renamed


@pytest.mark.parametrize("used_by", [None, "bob"])
def test_a_retired_node_that_is_renamed_stays_retired(run, synced, used_by):
    if used_by:
        synced.claim(used_by, {PLAIN: {QAT: 1}})
    run("retire --yes")
    for _ in range(2):
        done = run("sync", **RENAMED)
        assert f"Z, as {ROOT.name}: sync removes what is left of ours" in done.err
        assert "`pci-placement retire --undo` ends that" in done.err
        assert below_new(synced) == set()
    if used_by:
        synced.release(used_by)
    assert run("sync", **RENAMED).code == 0
    assert left(synced) == []
    run("retire --undo", **RENAMED)
    assert run("sync", **RENAMED).code == 0
    assert below_new(synced) == set(OURS)


@pytest.mark.parametrize("how", [RENAMED, {"root_provider_uuid": NEW.uuid}])
def test_it_comes_back_also_before_a_pass_was_made_under_the_new_name(run, synced, how):
    run("retire --yes")
    assert run("device list", **how).err.startswith("this node was retired at 2")
    assert run("retire --undo", **how).err == "the next sync offers what this host has\n"
    done = run("sync", **how)
    assert (done.code, "was retired" in done.err) == (0, False)
    assert below_new(synced) == set(OURS)


def test_a_node_whose_root_is_made_anew_stays_retired(run, synced):
    run("retire --yes")
    synced.send("DELETE", f"{PROVIDERS}/{ROOT.uuid}")
    synced.send("POST", PROVIDERS, {"name": ROOT.name})
    assert f"Z, as {ROOT.name}: sync removes" in run("sync").err
    assert left(synced) == []


# --- one name, another uuid


def test_a_root_that_is_made_anew_is_noticed(run, synced, tmp_path):
    for key in (PLAIN, VFS, CARD):
        synced.delete(key)
    synced.send("DELETE", f"{PROVIDERS}/{ROOT.uuid}")
    again = synced.send("POST", PROVIDERS, {"name": ROOT.name})["uuid"]
    assert run("sync").code == 0
    lines = synced.send("GET", f"{PROVIDERS}?in_tree={again}")["resource_providers"]
    assert len(lines) == 1 + len(OURS)
    assert Roots(tmp_path / "state", Spelling(ROOT.name)).remembered() == again
    assert run("sync").err == QUIET


# --- two spellings


@pytest.mark.parametrize(("one", "other"), [({}, BY_UUID), (BY_UUID, {})])
def test_two_spellings_of_a_root_are_one_lock_one_state_and_one_retirement(
    run, synced, tmp_path, one, other
):
    assert run("sync", **one).code == 0
    assert run("sync", **other).err.startswith("nothing to do")
    assert len(list((tmp_path / "state").glob("*.json"))) == 1
    with Roots(tmp_path / "state", Spelling(ROOT.name)).of(ROOT.uuid).lock():
        for how in (one, other):
            done = run("sync", **how)
            assert (done.code, f"process {os.getpid()}" in done.error) == (75, True)
    run("retire --yes", **one)
    assert run("sync", **other).err.startswith("this node was retired")
    assert left(synced) == []
    run("retire --undo", **other)
    assert "was retired" not in run("sync", **one).err
    assert left(synced) == list(OURS)


def test_also_when_both_are_there_for_the_first_time(run, new, placement, tmp_path):
    with Roots(tmp_path / "state", Spelling(ROOT.name)).of(ROOT.uuid).lock():
        for how in ({}, BY_UUID):
            assert run("sync", **how).code == 75
    assert writes(placement)[2:] == []
    assert left(new) == []


# --- what an older version left


def by_older(folder, spelling: Spelling) -> None:
    """Name the files as a version did that knew only how the root was spelled."""
    for file in folder.iterdir():
        if file.suffix in (".json", ".retired"):
            file.rename(folder / f"{spelling.stem}{file.suffix}")
        else:
            file.unlink()


def kept(folder) -> set[str]:
    return {file.name for file in folder.iterdir() if file.suffix in (".json", ".retired")}


@pytest.mark.parametrize("spelling", [Spelling(ROOT.name), Spelling(ROOT.name, ROOT.uuid)])
@pytest.mark.parametrize("how", [{}, BY_UUID])
def test_its_state_is_found_and_becomes_the_roots(run, synced, tmp_path, spelling, how):
    by_older(tmp_path / "state", spelling)
    assert run("plan", **how).err.startswith("nothing to do")
    assert run("sync", **how).err.startswith("nothing to do")
    assert run("sync", **how).err.startswith("nothing to do")
    assert kept(tmp_path / "state") == {f"{ROOT.uuid}.json"}
    assert left(synced) == list(OURS)


@pytest.mark.parametrize("how", [{}, BY_UUID])
@pytest.mark.parametrize("with_state", [True, False])
def test_its_retirement_counts(run, synced, tmp_path, how, with_state):
    run("retire --yes")
    by_older(tmp_path / "state", Spelling(ROOT.name))
    if not with_state:
        (tmp_path / f"state/{Spelling(ROOT.name).stem}.json").unlink()
    assert run("device list", **how).err.startswith("this node was retired at 2")
    for _ in range(2):
        assert run("sync", **how).err.startswith("this node was retired at 2")
    assert left(synced) == []
    assert kept(tmp_path / "state") == {f"{ROOT.uuid}.json", f"{ROOT.uuid}.retired"}
    run("retire --undo", **how)
    assert run("sync", **how).code == 0
    assert left(synced) == list(OURS)


def test_what_it_left_below_another_root_is_found(run, synced, tmp_path):
    by_older(tmp_path / "state", Spelling(ROOT.name))
    assert CURE in run("plan", **RENAMED).err
    assert CURE in run("sync", **RENAMED).err
    assert below_new(synced) == set()


def test_what_is_damaged_of_it_is_told_once(run, synced, tmp_path):
    by_older(tmp_path / "state", Spelling(ROOT.name))
    old = tmp_path / f"state/{Spelling(ROOT.name).stem}.json"
    old.write_text("{")
    assert f"{old} is damaged" in run("sync").err
    assert "damaged" not in run("sync").err
    assert left(synced) == list(OURS)
