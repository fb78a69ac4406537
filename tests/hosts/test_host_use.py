"""What a host lives on, in /sys trees of real kernels; the routes, mounts and swaps are made up."""

import pytest
from support.build import address
from support.machine import Machine

from pci_placement.discovery.raw.disks import MOUNT
from pci_placement.discovery.raw.host_use import ROUTE


@pytest.fixture
def host(sys_tree, tmp_path):
    """Give a machine whose /sys is a capture."""
    return lambda name: Machine(tmp_path, sys_tree(name))


def test_a_captured_tree_by_itself_uses_nothing(host):
    assert host("vm-virtio").read() == {}


@pytest.mark.parametrize(
    ("interface", "functions"),
    [
        pytest.param("enp0s2", "0000:00:02.0", id="virtio"),
        pytest.param("enp0s9", "0000:00:09.0", id="plain"),
        pytest.param("enp65s0f0", "0000:40:00.0 0000:41:00.0", id="PF"),
        pytest.param("enp65s0f0v1", "0000:40:00.0 0000:41:10.2 0000:41:00.0", id="VF and its PF"),
        pytest.param(
            "enp131s0",
            "0000:80:00.0 0000:81:00.0 0000:82:00.0 0000:83:00.0",
            id="behind a switch",
        ),
        pytest.param("lo", "", id="lo"),
    ],
)
def test_a_default_route_uses_the_functions_above_its_interface(host, interface, functions):
    machine = host("full-vfs")
    machine.v4(interface)
    reason = ROUTE.format(interface)
    assert machine.read() == dict.fromkeys(map(address, functions.split()), reason)


def test_disks_and_a_card_of_a_virtual_machine_are_in_use(host):
    machine = host("vm-virtio")
    machine.v4("eth0")
    machine.v6("lo", flags="00200200")
    machine.mount("0:21", "/proc", "proc", fs="proc")
    machine.mount("254:0", "/", f"{machine.dev}/vda")
    machine.swap(f"{machine.dev}/zram0")
    assert machine.read() == {
        address("0000:00:03.0"): ROUTE.format("eth0"),
        address("0000:00:02.0"): MOUNT.format("/", f"{machine.dev}/vda"),
    }


def test_folders_of_the_hypervisor_come_through_the_devices_with_their_tags(host):
    machine = host("full-base")
    machine.mount("0:27", "/mnt/share", "share", fs="9p", options="rw,trans=virtio")
    assert machine.read() == {address("0000:00:04.0"): MOUNT.format("/mnt/share", "share")}
