"""What a zun with the patches of doc/zun.md does; test_patches.py makes one and calls this."""

from unittest import mock

import eventlet
import pytest
import zun
from support.cloud import PLAIN, QAT_CARD
from support.zun.cloud import VERSION
from support.zun.machine import BOUND
from support.zun.stage import NOT_ENOUGH, create, on, refused
from zun.common import exception
from zun.scheduler import utils

SECOND = "0000:3c:00.0"


def with_another(stage, pci: str) -> list[str]:
    """Two containers at the same moment: the second comes before the first has claimed."""
    real, uuids = utils.claim_resources, []

    def claim(*args, **kwargs):
        if not uuids:
            uuids.append("")
            uuids[0] = eventlet.spawn(create, stage, pci).wait()
        return real(*args, **kwargs)

    with mock.patch.object(utils, "claim_resources", claim):
        uuids.append(create(stage, pci))
    return uuids


def test_two_containers_at_the_same_moment_get_a_device_each(start):
    assert "site-packages" not in zun.__file__
    stage = start(node=(QAT_CARD, {**QAT_CARD, "address": SECOND}))
    held = [stage.devices(uuid) for uuid in with_another(stage, "qat")]
    assert sorted(map(list, held)) == [[on(PLAIN)], [on(SECOND)]]


def test_where_there_is_one_device_the_other_container_is_told_so(start):
    stage = start()
    first, second = with_another(stage, "qat")
    assert stage.devices(first) == {on(PLAIN): 1}
    assert refused(stage, second) == NOT_ENOUGH


def test_a_creation_that_fails_frees_the_device(start):
    stage = start()
    stage.zun.nodes["node"].driver.fails = exception.DockerError("no space left on device")
    uuid = create(stage, "qat")
    assert stage.zun.show(uuid).status == "Error"
    assert stage.allocated(uuid) == {}


V141 = {**VERSION, "OpenStack-API-Version": "container 1.41"}


def ask(stage, **more):
    body = {"image": "cirros", "memory": "512", "cpu": 1, **more}
    with mock.patch("support.zun.cloud.VERSION", V141):
        return stage.zun.ask("POST", "/v1/containers/", body)


def shown(stage, uuid: str) -> dict:
    with mock.patch("support.zun.cloud.VERSION", V141):
        return stage.zun.ask("GET", f"/v1/containers/{uuid}").body


def test_the_option_asks_for_devices_and_is_shown(start):
    stage = start()
    answer = ask(stage, pci_passthrough="qat")
    assert answer.status == 202, answer
    uuid = answer.body["uuid"]
    assert stage.devices(uuid) == {on(PLAIN): 1}
    assert shown(stage, uuid)["pci_passthrough"] == "qat"
    assert shown(stage, create(stage, None))["pci_passthrough"] is None


@pytest.mark.parametrize(("asked", "told"), [("gpu", "unknown alias 'gpu'"), (7, "Invalid input")])
def test_an_option_that_is_no_good_is_answered_with_what_to_write(start, asked, told):
    answer = ask(start(), pci_passthrough=asked)
    assert answer.status == 400
    assert told in answer.body["errors"][0]["detail"]


def test_older_clients_have_no_such_option(start):
    assert start().zun.create(pci_passthrough="qat").status == 400


CAPSULE = {
    "kind": "capsule",
    "metadata": {"name": "pod", "annotations": {"pci_passthrough": "qat"}},
    "spec": {
        "containers": [
            {"image": "cirros", "resources": {"requests": {"cpu": 1, "memory": 128}}}
            for _ in range(2)
        ]
    },
}


def capsule(node, template: dict = CAPSULE):
    """A capsule on a node whose driver of capsules is ours, too."""
    node.node.manager.capsule_driver = node.node.driver
    return node.zun.ask("POST", "/v1/capsules/", {"template": template})


def test_all_containers_of_a_capsule_have_its_devices(machine):
    node = machine(BOUND)
    answer = capsule(node)
    assert answer.status == 202, answer
    assert node.stage.devices(answer.body["uuid"]) == {on(PLAIN): 1}
    sandbox_and_two = 3
    assert node.nodes() == [node.group(PLAIN)] * sandbox_and_two


def test_a_capsule_that_asks_for_none_has_none(machine):
    node = machine(BOUND)
    answer = capsule(node, {**CAPSULE, "metadata": {"name": "pod"}})
    assert answer.status == 202, answer
    assert node.stage.devices(answer.body["uuid"]) == {}
    assert node.nodes() == [[], [], []]


def test_deleting_a_capsule_frees_its_devices(machine):
    node = machine(BOUND)
    uuid = capsule(node).body["uuid"]
    assert node.zun.ask("DELETE", f"/v1/capsules/{uuid}").status == 204
    assert node.docker.has == []
    assert node.stage.allocated(uuid) == {}
    capsule(node)
    assert node.nodes() == [node.group(PLAIN)] * 3
