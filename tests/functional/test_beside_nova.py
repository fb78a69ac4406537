"""What nova does to providers of ours, done as it does it; tests/nova lets nova itself do it."""

import contextlib
from dataclasses import replace

import pytest
from support import hosts
from support.cloud import (
    CARD,
    HOST,
    LISTS,
    NIC,
    NIC_CARD,
    PLAIN,
    QAT,
    QAT_CARD,
    VFS,
    amounts,
    configure,
    name,
    told,
    uuid,
    with_vfs,
)
from support.placements import ROOT

from pci_placement.errors import PlacementError
from pci_placement.model import LastPass
from pci_placement.model.outcome import Result
from pci_placement.plan.forsaken import FORSAKEN
from pci_placement.plan.others import NOVA_ADDS
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler

OURS = {PLAIN, CARD, VFS}
SLICE = "CUSTOM_SLICE"
SLICES = amounts({SLICE: 4})
PROVIDERS = "/resource_providers"


@pytest.fixture
def node(client, tmp_path):
    settings = load([ConfigPath(str(configure(tmp_path, LISTS)))])
    return Reconciler(settings, lambda: hosts.snapshot(HOST), client, [].append)


def having(node, *lines: dict):
    return replace(node, scan=lambda: hosts.snapshot(list(lines)))


@pytest.fixture
def synced(node, real):
    """A compute node of nova's, as a pass leaves it."""
    put(real, ROOT.uuid, "traits", traits=["COMPUTE_NODE", "OWNER_NOVA"])
    real.last_pass = node.run_once().last_pass
    return real


def put(real, provider: str, what: str, **change) -> None:
    """Change the traits or inventories of a provider."""
    url = f"{PROVIDERS}/{provider}/{what}"
    real.send("PUT", url, real.send("GET", url) | change)


def written(report) -> list[str]:
    return told(d.action for d in report.outcome.results if d.result is Result.DONE)


def there(real) -> set[str]:
    tree = real.send("GET", f"{PROVIDERS}?in_tree={ROOT.uuid}")["resource_providers"]
    return {key for key in OURS if uuid(key) in {line["uuid"] for line in tree}}


# --- openstack compute service delete


def delete_service(real) -> None:
    """Each provider of the node, children first; what is in use stays, and nova says nothing."""
    for each in (uuid(VFS), uuid(CARD), uuid(PLAIN), ROOT.uuid):
        with contextlib.suppress(PlacementError):
            real.send("DELETE", f"{PROVIDERS}/{each}")


@pytest.fixture
def forsaken(synced):
    synced.claim("alice", {PLAIN: {QAT: 1}})
    delete_service(synced)
    assert there(synced) == {PLAIN}
    return synced


@pytest.mark.parametrize("reread", [False, True])
def test_what_nova_leaves_of_a_node_is_not_built_up_again(node, forsaken, reread):
    last = forsaken.last_pass.to_be_read() if reread else forsaken.last_pass
    for _ in range(3):
        report = node.run_once(last)
        last = report.last_pass
        assert report.planned.held == {ROOT.name: FORSAKEN}
        assert written(report) == []
    forsaken.release("alice")
    report = node.run_once(last)
    assert report.planned.held == {ROOT.name: FORSAKEN}
    assert there(forsaken) == {PLAIN}


def test_once_somebody_uses_the_root_again_all_is_offered_there(node, forsaken):
    last = node.run_once(forsaken.last_pass).last_pass
    put(forsaken, ROOT.uuid, "inventories", inventories={"VCPU": {"total": 8}})
    report = node.run_once(last)
    assert report.planned.held == {}
    assert there(forsaken) == OURS
    assert written(node.run_once(report.last_pass)) == []


def test_a_process_a_pass_notices_both(once, real):
    """What spares a pass that would do nothing does not look at the root's generation."""
    put(real, ROOT.uuid, "traits", traits=["COMPUTE_NODE"])
    assert once().code == 0
    real.claim("alice", {PLAIN: {QAT: 1}})
    delete_service(real)
    for _ in range(3):
        done = once()
        assert (done.code, FORSAKEN in done.err) == (5, True)
    put(real, ROOT.uuid, "inventories", inventories={"VCPU": {"total": 8}})
    assert once().code == 0
    assert there(real) == OURS


@pytest.mark.parametrize("told_before", [False, True])
def test_an_operator_can_say_that_the_node_stays(node, forsaken, told_before):
    last = forsaken.last_pass
    last = node.run_once(last).last_pass if told_before else last
    report = replace(node, force=True).run_once(last)
    assert report.planned.held == {}
    assert there(forsaken) == OURS
    assert written(node.run_once(report.last_pass)) == []


def test_devices_that_go_from_such_a_node_go_in_placement_too(node, forsaken):
    last = node.run_once(forsaken.last_pass).last_pass
    report = having(node, NIC_CARD).run_once(last)
    assert written(report)[-1] == f"Drain {PLAIN}"
    forsaken.release("alice")
    report = having(node, NIC_CARD).run_once(report.last_pass)
    assert there(forsaken) == set()
    assert report.planned.held == {ROOT.name: FORSAKEN}


def test_what_is_deleted_by_hand_while_more_is_free_is_made_again(node, synced):
    synced.claim("alice", {VFS: {NIC: 1}})
    more = having(node, *HOST, {**QAT_CARD, "address": "0000:3c:00.0"})
    last = more.run_once(synced.last_pass).last_pass
    synced.delete(PLAIN)
    assert more.run_once(last).planned.held == {}
    assert there(synced) == OURS


def test_a_device_that_goes_and_one_that_comes_make_no_node_forsaken(node, synced):
    synced.claim("alice", {VFS: {NIC: 1}})
    report = having(node, NIC_CARD).run_once(synced.last_pass)
    assert there(synced) == {CARD, VFS}
    report = node.run_once(report.last_pass)
    assert report.planned.held == {}
    assert there(synced) == OURS


# --- provider.yaml


@pytest.fixture
def add(synced):
    """What nova does to a provider of ours that its provider.yaml names."""
    synced.send("PUT", f"/resource_classes/{SLICE}")

    def add(*keys: str) -> None:
        for key in keys:
            had = synced.send("GET", f"{PROVIDERS}/{uuid(key)}/inventories")["inventories"]
            put(synced, uuid(key), "inventories", inventories={**had, SLICE: {"total": 4}})
            traits = synced.send("GET", f"{PROVIDERS}/{uuid(key)}/traits")["traits"]
            put(synced, uuid(key), "traits", traits=[*traits, "OWNER_NOVA"])

    return add


def totals(real, key: str) -> dict[str, int]:
    found = real.send("GET", f"{PROVIDERS}/{uuid(key)}/inventories")["inventories"]
    return {name: each["total"] for name, each in found.items()}


def warned(report) -> list[str]:
    return [problem.problem for problem in report.planned.warnings]


@pytest.mark.parametrize("reread", [False, True])
def test_what_novas_file_adds_is_told_and_not_fought_over(node, synced, add, reread):
    add(PLAIN)
    last = synced.last_pass
    for _ in range(3):
        report = node.run_once(last.to_be_read() if reread else last)
        last = report.last_pass
        assert written(report) == []
        assert warned(report) == [NOVA_ADDS.format(SLICE, name(PLAIN))]
    assert totals(synced, PLAIN) == {QAT: 1, SLICE: 4}


def test_it_stays_whatever_is_written_of_ours(node, synced, add):
    add(PLAIN, VFS)
    last = having(node, *with_vfs(3)).run_once(synced.last_pass).last_pass
    assert totals(synced, VFS) == {NIC: 3, SLICE: 4}
    changed = having(node, {**QAT_CARD, "numa": 1}, with_vfs(2)[1])
    last = changed.run_once(last).last_pass
    synced.claim("alice", {PLAIN: {QAT: 1}})
    report = having(node, with_vfs(4)[1]).run_once(last)
    assert not report.outcome.failed
    assert totals(synced, VFS) == {NIC: 4, SLICE: 4}
    assert totals(synced, PLAIN) == {QAT: 1, SLICE: 4}


def test_it_stays_where_several_are_written_at_once(node, synced, add):
    add(PLAIN, VFS)
    for key, own in ((PLAIN, QAT), (VFS, NIC)):
        body = {own: {"total": 9}, SLICE: {"total": 4}}
        put(synced, uuid(key), "inventories", inventories=body)
    report = node.run_once(synced.last_pass)
    assert written(report) == [f"SetInventories {PLAIN}", f"SetInventories {VFS}"]
    assert totals(synced, PLAIN) == {QAT: 1, SLICE: 4}
    assert totals(synced, VFS) == {NIC: 4, SLICE: 4}
    assert written(node.run_once(report.last_pass)) == []


def test_once_nova_does_not_say_that_it_is_its_own_it_goes(node, synced, add):
    add(PLAIN)
    last = node.run_once(synced.last_pass).last_pass
    traits = synced.send("GET", f"{PROVIDERS}/{uuid(PLAIN)}/traits")["traits"]
    put(synced, uuid(PLAIN), "traits", traits=[t for t in traits if t != "OWNER_NOVA"])
    report = node.run_once(last)
    assert written(report) == [f"SetInventories {PLAIN}"]
    assert totals(synced, PLAIN) == {QAT: 1}
    assert warned(report) == []


def test_where_nobody_remembers_which_are_ours_nothing_more_is_offered(node, synced, add):
    add(PLAIN)
    assert totals(synced, PLAIN) == {QAT: 1, SLICE: 4}
    report = node.run_once(LastPass())
    assert totals(synced, PLAIN) == {QAT: 1}
    add(PLAIN)
    assert written(node.run_once(report.last_pass)) == []


def test_a_class_that_was_ours_is_not_taken_for_novas(node, synced, add, tmp_path):
    add(PLAIN)
    last = node.run_once(synced.last_pass).last_pass
    lists = LISTS.replace('"name": "qat"', '"name": "fast"')
    settings = load([ConfigPath(str(configure(tmp_path, lists)))])
    replace(node, settings=settings).run_once(last)
    assert totals(synced, PLAIN) == {"CUSTOM_PCI_FAST": 1, SLICE: 4}


def test_a_device_that_goes_takes_it_along_unless_somebody_uses_it(node, synced, add):
    add(PLAIN)
    last = node.run_once(synced.last_pass).last_pass
    synced.claim("alice", {PLAIN: {SLICE: 1}})
    last = having(node, NIC_CARD).run_once(last).last_pass
    assert there(synced) == OURS
    assert totals(synced, PLAIN)[SLICE] == 4
    synced.release("alice")
    having(node, NIC_CARD).run_once(last)
    assert there(synced) == {CARD, VFS}


def test_an_operator_can_take_the_device_out_of_service(node, synced, add):
    add(PLAIN)
    last = node.run_once(synced.last_pass).last_pass
    device = next(iter(node.scan().devices)).address
    last = node.set_drained(device, True, last).last_pass
    assert totals(synced, PLAIN) == {QAT: 1, SLICE: 4}
    assert written(node.run_once(last)) == []
