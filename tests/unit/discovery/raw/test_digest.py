"""What a digest of a host tells apart, and what it does not."""

import os
import subprocess
import sys

import pytest
from support.machine import V4_TITLE, Machine

from pci_placement.discovery.raw import Running, read_tree
from pci_placement.discovery.raw.digest import digest_of

PF, VF, GPU = "0000:41:00.0", "0000:41:10.0", "0000:42:00.0"
NIC, OTHER_NIC = f"pci0000:40/{PF}/net/ens1", f"pci0000:40/{GPU}/net/ens2"
DISK = "pci0000:40/0000:43:00.0/nvme/nvme0/nvme0n1"
SPARE = "pci0000:40/0000:45:00.0/host0/block/sda"
ROUTE = "eth9\t00000000\t010200C0\t0003\t{}\t{}\t{}\t00000000\t0\t0\t0      \n"
MOUNT = "{} {} 259:1 / /srv rw,relatime {}- ext4 /dev/x rw\n"


def function(machine: Machine, address: str, product: str, **files: str) -> None:
    folder = machine.device(f"pci0000:40/{address}")
    uevent = f"DRIVER=igb\nPCI_CLASS=20000\nPCI_ID=8086:{product}\nPCI_SLOT_NAME={address}\n"
    for name, text in {"uevent": uevent, "numa_node": "0\n", **files}.items():
        (folder / name).write_text(text)


@pytest.fixture
def host(tmp_path) -> Machine:
    """A card with a VF, another device, and two disks of which one has a file system."""
    machine = Machine(tmp_path)
    function(machine, PF, "10C9", sriov_totalvfs="7\n", sriov_vf_device="10ca\n")
    function(machine, VF, "10CA")
    function(machine, GPU, "15F8")
    machine.link(f"devices/pci0000:40/{VF}/physfn", f"devices/pci0000:40/{PF}")
    machine.link(f"devices/pci0000:40/{PF}/virtfn0", f"devices/pci0000:40/{VF}")
    machine.link(f"devices/pci0000:40/{GPU}/iommu_group", "kernel/iommu_groups/7")
    machine.net(NIC)
    machine.net(OTHER_NIC)
    machine.block("259:0", DISK)
    machine.block("259:1", f"{DISK}/nvme0n1p1")
    machine.block("8:0", SPARE)
    (machine.proc / "self/net/route").write_text(V4_TITLE + ROUTE.format(0, 0, 100))
    (machine.proc / "self/mountinfo").write_text(MOUNT.format(27, 1, "shared:3 "))
    return machine


def rewrite(machine: Machine, path: str, *change: str) -> None:
    """Write a file anew, with one text in place of another."""
    file = machine.sys.parent / path
    file.write_text(file.read_text().replace(*change))


def relink(machine: Machine, path: str, target: str) -> None:
    (machine.sys / path).unlink()
    machine.link(path, target)


def at(address: str, name: str) -> str:
    return f"sys/devices/pci0000:40/{address}/{name}"


CHANGES = {
    "a driver": lambda h: rewrite(h, at(GPU, "uevent"), "igb", "vfio-pci"),
    "no driver": lambda h: rewrite(h, at(GPU, "uevent"), "DRIVER=igb\n", ""),
    "a class": lambda h: rewrite(h, at(GPU, "uevent"), "20000", "30000"),
    "a product": lambda h: rewrite(h, at(GPU, "uevent"), "15F8", "15F9"),
    "a NUMA node": lambda h: rewrite(h, at(GPU, "numa_node"), "0", "1"),
    "a NUMA node that makes no sense": lambda h: rewrite(h, at(GPU, "numa_node"), "0", "one"),
    "an IOMMU group": lambda h: relink(h, at(GPU, "iommu_group")[4:], "kernel/iommu_groups/8"),
    "the number of VFs that may be": lambda h: rewrite(h, at(PF, "sriov_totalvfs"), "7", "8"),
    "their id": lambda h: rewrite(h, at(PF, "sriov_vf_device"), "a", "b"),
    "the PF of a VF": lambda h: relink(h, at(VF, "physfn")[4:], f"devices/pci0000:40/{GPU}"),
    "no PF of a VF": lambda h: (h.sys.parent / at(VF, "physfn")).unlink(),
    "a bus below": lambda h: (h.sys.parent / at(GPU, "secondary_bus_number")).write_text("67\n"),
    "a name": lambda h: h.net(f"pci0000:40/{VF}/net/ens1v0"),
    "a name less": lambda h: (h.sys / "class/net/ens1").unlink(),
    "a device": lambda h: function(h, "0000:44:00.0", "15F8"),
    "a device less": lambda h: (h.sys / "bus/pci/devices" / GPU).unlink(),
    "a default route": lambda h: h.v4("ens1"),
    "a mount": lambda h: rewrite(h, "proc/self/mountinfo", "/srv", "/var"),
    "no mount": lambda h: rewrite(h, "proc/self/mountinfo", "259:1", "259:2"),
    "swap": lambda h: h.swap(f"{h.dev}/sda"),
    "a volume": lambda h: h.link(f"devices/{SPARE}/holders/dm-0", "class/block/dm-0"),
}

NO_CHANGES = {
    "nothing": lambda _: None,
    "the same text again": lambda h: rewrite(h, at(GPU, "uevent"), "igb", "igb"),
    "the number of VFs, by itself": lambda h: (h.sys.parent / at(PF, "sriov_numvfs")).write_text(
        "1"
    ),
    "what else a uevent says": lambda h: rewrite(
        h, at(GPU, "uevent"), "PCI_SLOT", "PCI_SUBSYS_ID=8086:0001\nPCI_SLOT"
    ),
    "how an id is written": lambda h: rewrite(h, at(PF, "sriov_vf_device"), "10ca", "0x10CA"),
    "a metric": lambda h: rewrite(h, "proc/self/net/route", "\t100\t", "\t200\t"),
    "how often a route was used": lambda h: rewrite(
        h, "proc/self/net/route", "\t0\t0\t100", "\t3\t9\t100"
    ),
    "the numbers of a mount": lambda h: rewrite(h, "proc/self/mountinfo", "27 1 ", "931 30 "),
    "whom a mount is shared with": lambda h: rewrite(
        h, "proc/self/mountinfo", "shared:3", "shared:9"
    ),
    "a mount of a container": lambda h: h.mount("0:77", "/run/x", "overlay", fs="overlay"),
    "the tap of a virtual machine": lambda h: h.net("virtual/net/tap0"),
    "a route that is no default": lambda h: h.v4("ens1", network="000200C0", mask="00FFFFFF"),
    "a disk that nobody uses": lambda h: h.block("8:16", f"pci0000:40/{GPU}/host1/block/sdb"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_a_pass_would_see_differently_has_another_digest(host, change):
    before = host.raw().digest
    change(host)
    assert host.raw().digest != before


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_what_it_would_not_has_the_same(host, change):
    before = host.raw().digest
    change(host)
    assert host.raw().digest == before


def test_the_order_of_a_folder_plays_no_part(host, monkeypatch):
    before, listdir = host.raw().digest, os.listdir
    monkeypatch.setattr("os.listdir", lambda folder: sorted(listdir(folder), reverse=True))
    last_first = host.raw().digest
    monkeypatch.setattr("os.listdir", lambda folder: sorted(listdir(folder)))
    assert before == last_first == host.raw().digest


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_finds_the_same(host, seed):
    script = (
        "import sys; from pci_placement.discovery.raw import Running, read_tree;"
        "print(read_tree(sys.argv[1], Running(*sys.argv[2:])).digest)"
    )
    paths = map(str, (host.sys, host.proc, host.dev, host.udev))
    done = subprocess.run(
        [sys.executable, "-c", script, *paths],
        env={"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == host.raw().digest


def test_where_nothing_can_be_listed_the_digest_tells_why(tmp_path):
    missing = read_tree(tmp_path / "sys").digest
    (tmp_path / "sys/bus/pci/devices").mkdir(parents=True)
    empty = read_tree(tmp_path / "sys").digest
    assert len({missing, empty, read_tree(tmp_path).digest}) == 3


def test_of_a_host_that_does_not_run_nobody_knows_what_it_lives_on(host):
    assert read_tree(host.sys).digest != host.raw().digest
    assert read_tree(host.sys).digest == read_tree(host.sys, Running("", "", "")).digest


class Refuses:
    """A module whose digests are refused, as where FIPS 140 is enforced."""

    @staticmethod
    def blake2b(*_: object, **__: object) -> None:
        raise ValueError("disabled for FIPS")


@pytest.mark.parametrize("module", [None, Refuses], ids=["no such module", "it refuses"])
def test_another_digest_stands_in(monkeypatch, module):
    usual = digest_of([1])
    monkeypatch.setitem(sys.modules, "_blake2", module)
    assert digest_of([1]) == digest_of([1]) != digest_of([2])
    assert len(digest_of([1])) == len(usual)
    assert digest_of([1]) != usual
