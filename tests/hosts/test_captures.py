"""What the reader makes of real hosts, against lspci and against facts looked up by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pci_placement.discovery.raw.handles import DEVICES, Opened
from pci_placement.discovery.raw.virtfns import pfs_by_vf
from pci_placement.discovery.sysfs import Sysfs
from pci_placement.model import DevType, PciAddress, PciDevice
from pci_placement.pci_address import split

Tree = Callable[[str], Path]
Text = Callable[[str], str]

LSPCI = re.compile(r'(\S+) "(\w{4})" "(\w{4})" "(\w{4})" (?:-r\w\w )?-p(\w\w) ')

# the number of functions; each PF with sriov_totalvfs, the id of its VFs, and how many are enabled
FULL = {
    "0000:41:00.0": (7, "10ca", 0),
    "0000:42:00.0": (16, "0010", 0),
    "0000:83:00.0": (7, "10ca", 0),
    "0000:86:00.0": (8, "0010", 0),
}
FULL_VFS = {
    "0000:41:00.0": (7, "10ca", 4),
    "0000:42:00.0": (16, "0010", 16),
    "0000:83:00.0": (7, "10ca", 7),
    "0000:86:00.0": (8, "0010", 3),
}
NOARI_VFS = {
    "0000:01:00.0": (7, "10ca", 4),
    "0000:01:00.1": (7, "10ca", 7),
    "0000:02:00.0": (4, "0010", 4),
}
HOSTS = {
    "full-base": (34, FULL),
    "full-vfs": (64, FULL_VFS),
    "full-mixed": (64, FULL_VFS),
    "full-hotplug": (
        64,
        FULL_VFS | {"0000:41:00.0": (7, "10ca", 0), "0000:44:00.0": (7, "10ca", 3)},
    ),
    "full-end": (
        53,
        FULL_VFS | {"0000:41:00.0": (7, "10ca", 0), "0000:83:00.0": (7, "10ca", 0)},
    ),
    "noari-base": (
        17,
        {
            "0000:01:00.0": (7, "10ca", 0),
            "0000:01:00.1": (7, "10ca", 0),
            "0000:02:00.0": (4, "0010", 0),
        },
    ),
    "noari-vfs": (32, NOARI_VFS),
    "noari-mixed": (32, NOARI_VFS),
    "noari-hotplug": (
        32,
        NOARI_VFS | {"0000:01:00.0": (7, "10ca", 0), "0000:03:00.0": (7, "10ca", 3)},
    ),
    "noari-end": (
        21,
        NOARI_VFS | {"0000:01:00.0": (7, "10ca", 0), "0000:01:00.1": (7, "10ca", 0)},
    ),
    "vm-virtio": (6, {}),
    "hwloc-2pa-pcidomain32bits": (9, {}),
    "ghw-accel-nvidia": (29, {}),
    "ghw-415ee03b8c4d1c4f07ae2e9d8b3d3d6d": (23, {}),
    "procfs-pci": (3, {"0000:a2:00.0": (128, "1889", 0)}),
}
WITH_LSPCI = [name for name in HOSTS if name.startswith(("full-", "noari-"))]

FULL_NAMES = {
    "0000:00:02.0": ("enp0s2",),  # below virtio1/net
    "0000:00:09.0": ("enp0s9",),
    "0000:41:00.0": ("enp65s0f0",),
    "0000:83:00.0": ("enp131s0",),
    "0000:84:00.0": ("enp132s0",),
}
SWITCH_VF_NAMES = {
    "0000:83:10.0": ("enp131s0v0",),
    "0000:83:10.2": ("enp131s0v1",),
    "0000:83:10.4": ("enp131s0v2",),
    "0000:83:10.6": ("enp131s0v3",),
    "0000:83:11.0": ("enp131s0v4",),
    "0000:83:11.2": ("enp131s0v5",),
    "0000:83:11.4": ("enp131s0v6",),
}
NOARI_NAMES = {
    "0000:00:02.0": ("enp0s2",),
    "0000:01:00.0": ("enp1s0f0",),
    "0000:01:00.1": ("enp1s0f1",),
}
NAMES = {
    "full-base": FULL_NAMES,
    "full-vfs": FULL_NAMES
    | SWITCH_VF_NAMES
    | {
        "0000:41:10.0": ("enp65s0f0v0",),
        "0000:41:10.2": ("enp65s0f0v1",),
        "0000:41:10.4": ("enp65s0f0v2",),
        "0000:41:10.6": ("enp65s0f0v3",),
    },
    # 41:10.0 is bound to vfio-pci, 41:10.2 to nothing, the name of 41:10.4 is in another namespace
    "full-mixed": FULL_NAMES | SWITCH_VF_NAMES | {"0000:41:10.6": ("renamed0",)},
    "full-hotplug": FULL_NAMES
    | SWITCH_VF_NAMES
    | {
        "0000:44:00.0": ("ens4",),
        "0000:44:10.0": ("ens4v0",),
        "0000:44:10.2": ("ens4v1",),
        "0000:44:10.4": ("ens4v2",),
    },
    "full-end": FULL_NAMES,
    "noari-base": NOARI_NAMES,
    "noari-vfs": NOARI_NAMES,
    # the name of 01:00.1 is in another namespace
    "noari-mixed": {"0000:00:02.0": ("enp0s2",), "0000:01:00.0": ("renamed0",)},
    "noari-hotplug": NOARI_NAMES | {"0000:03:00.0": ("enp3s0",)},
    "noari-end": NOARI_NAMES,
    "vm-virtio": {"0000:00:03.0": ("eth0",)},
    "hwloc-2pa-pcidomain32bits": {"0000:00:03.0": ("ens3",)},
    "ghw-accel-nvidia": {},
    "ghw-415ee03b8c4d1c4f07ae2e9d8b3d3d6d": {},
    "procfs-pci": {"0000:a2:00.0": ("enp162s0f0np0",)},  # no class/net in this tree
}


def scan(tree: Path) -> dict[str, PciDevice]:
    snapshot = Sysfs(tree).read()
    assert snapshot.unreadable == {}
    return {str(device.address): device for device in snapshot.devices}


def links(tree: Path, pattern: str) -> set[tuple[str, str]]:
    """The folder and the last part of every link that matches."""
    return {(path.parent.name, path.readlink().name) for path in tree.glob(pattern)}


@pytest.mark.parametrize("name", WITH_LSPCI)
def test_addresses_and_ids_are_those_of_lspci(name: str, sys_tree: Tree, lspci_text: Text) -> None:
    lines = lspci_text(name).splitlines()
    told = [found.groups() for line in lines if (found := LSPCI.match(line))]
    assert len(told) == len(lines) == HOSTS[name][0]
    assert [
        (address, device.class_code, device.vendor_id, device.product_id)
        for address, device in scan(sys_tree(name)).items()
    ] == [
        (address, base + interface, vendor_id, product_id)
        for address, base, vendor_id, product_id, interface in told
    ]


@pytest.mark.parametrize("name", HOSTS)
def test_the_number_of_functions_and_every_pf(name: str, sys_tree: Tree) -> None:
    total, pfs = HOSTS[name]
    devices = scan(sys_tree(name))
    children = Counter(str(device.parent_addr) for device in devices.values() if device.parent_addr)
    assert len(devices) == total
    assert {
        address: (device.sriov_totalvfs, device.sriov_vf_device, children[address])
        for address, device in devices.items()
        if device.dev_type is DevType.PF
    } == pfs
    kinds = Counter(device.dev_type for device in devices.values())
    assert kinds[DevType.VF] == sum(enabled for _, _, enabled in pfs.values())


@pytest.mark.parametrize("name", HOSTS)
def test_network_names(name: str, sys_tree: Tree) -> None:
    devices = scan(sys_tree(name))
    assert {
        address: device.devnames for address, device in devices.items() if device.devnames
    } == NAMES[name]


@pytest.mark.parametrize("name", WITH_LSPCI)
def test_a_vf_belongs_to_the_pf_whose_virtfn_link_names_it(name: str, sys_tree: Tree) -> None:
    tree = sys_tree(name)
    told = links(tree, "bus/pci/devices/*/virtfn*")
    assert {
        (str(device.parent_addr), address)
        for address, device in scan(tree).items()
        if device.dev_type is DevType.VF
    } == told


@pytest.mark.parametrize("name", WITH_LSPCI)
def test_virtfn_links_and_physfn_links_tell_the_same(name: str, sys_tree: Tree) -> None:
    tree = sys_tree(name)
    devices = scan(tree)
    with Opened(str(tree / DEVICES)) as folder:
        told = pfs_by_vf(folder, [(split(address), address) for address in devices])
    assert told == {
        split(address): split(str(device.parent_addr))
        for address, device in devices.items()
        if device.parent_addr
    }


@pytest.mark.parametrize("name", WITH_LSPCI)
def test_a_device_has_the_driver_whose_folder_names_it(name: str, sys_tree: Tree) -> None:
    tree = sys_tree(name)
    told = links(tree, "bus/pci/drivers/*/*:*:*.*")
    assert told
    assert {
        (device.driver, address) for address, device in scan(tree).items() if device.driver
    } == told


@pytest.mark.parametrize("name", [name for name in WITH_LSPCI if name.startswith("full-")])
def test_a_device_is_in_the_iommu_group_that_lists_it(name: str, sys_tree: Tree) -> None:
    tree = sys_tree(name)
    told = {
        (int(path.parts[-3]), path.name) for path in tree.glob("kernel/iommu_groups/*/devices/*")
    }
    assert {(device.iommu_group, address) for address, device in scan(tree).items()} == told


@pytest.mark.parametrize("name", [name for name in WITH_LSPCI if name.startswith("full-")])
def test_numa_nodes_of_the_full_host(name: str, sys_tree: Tree) -> None:
    def node(address: PciAddress) -> int | None:
        return None if address.bus < 0x40 else 0 if address.bus < 0x80 else 1

    devices = scan(sys_tree(name)).values()
    assert {device.address: device.numa_node for device in devices} == {
        device.address: node(device.address) for device in devices
    }


@pytest.mark.parametrize("name", [name for name in HOSTS if name.startswith(("noari-", "vm-"))])
def test_without_numa_and_iommu_both_are_unknown(name: str, sys_tree: Tree) -> None:
    devices = scan(sys_tree(name)).values()
    assert {(device.numa_node, device.iommu_group) for device in devices} == {(None, None)}


def test_an_nvme_vf_has_the_id_of_its_pf_and_spills_into_other_slots(sys_tree: Tree) -> None:
    devices = scan(sys_tree("full-vfs"))
    card = PciAddress.parse("0000:42:00.0")
    vfs = [device for device in devices.values() if device.parent_addr == card]
    assert {(vf.vendor_id, vf.product_id, vf.driver) for vf in vfs} == {("1b36", "0010", None)}
    assert devices["0000:42:00.0"].product_id == "0010"
    assert Counter(vf.address.slot for vf in vfs) == {0: 7, 1: 8, 2: 1}


def test_vfs_behind_a_switch_share_its_iommu_group(sys_tree: Tree) -> None:
    devices = scan(sys_tree("full-vfs"))
    behind = {address for address, device in devices.items() if device.iommu_group == 19}
    assert behind == {"0000:82:00.0", "0000:83:00.0", *SWITCH_VF_NAMES}
    beside = [devices[f"0000:41:10.{function}"].iommu_group for function in (0, 2, 4, 6)]
    assert beside == [30, 31, 32, 33]


def test_drivers_of_the_mixed_host(sys_tree: Tree) -> None:
    devices = scan(sys_tree("full-mixed"))
    drivers = [devices[f"0000:41:10.{function}"].driver for function in (0, 2, 4, 6)]
    assert drivers == ["vfio-pci", None, "igbvf", "igbvf"]


def test_vfs_of_a_dual_port_card_interleave(sys_tree: Tree) -> None:
    devices = scan(sys_tree("noari-vfs"))
    parents = [
        device.parent_addr.function
        for device in devices.values()
        if device.parent_addr and device.address.bus == 1
    ]
    assert parents == [0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1]


def test_domains_of_five_digits_come_last(sys_tree: Tree) -> None:
    devices = scan(sys_tree("hwloc-2pa-pcidomain32bits"))
    assert list(devices)[-3:] == ["0000:00:03.0", "10000:00:00.0", "10000:00:04.0"]
    assert devices["10000:00:04.0"] == PciDevice(
        address=PciAddress(0x10000, 0, 4, 0),
        vendor_id="1af4",
        product_id="1001",
        class_code="010000",
        driver="virtio-pci",
    )
    assert devices["0000:00:01.3"].class_code == "068000"


def test_trees_without_uevent_give_class_ids_and_driver(sys_tree: Tree) -> None:
    gpu = scan(sys_tree("ghw-accel-nvidia"))["0000:06:00.0"]
    assert (gpu.vendor_id, gpu.product_id, gpu.class_code) == ("10de", "15f8", "030200")
    assert (gpu.driver, gpu.numa_node, gpu.iommu_group) == ("nvidia", None, None)


def test_functions_of_one_iommu_group_on_a_laptop(sys_tree: Tree) -> None:
    devices = scan(sys_tree("ghw-415ee03b8c4d1c4f07ae2e9d8b3d3d6d"))
    group = {
        address: device.driver for address, device in devices.items() if device.iommu_group == 8
    }
    assert group == {
        "0000:00:0d.0": "xhci_hcd",
        "0000:00:0d.2": "thunderbolt",
        "0000:00:0d.3": "thunderbolt",
    }


def test_a_pf_stays_a_pf_without_vfs(sys_tree: Tree) -> None:
    devices = scan(sys_tree("procfs-pci"))
    assert devices["0000:a2:00.0"] == PciDevice(
        address=PciAddress(0, 0xA2, 0, 0),
        vendor_id="8086",
        product_id="159b",
        class_code="020000",
        dev_type=DevType.PF,
        devnames=("enp162s0f0np0",),
        numa_node=1,
        driver="ice",
        sriov_totalvfs=128,
        sriov_vf_device="1889",
    )
    assert [device.iommu_group for device in devices.values()] == [2, 11, None]
