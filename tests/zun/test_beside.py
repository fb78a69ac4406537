"""zun and passes of ours side by side, and what becomes of devices when something fails."""

from __future__ import annotations

from unittest import mock

import pytest
from support.cloud import HOST, NIC_CARD, PLAIN, QAT_CARD, VFS

pytest.importorskip("zun.scheduler.utils", reason="zun is not installed")

import eventlet
from support.zun.stage import NOT_ENOUGH, create, on, refused
from zun.common import exception
from zun.scheduler import utils
from zun.scheduler.client import report

SECOND = "0000:3c:00.0"
TWO_QATS = (QAT_CARD, {**QAT_CARD, "address": SECOND})
TIMES = 20


def test_the_periodic_tasks_of_zun_and_our_passes_change_nothing_of_each_other(start):
    stage = start()
    uuid = create(stage, "qat,nic:2")
    node = stage.zun.nodes["node"]
    node.periodic_tasks()
    stage.sync()
    before = stage.everything()
    assert set(before) == {"node", "node:pci:0000:81:00.0", on(PLAIN), on(VFS)}
    for _ in range(TIMES):
        node.periodic_tasks()
        assert stage.sync() == []
    assert stage.everything() == before
    assert stage.devices(uuid) == {on(PLAIN): 1, on(VFS): 2}


def test_zun_that_starts_again_leaves_our_providers_as_they_are(start):
    stage = start()
    uuid = create(stage, "qat")
    before = stage.everything()
    stage.zun.restart("node")
    after = stage.everything()
    del before["node"], after["node"]
    assert after == before
    assert stage.devices(uuid) == {on(PLAIN): 1}
    assert stage.sync() == []


def test_a_node_that_changes_its_size_keeps_our_providers(start):
    stage = start()
    node = stage.zun.nodes["node"]
    node.driver.cpus = 4
    node.driver.memory = 32
    node.periodic_tasks()
    assert stage.everything()["node"]["inventories"]["inventories"]["VCPU"]["total"] == 4
    assert stage.sync() == []


@pytest.fixture
def meanwhile(monkeypatch):
    """Something that happens between a query and the claim that rests on it; once."""
    real = utils.claim_resources

    def meanwhile(happens) -> None:
        todo = [happens]

        def claim(*args, **kwargs):
            if todo:
                eventlet.spawn(todo.pop()).wait()  # pecan has one request a thread
            return real(*args, **kwargs)

        monkeypatch.setattr(utils, "claim_resources", claim)

    return meanwhile


def test_two_containers_at_the_same_moment_get_different_vfs(start, meanwhile):
    stage = start(node=(NIC_CARD,))
    others = []
    meanwhile(lambda: others.append(create(stage, "nic:2")))
    uuid = create(stage, "nic:2")
    assert stage.devices(uuid) == stage.devices(others[0]) == {on(VFS): 2}
    assert refused(stage, create(stage, "nic")) == NOT_ENOUGH


SURPRISED = "Unexpected exception occurred."


def test_two_containers_at_the_same_moment_never_get_one_device(start, meanwhile):
    """zun 18 answers the second one with 500: doc/zun.md has a patch."""
    stage = start()
    others = []
    meanwhile(lambda: others.append(create(stage, "qat")))
    assert stage.zun.create("qat").status == 500
    assert stage.devices(others[0]) == {on(PLAIN): 1}
    (lost,) = [one.uuid for one in stage.zun.all() if one.uuid not in others]
    assert refused(stage, lost) == SURPRISED


def test_of_two_containers_at_the_same_moment_one_may_be_refused_beside_a_free_device(
    start, meanwhile
):
    """zun tries one candidate a node: doc/zun.md says how to make this rare."""
    stage = start(node=TWO_QATS)
    others = []
    ask = report.SchedulerReportClient.get_allocation_candidates
    with mock.patch.object(
        report.SchedulerReportClient, "get_allocation_candidates", in_order(ask)
    ):
        meanwhile(lambda: others.append(create(stage, "qat")))
        assert stage.zun.create("qat").status == 500
    (taken,) = stage.devices(others[0])
    (left,) = stage.devices(create(stage, "qat"))
    assert {taken, left} == {on(PLAIN), on(SECOND)}


def in_order(ask):
    """Candidates in one order, as a Placement gives them that has nothing else to do."""

    def asked(*args):
        found, *rest = ask(*args)
        return sorted(found, key=str), *rest

    return asked


def test_a_pass_of_ours_in_the_middle_of_it_does_no_harm(start, meanwhile):
    stage = start()
    meanwhile(lambda: stage.sync(lines=(*HOST, {**QAT_CARD, "address": SECOND})))
    assert stage.devices(create(stage, "qat")) == {on(PLAIN): 1}


def test_a_device_that_goes_in_the_middle_of_it_is_not_claimed(start, meanwhile):
    stage = start()
    meanwhile(lambda: stage.sync(lines=(NIC_CARD,), max_removals="9"))
    assert stage.zun.create("qat").status == 500
    assert refused(stage, stage.zun.newest().uuid) == SURPRISED


def test_a_message_that_is_lost_leaves_the_device_with_a_container_that_is_not_there(start):
    """As stock zun does it, for CPU and memory too: doc/zun.md says how to give it back."""
    stage = start()
    stage.zun.lost.add("node")
    uuid = create(stage, "qat")
    assert stage.zun.show(uuid).status == "Creating"
    assert stage.devices(uuid) == {on(PLAIN): 1}
    stage.zun.show(uuid).destroy(stage.zun.admin)
    assert stage.devices(uuid) == {on(PLAIN): 1}
    stage.client.send("DELETE", f"/allocations/{uuid}")
    stage.zun.lost.clear()
    assert stage.devices(create(stage, "qat")) == {on(PLAIN): 1}


def test_a_creation_that_fails_keeps_the_device_until_somebody_gives_it_back(start):
    """zun forgets the host of such a container, so that its deletion frees nothing."""
    stage = start()
    stage.zun.nodes["node"].driver.fails = exception.DockerError("no space left on device")
    uuid = create(stage, "qat")
    assert stage.zun.show(uuid).status == "Error"
    assert stage.devices(uuid) == {on(PLAIN): 1}
    assert stage.zun.delete(uuid).status == 204
    assert stage.devices(uuid) == {on(PLAIN): 1}


def test_a_claim_that_the_node_refuses_frees_the_device(start):
    stage = start()
    node = stage.zun.nodes["node"]
    full = exception.ResourcesUnavailable(reason="memory")
    with mock.patch.object(node.tracker, "container_claim", side_effect=full):
        uuid = create(stage, "qat")
    assert refused(stage, uuid)
    assert stage.devices(create(stage, "qat")) == {on(PLAIN): 1}
