"""Devices in containers, by the container driver `pci_docker` on a real zun."""

from __future__ import annotations

import json
import logging
from importlib.metadata import entry_points
from unittest import mock

import pytest
from support.cloud import LISTS, NIC_CARD, PLAIN, QAT_CARD

pytest.importorskip("zun.scheduler.utils", reason="zun is not installed")

from support.zun.docker import PciDocker
from support.zun.machine import BOUND, BOUND_NIC, GPU_UUID, SECOND, TWO, made, variable
from support.zun.stage import NOT_ENOUGH, create, on, refused

from pci_placement.zun import compute, record


@pytest.mark.parametrize("kind", ["container", "capsule"])
def test_zun_finds_the_driver_by_its_name(kind):
    (found,) = entry_points(group=f"zun.{kind}.driver", name="pci_docker")
    assert found.load() is compute.PciDockerDriver


def test_a_container_is_given_its_device(machine):
    node = machine(*TWO, BOUND_NIC)
    uuid = create(node.stage, "qat")
    (held,) = node.stage.devices(uuid)
    assert node.nodes() == [node.group(held.removeprefix("node:pci:"))]
    assert node.zun.show(uuid).status == "Created"


def test_a_container_without_devices_is_given_none(machine):
    node = machine(*TWO)
    made(node, None)
    assert node.nodes() == [[]]
    assert variable(node) == ["void"]


def test_two_containers_are_given_different_vfs(machine):
    node = machine(BOUND_NIC)
    for _ in range(2):
        made(node, "nic:2")
    given = node.nodes()
    assert [nodes[0] for nodes in given] == ["/dev/vfio/vfio"] * 2
    assert len({*given[0][1:], *given[1][1:]}) == 4


def test_one_container_is_given_all_that_it_has_claimed(machine):
    node = machine(*TWO, BOUND_NIC)
    made(node, "qat:2,nic")
    (given,) = node.nodes()
    groups = {node.group(address)[1] for address in (PLAIN, SECOND)}
    assert groups < set(given)
    assert len(given) == 4


DRI = {"address": PLAIN, "id": "8086:0443", "driver": "i915", "class": "030000", "numa": 0}


def make_node(machine, address: str, name: str) -> None:
    folder = machine.sysfs / f"bus/pci/devices/{address}/drm/{name}"
    folder.mkdir(parents=True)
    (folder / "uevent").write_text(f"MAJOR=226\nMINOR=1\nDEVNAME=dri/{name}\n")


@pytest.mark.parametrize("cdi", [False, True])
def test_what_its_driver_made_is_given_by_nodes_or_by_cdi(machine, tmp_path, cdi):
    folder = f"cdi_dir = {tmp_path}/cdi\n" if cdi else ""
    (tmp_path / "cdi").mkdir()
    node = machine(DRI, lists=f"[pci_placement]\n{folder}{LISTS}")
    make_node(node, PLAIN, "card1")
    made(node, "qat")
    (container,) = node.docker.has
    requests = container["HostConfig"].get("DeviceRequests") or []
    assert [request["Driver"] for request in requests] == (["cdi"] if cdi else [])
    name = f"pci-placement.org/pci={PLAIN}"
    assert [request["DeviceIDs"] for request in requests] == ([[name]] if cdi else [])
    assert node.nodes() == [[] if cdi else ["/dev/dri/card1"]]
    documents = [json.loads(file.read_text()) for file in (tmp_path / "cdi").iterdir()]
    named = [each["name"] for document in documents for each in document["devices"]]
    assert named == ([PLAIN] if cdi else [])


GPU = {**QAT_CARD, "driver": "nvidia", "class": "030200"}


def test_a_gpu_of_nvidia_is_named_and_never_all(machine, monkeypatch):
    monkeypatch.setattr(record, "gpu_at", {PLAIN: GPU_UUID}.get)
    node = machine(GPU)
    made(node, "qat", environment={"NVIDIA_VISIBLE_DEVICES": "all"})
    made(node, None, environment={"NVIDIA_VISIBLE_DEVICES": "all"})
    assert variable(node) == [GPU_UUID, "void"]
    assert [one["HostConfig"]["Runtime"] for one in node.docker.has] == ["nvidia", "runc"]


@pytest.mark.parametrize(
    ("line", "pci", "told"),
    [
        (QAT_CARD, "qat", f"{PLAIN} is bound to no driver"),
        ({**QAT_CARD, "driver": "c6xx"}, "qat", "bound to c6xx, which gives a container nothing"),
        (NIC_CARD, "nic", "bound to no driver"),
        ({**NIC_CARD, "vfs": {**NIC_CARD["vfs"], "driver": "iavf"}}, "nic", "network interface"),
        (GPU, "qat", f"which GPU {PLAIN} is"),
    ],
)
def test_what_no_container_can_use_is_refused_with_the_cure_and_freed(machine, line, pci, told):
    node = machine(line)
    uuid = create(node.stage, pci)
    container = node.zun.show(uuid)
    assert container.status == "Error"
    assert told in container.status_reason
    assert node.stage.allocated(uuid) == {}
    assert node.docker.has == []


def test_a_gpu_in_another_runtime_is_refused_and_nothing_is_left(machine, monkeypatch):
    monkeypatch.setattr(record, "gpu_at", {PLAIN: GPU_UUID}.get)
    node = machine(GPU, lists=f"[DEFAULT]\ncontainer_runtime = kata\n{LISTS}")
    uuid = create(node.stage, "qat")
    assert "is to run in kata" in node.zun.show(uuid).status_reason
    assert node.stage.allocated(uuid) == {}


def test_a_creation_that_fails_leaves_nothing(machine):
    node = machine(BOUND)
    node.docker.fails = "no space left on device"
    uuid = create(node.stage, "qat")
    assert "no space left" in node.zun.show(uuid).status_reason
    assert node.stage.allocated(uuid) == {}
    node.docker.fails = ""
    made(node, "qat")
    assert node.nodes() == [node.group(PLAIN)]


def test_what_cannot_be_removed_keeps_its_device(machine, caplog):
    node = machine(BOUND)
    with (
        mock.patch.object(node.node.driver, "_setup_network_for_container", side_effect=OSError),
        mock.patch.object(node.docker, "remove_container", side_effect=OSError("busy")),
        caplog.at_level(logging.ERROR),
    ):
        uuid = create(node.stage, "qat")
    assert node.nodes() == [node.group(PLAIN)]
    assert node.stage.devices(uuid) == {on(PLAIN): 1}
    assert f"what container {uuid} had is kept" in caplog.text


def test_a_zun_that_asks_its_network_no_more_starts_nothing_without_its_device(machine):
    node = machine(BOUND)
    driver = node.node.driver
    with mock.patch.object(driver, "_provision_network", return_value=None):
        uuid = create(node.stage, "qat")
    assert "did not ask what the container is given" in node.zun.show(uuid).status_reason
    assert node.docker.has == []
    assert node.stage.allocated(uuid) == {}


def test_delete_frees_the_device_for_the_next(machine):
    node = machine(BOUND)
    uuid = create(node.stage, "qat")
    assert node.zun.delete(uuid).status == 204
    assert node.docker.has == []
    made(node, "qat")
    assert node.nodes() == [node.group(PLAIN)]


def test_a_rebuilt_container_has_the_same_device(machine):
    node = machine(*TWO)
    uuid = create(node.stage, "qat")
    before = node.nodes()
    node.call("_do_container_rebuild", uuid, False)
    assert node.docker.made == 2
    assert node.nodes() == before
    made(node, "qat")
    assert sorted(node.nodes()) == sorted([node.group(PLAIN), node.group(SECOND)])


def test_a_rebuild_that_fails_is_a_clean_release(machine):
    node = machine(BOUND)
    uuid = create(node.stage, "qat")
    node.docker.fails = "no space left on device"
    with pytest.raises(Exception, match="no space"):
        node.call("_do_container_rebuild", uuid, False)
    assert node.docker.has == []
    assert node.stage.allocated(uuid) == {}


def test_stopped_started_and_restarted_it_has_the_same_device(machine):
    node = machine(BOUND)
    uuid = create(node.stage, "qat")
    for method, *more in (
        ("_do_container_start",),
        ("_do_container_stop", 10),
        ("_do_container_start",),
        ("_do_container_reboot", 10),
    ):
        node.call(method, uuid, *more)
    assert node.zun.show(uuid).status == "Running"
    assert node.nodes() == [node.group(PLAIN)]


@pytest.mark.parametrize(("method", "more"), [("start", ()), ("reboot", (10,))])
def test_a_container_does_not_start_with_the_device_of_another_group(machine, method, more):
    node = machine(BOUND)
    uuid = create(node.stage, "qat")
    node.groups[PLAIN] = 99
    node.become(BOUND)
    driver = node.node.driver
    with pytest.raises(Exception, match="rebuild it"):
        getattr(driver, method)(node.node.context, node.zun.show(uuid), *more)
    node.call("_do_container_rebuild", uuid, False)
    assert node.nodes() == [["/dev/vfio/vfio", "/dev/vfio/99"]]
    getattr(driver, method)(node.node.context, node.zun.show(uuid), *more)


def test_zun_compute_that_starts_again_leaves_containers_their_devices(machine):
    node = machine(*TWO)
    uuids = [made(node, "qat") for _ in range(2)]
    before = node.nodes()
    node.node = node.zun.node("node", PciDocker())
    node.node.manager.init_containers(node.node.context)
    node.node.manager.sync_container_state(node.node.context)
    assert node.nodes() == before
    for uuid in uuids:
        node.call("_do_container_rebuild", uuid, False)
    assert sorted(node.nodes()) == sorted(before)
    assert refused(node.stage, create(node.stage, "qat")) == NOT_ENOUGH


def test_killed_between_claim_and_creation_the_device_is_still_its_own(machine):
    node = machine(*TWO)
    node.zun.lost.add("node")
    uuid = create(node.stage, "qat")
    node.zun.lost.clear()
    made(node, "qat")
    (given,) = node.nodes()
    node.node = node.zun.node("node", PciDocker())
    node.call("_do_container_create_base", uuid, [{"network": "net"}], {uuid: []})
    assert sorted(node.nodes()) == sorted([node.group(PLAIN), node.group(SECOND)])
    assert given in node.nodes()


def test_moved_by_us_while_it_runs_it_keeps_its_device(machine):
    node = machine(*TWO)
    uuid = create(node.stage, "qat")
    before = node.nodes()
    node.zun.configure(node.zun.file.read_text().replace('"name": "qat"', '"name": "fast"'))
    node.sync()
    assert set(node.stage.classes(uuid)) == {"CUSTOM_PCI_FAST"}
    node.call("_do_container_rebuild", uuid, False)
    assert node.nodes() == before


def test_without_our_state_nobody_is_given_a_device_by_guess(machine):
    node = machine(BOUND)
    for file in (node.folder / "state").glob("*.claims"):
        file.unlink()
    uuid = create(node.stage, "qat")
    container = node.zun.show(uuid)
    assert container.status == "Error"
    assert "say sync" in container.status_reason
    assert node.docker.has == []
