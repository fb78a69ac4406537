"""What is reviewed before it is rolled out: hosts in files, plans offline, and plans in files."""

import json
import re

import pytest
from support.between import between
from support.cloud import CARD, PLAIN, VFS, name, uuid
from support.command import by_token, writes
from support.placements import ROOT
from support.seen import is_there, on_offer

NIC, QAT = "CUSTOM_PCI_NIC", "CUSTOM_PCI_QAT"
NARROW = '[pci]\ndevice_spec = {"vendor_id": "8086", "product_id": "0443"}\n'


@pytest.fixture
def capture(run, tmp_path):
    """This host in a file."""
    file = tmp_path / "node.json.gz"
    done = run(f"host capture {file}")
    assert (done.code, done.out) == (0, "")
    assert "PCI functions" in done.err
    return file


# --- hosts in files


def test_a_capture_stands_for_its_host(run, rows, capture):
    here = rows("device list --all")
    assert rows("device list --all", sysfs=capture) == here
    assert rows("config validate", sysfs=capture) == rows("config validate")
    assert run("alias list -f value", sysfs=capture).out == run("alias list -f value").out


@pytest.mark.parametrize("line", ["sync", "retire --yes", f"device drain {PLAIN}"])
@pytest.mark.usefixtures("real")
def test_nothing_is_written_for_a_host_in_a_file(run, capture, placement, line):
    placement.requests.clear()
    done = run(line, sysfs=capture)
    assert done.code == 2
    assert "is a capture, and may be of another host" in done.error
    assert placement.requests == []


def test_a_file_that_is_no_capture_is_named(run, tmp_path):
    (tmp_path / "text").write_text("text")
    done = run("device list", sysfs=tmp_path / "text")
    assert done.code == 1
    assert "nor a file that `host capture` wrote" in done.error


# --- offline


def test_a_plan_offline_needs_no_placement(run, capture, placement):
    placement.requests.clear()
    done = run("plan --offline -f json", sysfs=capture, section="")
    assert done.code == 0
    created = [row["provider"] for row in done.json if row["action"] == "create_provider"]
    assert sorted(created) == sorted(map(name, (PLAIN, CARD, VFS)))
    assert {row["uuid"] for row in done.json} == {None}
    assert f"3 to create: 4 {NIC} more on offer, 1 {QAT} more on offer" in done.err
    assert placement.requests == []


def test_with_a_root_that_is_configured_it_tells_uuids(rows):
    planned = rows("plan --offline", root_provider_uuid=ROOT.uuid)
    assert {row["uuid"] for row in planned if row["provider"] == name(VFS)} == {uuid(VFS)}


@pytest.fixture
def printed(run, real, tmp_path):
    """What Placement has of this node, as somebody printed it, with a claim."""
    run("sync")
    real.claim("bob", {VFS: {NIC: 1}})
    (tmp_path / "providers").write_text(run("provider list -f json").out)
    return tmp_path / "providers"


def test_over_what_a_node_has_a_plan_offline_is_that_of_the_node(run, capture, printed, placement):
    whole = {"lists": NARROW, "max_removals": "9"}
    keys = ("action", "provider", "detail", "consumers", "uuid")
    online = [[row[key] for key in keys] for row in run("plan -f json", **whole).json]
    placement.requests.clear()
    line = f"plan --offline --observed {printed} -f json"
    offline = [[row[key] for key in keys] for row in run(line, sysfs=capture, **whole).json]
    assert offline == online
    assert placement.requests == []


def test_where_nothing_would_change_it_says_so(run, capture, printed):
    done = run(f"plan --offline --observed {printed} -f json", sysfs=capture)
    assert (done.json, "nothing to do" in done.err) == ([], True)


COMPLETE = {
    "uuid": "x",
    "name": "node:pci:0000:3b:00.0",
    "parent": "node",
    "inventories": {"CUSTOM_PCI_QAT": {"totals": 1}},
    "traits": [],
    "generation": 1,
    "consumers": [],
    "root": "y",
}


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"uuid": "x"}]', json.dumps([COMPLETE])])
def test_a_file_without_providers_is_refused(run, tmp_path, text):
    (tmp_path / "file").write_text(text)
    done = run(f"plan --offline --observed {tmp_path}/file")
    assert (done.code, "does not hold what `provider list -f json`" in done.error) == (2, True)


def test_what_was_observed_is_for_a_plan_offline_alone(run, printed):
    assert "--observed is for --offline" in run(f"plan --observed {printed}").error


# --- plans in files


@pytest.fixture
def kept(run, request, tmp_path):
    """The first plan of this host, reviewed."""
    request.getfixturevalue("real")
    assert run(f"plan --out {tmp_path}/plan").code == 0
    return tmp_path / "plan"


def test_what_was_reviewed_is_carried_out(run, real, kept):
    done = run(f"sync --plan {kept} -f json")
    assert (done.code, {row["result"] for row in done.json}) == (0, {"done"})
    assert on_offer(real, VFS) == {NIC: (4, 0)}
    reviewed = [(a["action"], a["provider"]) for a in json.loads(kept.read_text())["actions"]]
    assert [(row["action"], row["provider"]) for row in done.json] == [
        (action, provider or row["provider"])
        for (action, provider), row in zip(reviewed, done.json, strict=True)
    ]


def test_it_is_carried_out_once(run, kept, placement):
    assert run(f"sync --plan {kept}").code == 0
    placement.requests.clear()
    done = run(f"sync --plan {kept}")
    assert done.code == 4
    assert "this host or Placement moved on since" in done.error
    assert writes(placement) == []


def test_what_was_done_before_somebody_came_in_between_is_told(run, real, kept, placement):
    """The plan that is then made is another one, and nobody has reviewed that."""
    asked = []

    def lets_pass(method: str, path: str) -> bool:
        if method == "PUT" and path.endswith("/traits") and is_there(real, VFS):
            asked.append(path)
            if len(asked) == 1:
                real.add_trait(VFS, "CUSTOM_OF_SOMEBODY")
        return True

    with between(placement.url, lets_pass) as url:
        done = run(f"sync --plan {kept}", section=by_token(url))
    assert (done.code, len(asked)) == (4, 1)
    created = [r for r in writes(placement) if r.method == "POST"]
    assert created
    assert "this host or Placement moved on since" in done.error
    number = int(re.search(r"done before somebody else wrote in between: (\d+);", done.error)[1])
    names_made = [r for r in writes(placement) if re.match(r"/(resource_classes|traits)/", r.path)]
    assert number >= len(created) + len(names_made) - 1


def test_another_host_is_not_what_was_reviewed(run, real, kept, placement):
    placement.requests.clear()
    assert run(f"sync --plan {kept}", lists=NARROW).code == 4
    assert writes(placement) == []
    assert not is_there(real, VFS)


def test_another_placement_is_not_either(run, real, kept, placement):
    assert run("sync").code == 0
    real.delete(PLAIN)
    placement.requests.clear()
    assert run(f"sync --plan {kept}").code == 4
    assert writes(placement) == []


def test_who_came_and_went_in_between_does_not_matter(run, real, tmp_path):
    run("sync")
    real.claim("bob", {VFS: {NIC: 1}})
    narrow = {"lists": NARROW, "max_removals": "9"}
    assert run(f"plan --out {tmp_path}/plan", **narrow).code == 0
    assert run(f"sync --plan {tmp_path}/plan", **narrow).code in (0, 5)
    assert on_offer(real, VFS) == {NIC: (4, 4)}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "pci-placement plan", "version": 2, "actions": []}']
)
@pytest.mark.usefixtures("real")
def test_a_file_that_holds_no_plan_is_refused(run, tmp_path, placement, text):
    (tmp_path / "plan").write_text(text)
    placement.requests.clear()
    done = run(f"sync --plan {tmp_path}/plan")
    assert done.code == 2
    assert "holds no plan that `plan --out` of this version wrote" in done.error
    assert writes(placement) == []


@pytest.mark.usefixtures("real")
def test_a_file_that_cannot_be_read_or_written_is_named(run, tmp_path):
    assert f"cannot read {tmp_path}/none: No such" in run(f"sync --plan {tmp_path}/none").error
    done = run(f"plan --out {tmp_path}/none/plan")
    assert (done.code, "cannot write" in done.err) == (2, True)


# --- the end of a plan


@pytest.mark.usefixtures("real")
def test_a_plan_ends_with_what_it_comes_to(run):
    assert f"3 to create: 4 {NIC} more on offer, 1 {QAT} more on offer" in run("plan").err
    run("sync")
    told = run("plan", lists=NARROW, max_removals="9").err
    assert f"2 to delete: 1 CUSTOM_PCI_8086_0443 more on offer, 4 {NIC} no longer on offer" in told
    assert "3 to delete" in run("retire --dry-run").err
