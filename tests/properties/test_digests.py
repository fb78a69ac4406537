"""Whatever changes on a host: another snapshot has another digest, the same one the same."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import event, given
from hypothesis import strategies as st
from support.examples import tried
from support.hosts import write_tree
from support.machine import Machine
from support.strategies import changes, views

from pci_placement.discovery.raw import RawHost
from pci_placement.discovery.sysfs import make_snapshot
from pci_placement.errors import DiscoveryError
from pci_placement.model import Snapshot

HOSTS = views().map(lambda seen: seen.snapshot)
ADDRESSES = ["0000:01:00.0", "0000:02:00.0", "0000:02:02.1", "0000:07:00.0"]
NAMES = ["ens1", "ens2", "ens2v1", "tap0"]
WORDS = """
    0 1 -1 7 16 two 154c 0x1572 8086 PCI_ID=8086:154C PCI_CLASS=20000 DRIVER=vfio-pci ens1 ens2
    00000000 0003 254:0 254:1 / - ext4 rw /dev/vda
""".split()
TEXTS = st.lists(st.sampled_from([*WORDS, " ", "\n", "\t", "é"]), max_size=5).map("".join)
ATTRIBUTES = """
    physfn virtfn0 iommu_group numa_node sriov_totalvfs sriov_vf_device secondary_bus_number
    boot_vga uevent vendor net holders lower_ens1
""".split()


def machine(folder: Path, host: Snapshot) -> Machine:
    """A running host with these devices, a disk on one of them and a default route by another."""
    made = Machine(folder, write_tree(folder / "sys", host))
    addresses = [str(device.address) for device in host.devices] or [ADDRESSES[-1]]
    made.block("254:0", f"pci0000:00/{addresses[0]}/block/vda")
    made.block("254:1", f"pci0000:00/{addresses[-1]}/block/vdb")
    made.mount("254:0")
    made.mount("0:22", "/proc", "proc", fs="proc")
    for name in [name for device in host.devices for name in device.devnames][-1:]:
        made.v4(name)
    return made


def understood(raw: RawHost) -> Snapshot | str:
    try:
        return make_snapshot(raw)
    except DiscoveryError as error:
        return str(error)


def parts(folder: Path) -> list[Path]:
    """All files, folders and links of a machine, in an order of their own."""
    return sorted(folder.rglob("*"))


@st.composite
def mutations(draw):
    """One change of one file, folder or link, as a function of the folder it is in."""
    which, kind = draw(st.floats(0, 0.999)), draw(st.integers(0, 5))
    text, attribute = draw(TEXTS), draw(st.sampled_from(ATTRIBUTES))
    target = f"../{draw(st.sampled_from([*ADDRESSES, *NAMES, '37', 'x/y']))}"

    def mutate(folder: Path) -> None:
        there = parts(folder)
        path = there[int(which * len(there))] if there else folder
        if path.is_symlink():
            path.unlink()
            if kind > 1:
                path.symlink_to(target)
        elif path.is_file():
            changed = [None, None, text, text, path.read_text() + text, text + path.read_text()]
            path.unlink()
            if changed[kind] is not None:
                path.write_text(changed[kind])
        elif kind < 2:
            shutil.rmtree(path)
        elif not os.path.lexists(path / attribute):
            new = path / attribute
            new.symlink_to(target) if kind < 4 else new.write_text(text)

    return mutate


@tried(100)
@given(HOSTS, st.lists(mutations(), min_size=1, max_size=3))
def test_the_digest_differs_where_the_snapshot_does_and_only_there(host, changed):
    with tempfile.TemporaryDirectory() as folder:
        running = machine(Path(folder), host)
        before = running.raw()
        for mutate in changed:
            mutate(Path(folder))
        after = running.raw()
    same = understood(before) == understood(after)
    event("the same" if same else "another snapshot")
    assert (before.digest == after.digest) == same


@tried(40)
@given(changes())
def test_two_hosts_have_one_digest_where_they_have_one_snapshot(two):
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        hosts = [
            machine(Path(folder), seen.snapshot).raw()
            for folder, seen in zip((first, second), two, strict=True)
        ]
    one, other = hosts
    assert (one.digest == other.digest) == (understood(one) == understood(other))


@tried(20)
@given(HOSTS)
def test_a_snapshot_carries_the_digest_of_what_it_was_made_of(host):
    with tempfile.TemporaryDirectory() as folder:
        running = machine(Path(folder), host)
        raw = running.raw()
        assert make_snapshot(raw).digest == raw.digest == running.raw().digest
