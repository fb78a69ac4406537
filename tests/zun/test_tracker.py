"""zun's own tracker of devices, which gives VFs to ports and does not ask Placement."""

from __future__ import annotations

import json
import logging

import pytest
from support.cloud import LISTS, NIC_CARD, VF, VFS

pytest.importorskip("zun.scheduler.utils", reason="zun is not installed")

from support.zun.cloud import SCHEDULER
from support.zun.docker import PciDocker
from support.zun.machine import BOUND, BOUND_NIC, made
from support.zun.stage import create, on
from zun import objects

A_CONTAINER = "5a0d6a3c-6c61-4c3c-9d6e-0c9a3f1d7b11"
PORT_LISTS = """
[pci]
alias = {"name": "nic", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}
passthrough_whitelist = {"vendor_id": "8086", "product_id": "10ca", "physical_network": "physnet1"}
"""
VFS_THERE = VF[::2]
TRACKED = json.dumps([
    {
        "address": address, "vendor_id": "8086", "product_id": "10ca", "dev_type": "VF",
        "dev_id": f"pci_{address}", "label": "label_8086_10ca", "parent_addr": "0000:81:00.0",
        "numa_node": None, "status": "available",
    }
    for address in VFS_THERE
])  # fmt: skip


@pytest.fixture
def lspci(monkeypatch):
    monkeypatch.setattr("support.zun.cloud.LSPCI", TRACKED)


def given_to_a_port(node) -> list[str]:
    """What zun's tracker gives a container for a port of kind direct."""
    spec = [{"physical_network": "physnet1"}]
    asked = objects.ContainerPCIRequest(count=1, spec=spec, request_id="1")
    requests = objects.ContainerPCIRequests(requests=[asked])
    found = node.tracker.pci_tracker.claim_container(node.context, A_CONTAINER, requests)
    return [device.address for device in found or ()]


@pytest.mark.usefixtures("lspci")
def test_zuns_own_tracker_gives_a_port_a_device_that_placement_has_given(stage):
    stage.open(PORT_LISTS + SCHEDULER)
    node = stage.zun.node("node")
    stage.sync(lines=(NIC_CARD,))
    assert stage.devices(create(stage, "nic:4")) == {on(VFS): 4}
    (given,) = given_to_a_port(node)
    assert given in VFS_THERE


@pytest.mark.usefixtures("lspci")
def test_our_driver_keeps_it_off_them(machine):
    node = machine(BOUND_NIC, lists=PORT_LISTS)
    made(node, "nic:4")
    assert json.loads(node.node.driver.get_pci_resources()) == []
    assert given_to_a_port(node.node) == []


@pytest.mark.usefixtures("lspci")
def test_what_we_do_not_offer_it_may_give(machine):
    node = machine(BOUND, lists=LISTS)
    assert node.node.driver.get_pci_resources() == TRACKED


@pytest.mark.usefixtures("lspci")
def test_while_nobody_knows_what_is_ours_it_gives_nothing(machine, caplog):
    node = machine(BOUND_NIC, lists=PORT_LISTS)
    node.zun.configure("[pci]\nalias = {}\n")
    driver = PciDocker()
    with caplog.at_level(logging.ERROR):
        assert driver.get_pci_resources() == "[]"
    assert "zun gives no PCI devices to ports" in caplog.text
