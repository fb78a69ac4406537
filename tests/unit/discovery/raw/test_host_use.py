"""What the host lives on: machines made of files, in /sys, /proc and /dev as Linux shows them."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build import address
from support.examples import tried
from support.machine import Machine

from pci_placement.discovery.raw import read
from pci_placement.discovery.raw.disks import MOUNT, SWAP, VOLUME
from pci_placement.discovery.raw.host_use import BLIND, DISPLAY, ROUTE
from pci_placement.pci_address import written


@pytest.fixture
def host(tmp_path) -> Machine:
    return Machine(tmp_path)


PLAIN = "pci0000:00/0000:00:09.0/net/eth0"
OTHER = "pci0000:00/0000:00:0a.0/net/eth1"
CARD, OTHER_CARD = "0000:00:09.0", "0000:00:0a.0"


def test_a_host_that_shows_nothing_uses_nothing(host):
    host.device(PLAIN)
    shutil.rmtree(host.proc)
    shutil.rmtree(host.dev)
    assert host.used() == set()


def test_this_machine_uses_only_functions_that_it_has():
    present = {path.name for path in Path("/sys/bus/pci/devices").glob("*")}
    assert {written(found) for found in read().in_use} <= present


# in a container


def test_a_container_of_its_own_processes_sees_nothing_of_the_host(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.v4("eth0")
    host.own_pids(4026532201)
    assert host.read() == {address(CARD): ROUTE.format("eth0"), address(OTHER_CARD): BLIND}


def test_one_that_shares_the_hosts_processes_sees_all_of_it(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.own_pids(4026531836)
    assert host.used() == set()


def test_it_sees_the_hosts_routes_though_its_network_is_another(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.v4("eth1")
    host.v4("eth0", process="1")
    assert host.used() == {CARD, OTHER_CARD}


# the default route


def test_a_card_behind_the_default_route_is_in_use(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.v4("eth0")
    assert host.read() == {address(CARD): ROUTE.format("eth0")}


def test_the_default_route_may_be_one_of_ipv6(host):
    host.net(PLAIN)
    host.v6("eth0")
    assert host.read() == {address(CARD): ROUTE.format("eth0")}


def test_there_may_be_several_default_routes(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.v4("eth0")
    host.v4("eth1")
    assert host.used() == {CARD, OTHER_CARD}


@pytest.mark.parametrize(
    "route",
    [
        pytest.param({"network": "000200C0"}, id="another network"),
        pytest.param({"mask": "00000080"}, id="half of all addresses"),
        pytest.param({"flags": "0002"}, id="down"),
        pytest.param({"flags": "0201"}, id="unreachable"),
        pytest.param({"flags": "003G"}, id="flags that are no number"),
    ],
)
def test_another_route_of_ipv4_is_no_default_route(host, route):
    host.net(PLAIN)
    host.v4("eth0", **route)
    assert host.used() == set()


@pytest.mark.parametrize(
    "route",
    [
        pytest.param({"network": "fe80" + "0" * 28, "length": "40"}, id="another network"),
        pytest.param({"length": "01"}, id="half of all addresses"),
        pytest.param({"flags": "00000002"}, id="down"),
        pytest.param({"flags": "00200200"}, id="unreachable"),
    ],
)
def test_another_route_of_ipv6_is_no_default_route(host, route):
    host.net(PLAIN)
    host.v6("eth0", **route)
    assert host.used() == set()


def test_routes_that_lead_nowhere_hang_on_no_card(host):
    host.net("virtual/net/lo")
    host.net(PLAIN)
    host.net("virtual/net/ovs-system", lower="eth0")
    host.v4("*", flags="0201")
    host.v6("lo", flags="00200200")
    assert host.used() == set()


@pytest.mark.parametrize(
    ("card", "functions"),
    [
        pytest.param("pci0000:00/0000:00:03.0/virtio2/net/n0", "0000:00:03.0", id="virtio"),
        pytest.param(
            "pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/net/n0", "0000:00:14.0", id="USB controller"
        ),
        pytest.param(
            "pci0000:00/0000:00:08.0/mlx5_core.sf.2/net/n0", "0000:00:08.0", id="subfunction"
        ),
        pytest.param(
            "pci0000:40/0000:40:00.0/0000:41:00.1/net/n0",
            "0000:40:00.0 0000:41:00.1",
            id="behind a bridge",
        ),
        pytest.param(
            "pci0000:00/0000:00:0e.0/pci10000:e0/10000:e1:00.0/net/n0",
            "0000:00:0e.0 10000:e1:00.0",
            id="in a domain that another function makes",
        ),
        pytest.param("platform/40010000.ethernet/net/n0", "", id="no PCI"),
        pytest.param("virtual/net/n0", "", id="tunnel"),
    ],
)
def test_all_functions_above_an_interface_are_in_use(host, card, functions):
    host.net(card)
    host.v4("n0")
    assert host.used() == set(functions.split())


def test_the_pf_of_a_vf_that_is_in_use_is_in_use_as_well(host):
    host.net("pci0000:40/0000:40:00.0/0000:41:10.0/net/eth0v0")
    host.net("pci0000:40/0000:40:00.0/0000:41:00.0/net/eth0")
    host.link(
        "devices/pci0000:40/0000:40:00.0/0000:41:10.0/physfn",
        "devices/pci0000:40/0000:40:00.0/0000:41:00.0",
    )
    host.v4("eth0v0")
    reason = ROUTE.format("eth0v0")
    assert host.read() == {
        address("0000:40:00.0"): reason,
        address("0000:41:10.0"): reason,
        address("0000:41:00.0"): reason,
    }


def test_the_vfs_of_a_pf_that_is_in_use_are_not(host):
    host.net(PLAIN)
    host.device("pci0000:00/0000:00:09.1")
    host.link("devices/pci0000:00/0000:00:09.1/physfn", "devices/pci0000:00/0000:00:09.0")
    host.v4("eth0")
    assert host.used() == {CARD}


def test_a_physfn_that_is_no_address_is_left_out(host):
    host.net(PLAIN)
    host.link("devices/pci0000:00/0000:00:09.0/physfn", "devices/elsewhere")
    host.v4("eth0")
    assert host.used() == {CARD}


@pytest.mark.parametrize(
    ("kind", "below"),
    [
        ("bond", {"lower": "eth0 eth1"}),
        ("team", {"lower": "eth0 eth1"}),
        ("bridge", {"lower": "eth0 eth1", "ports": "eth0 eth1"}),
        ("old bridge", {"ports": "eth0 eth1"}),
    ],
)
def test_all_that_a_default_route_rests_on_is_in_use(host, kind, below):
    host.net(PLAIN)
    host.net(OTHER)
    host.net(f"virtual/net/{kind}0".replace(" ", ""), **below)
    host.v4(f"{kind}0".replace(" ", ""))
    assert host.used() == {CARD, OTHER_CARD}


def test_a_bridge_on_a_vlan_on_a_bond_rests_on_the_cards_of_the_bond(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.net("virtual/net/bond0", lower="eth0 eth1")
    host.net("virtual/net/bond0.5", lower="bond0")
    host.net("virtual/net/br0", ports="bond0.5")
    host.v4("br0")
    assert host.read() == dict.fromkeys(map(address, (CARD, OTHER_CARD)), ROUTE.format("br0"))


def test_a_vlan_beside_others_uses_its_own_card(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.net("virtual/net/eth0.5", lower="eth0")
    host.net("virtual/net/eth1.5", lower="eth1")
    host.v4("eth1.5")
    assert host.used() == {OTHER_CARD}


def test_a_bridge_of_open_vswitch_rests_on_the_cards_of_all_of_them(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.net("virtual/net/ovs-system", lower="eth0")
    host.net("virtual/net/br-ex")
    host.v4("br-ex")
    assert host.read() == {address(CARD): ROUTE.format("br-ex")}


def test_a_card_that_is_the_default_route_itself_does_not_ask_open_vswitch(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.net("virtual/net/ovs-system", lower="eth0")
    host.v4("eth1")
    assert host.used() == {OTHER_CARD}


def test_interfaces_in_a_ring_are_followed_once(host):
    host.net(PLAIN)
    host.net("virtual/net/a", lower="b")
    host.net("virtual/net/b", lower="a b eth0")
    host.v4("a")
    assert host.used() == {CARD}


def test_an_interface_that_is_gone_is_left_out(host):
    host.net(PLAIN)
    host.net("virtual/net/bond0", lower="eth7 eth0")
    host.v4("eth9")
    host.v4("bond0")
    assert host.used() == {CARD}


def test_links_that_run_in_a_circle_lead_to_nothing(host):
    host.link("class/net/eth0", "class/net/eth1")
    host.link("class/net/eth1", "class/net/eth0")
    host.v4("eth0")
    assert host.used() == set()


# mounted disks

DISKS = {
    "virtio": ("pci0000:00/0000:00:02.0/virtio1/block/vda", "0000:00:02.0"),
    "ahci": (
        "pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda",
        "0000:00:1f.2",
    ),
    "sas": (
        "pci0000:00/0000:00:01.0/0000:01:00.0/host2/target2:0:0/2:0:0:0/block/sdb",
        "0000:00:01.0 0000:01:00.0",
    ),
    "fibre channel": (
        "pci0000:00/0000:00:05.0/host3/rport-3:0-0/target3:0:0/3:0:0:1/block/sdc",
        "0000:00:05.0",
    ),
    "USB": (
        "pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdd",
        "0000:00:14.0",
    ),
    "nvme": (
        "pci0000:40/0000:40:01.0/0000:42:00.0/nvme/nvme1/nvme1n1",
        "0000:40:01.0 0000:42:00.0",
    ),
    "iSCSI": ("platform/host7/session1/target7:0:0/7:0:0:1/block/sde", ""),
    "loop": ("virtual/block/loop0", ""),
    "RAM": ("virtual/block/ram0", ""),
}


@pytest.mark.parametrize(("path", "functions"), DISKS.values(), ids=DISKS)
def test_the_controller_of_a_mounted_disk_is_in_use(host, path, functions):
    host.block("8:0", path)
    host.mount("8:0", "/srv")
    assert host.used() == set(functions.split())


@pytest.mark.parametrize(("path", "functions"), DISKS.values(), ids=DISKS)
def test_the_controller_of_a_mounted_partition_is_in_use(host, path, functions):
    host.block("8:0", path)
    host.block("8:1", f"{path}/p1")
    host.mount("8:1", "/srv")
    assert host.used() == set(functions.split())


DISK = "pci0000:00/0000:00:02.0/virtio1/block/vda"
DISK_2 = "pci0000:00/0000:00:03.0/virtio2/block/vdb"
AT, AT_2 = "0000:00:02.0", "0000:00:03.0"


@pytest.fixture
def disks(host) -> Machine:
    """Two disks of two partitions each: vda 254:0 to 2, vdb 254:16 to 18."""
    for first, path in ((0, DISK), (16, DISK_2)):
        host.block(f"254:{first}", path)
        for number in (1, 2):
            host.block(f"254:{first + number}", f"{path}/{path[-3:]}{number}")
    return host


def test_a_disk_that_is_not_mounted_is_free(disks):
    assert disks.used() == set()


def test_the_mount_point_is_named(disks):
    disks.mount("254:2", "/", "/dev/root")
    assert disks.read() == {address(AT): MOUNT.format("/", "/dev/root")}


@pytest.mark.parametrize(
    ("where", "plain"),
    [
        (r"/mnt/a\040b", "/mnt/a b"),
        (r"/mnt/a\134040b", r"/mnt/a\040b"),
        (r"/mnt/a\043b", "/mnt/a#b"),
        (r"/mnt/a\011b\012", r"/mnt/a\011b\012"),
        ("/mnt/a\u00a0b\u2028c", "/mnt/a\u00a0b\u2028c"),
        ("/mnt/a-b", "/mnt/a-b"),
    ],
    ids=["blank", "backslash", "hash", "tab and newline stay one line", "odd blanks", "dash"],
)
def test_a_mount_point_may_hold_any_character(disks, where, plain):
    disks.mount("254:2", where)
    assert disks.read() == {address(AT): MOUNT.format(plain, "/dev/root")}


def test_a_mount_point_may_be_no_text_at_all(disks):
    (disks.proc / "self/mountinfo").write_bytes(b"27 1 254:1 / /mnt/\xff\r rw - ext4 x rw\n")
    assert disks.read() == {address(AT): MOUNT.format("/mnt/\ufffd\r", "x")}


@pytest.mark.parametrize("tags", ["", "shared:1 ", "shared:1 master:7 propagate_from:2 "])
def test_a_mount_may_be_shared(disks, tags):
    disks.mount("254:2", tags=tags)
    assert disks.used() == {AT}


def test_a_mount_may_have_an_empty_source(disks):
    disks.mount("254:2", source="")
    assert disks.used() == {AT}


def test_what_follows_the_source_of_a_mount_is_not_read(disks):
    line = f"27 1 0:32 / / rw - btrfs {disks.dev}/vda2 rw,subvol=/a - b {disks.dev}/vdb1 rw\n"
    (disks.proc / "self/mountinfo").write_text(line)
    assert disks.used() == {AT}


def test_what_is_not_on_a_disk_uses_none(disks):
    disks.mount("0:21", "/proc", "proc", fs="proc")
    disks.mount("0:24", "/run", "vda", fs="tmpfs")
    disks.mount("0:40", "/var/lib/x", "overlay", fs="overlay")
    disks.mount("0:41", "/srv", "192.0.2.1:/dev/vda", fs="nfs4")
    disks.mount("0:42", "/media", "/elsewhere/vda", fs="fuse.x")
    assert disks.used() == set()


def test_btrfs_has_a_number_of_its_own_and_is_found_by_its_source(disks):
    disks.mount("0:32", "/", f"{disks.dev}/vda2", fs="btrfs")
    assert disks.read() == {address(AT): MOUNT.format("/", f"{disks.dev}/vda2")}


def test_a_source_may_be_a_link(disks):
    (disks.dev / "vda2").touch()
    (disks.dev / "disk").mkdir()
    (disks.dev / "disk/a b").symlink_to("../vda2")
    disks.mount("0:32", "/", rf"{disks.dev}/disk/a\040b", fs="btrfs")
    assert disks.used() == {AT}


def test_all_devices_of_a_btrfs_are_in_use(disks):
    (disks.sys / "fs/btrfs/features").mkdir(parents=True)
    disks.link("fs/btrfs/0d5c/devices/vda1", "class/block/vda1")
    disks.link("fs/btrfs/0d5c/devices/vdb1", "class/block/vdb1")
    disks.mount("0:32", "/", f"{disks.dev}/vda1", fs="btrfs")
    assert disks.read() == {
        address(AT): MOUNT.format("/", f"{disks.dev}/vda1"),
        address(AT_2): VOLUME.format("btrfs 0d5c"),
    }


def test_the_mounts_of_process_1_count_as_well(disks):
    disks.mount("254:1", "/", process="1")
    disks.mount("254:17", "/srv")
    assert disks.used() == {AT, AT_2}


# volumes


def test_device_mapper_on_a_partition_uses_its_disk(disks):
    disks.block("253:0", "virtual/block/dm-0", slaves="vda2")
    disks.mount("253:0", "/", "/dev/mapper/vg-root")
    assert disks.read() == {address(AT): MOUNT.format("/", "/dev/mapper/vg-root")}


@pytest.mark.parametrize("number", ["9:127", "259:1"], ids=["whole", "a partition of it"])
def test_md_uses_all_its_disks(disks, number):
    disks.block("9:127", "virtual/block/md127", slaves="vda1 vdb1")
    disks.block("259:1", "virtual/block/md127/md127p1")
    disks.mount(number, "/")
    assert disks.used() == {AT, AT_2}


def test_volumes_stand_on_each_other(disks):
    disks.block("9:0", "virtual/block/md0", slaves="vda1 vdb1")
    disks.block("253:0", "virtual/block/dm-0", slaves="md0")
    disks.block("253:1", "virtual/block/dm-1", slaves="dm-0")
    disks.mount("253:1", "/")
    assert disks.used() == {AT, AT_2}


def test_volumes_in_a_ring_are_followed_once(disks):
    disks.block("253:0", "virtual/block/dm-0", slaves="dm-1 dm-0")
    disks.block("253:1", "virtual/block/dm-1", slaves="dm-0 vda1")
    disks.mount("253:0", "/")
    assert disks.used() == {AT}


def test_volumes_whose_disk_is_gone_use_nothing(disks):
    disks.block("253:0", "virtual/block/dm-0", slaves="vdz")
    disks.mount("253:0", "/")
    assert disks.used() == set()


NVME = "virtual/nvme-subsystem/nvme-subsys0/nvme0n1"


@pytest.fixture
def paths(host) -> Machine:
    """A namespace with two partitions behind two controllers, and a disk beside it."""
    for number, where in ((0, "0000:42:00.0"), (1, "0000:43:00.0")):
        controller = f"pci0000:40/{where}/nvme/nvme{number}"
        host.device(controller)
        host.link(f"devices/{NVME[: -len('/nvme0n1')]}/nvme{number}", f"devices/{controller}")
    host.block("259:0", NVME)
    host.block("259:1", f"{NVME}/nvme0n1p1")
    host.block("259:2", f"{NVME}/nvme0n1p2")
    host.block("259:9", "pci0000:40/0000:44:00.0/nvme/nvme2/nvme2n1")
    return host


BOTH_PATHS = {"0000:42:00.0", "0000:43:00.0"}


@pytest.mark.parametrize("number", ["259:0", "259:1"], ids=["whole", "a partition"])
def test_nvme_multipath_uses_all_controllers_of_a_namespace(paths, number):
    paths.mount(number, "/")
    assert paths.used() == BOTH_PATHS


def test_a_volume_on_nvme_multipath_uses_all_controllers(paths):
    paths.block("253:0", "virtual/block/dm-0", slaves="nvme0n1p2")
    paths.mount("253:0", "/")
    assert paths.used() == BOTH_PATHS


def test_an_active_volume_need_not_be_mounted(disks):
    disks.block("253:0", "virtual/block/dm-0", slaves="vda2")
    disks.link(f"devices/{DISK}/vda2/holders/dm-0", "class/block/dm-0")
    assert disks.read() == {address(AT): VOLUME.format("dm-0")}


def test_an_active_volume_may_be_on_nvme_multipath(paths):
    paths.block("253:0", "virtual/block/dm-0", slaves="nvme0n1p2")
    paths.link(f"devices/{NVME}/nvme0n1p2/holders/dm-0", "class/block/dm-0")
    assert paths.used() == BOTH_PATHS


def test_encrypted_volumes_on_lvm_on_md_use_all_its_disks(disks):
    disks.block("9:0", "virtual/block/md0", slaves="vda2 vdb2")
    disks.block("253:0", "virtual/block/dm-0", slaves="md0")
    disks.block("253:1", "virtual/block/dm-1", slaves="dm-0")
    disks.block("253:2", "virtual/block/dm-2", slaves="dm-1")
    disks.mount("253:2", "/", "/dev/mapper/root_crypt")
    assert disks.used() == {AT, AT_2}


def test_a_disk_behind_a_loop_device_is_in_use(disks):
    disks.block("7:0", "virtual/block/loop0")
    (disks.sys / "devices/virtual/block/loop0/loop").mkdir()
    backing = disks.sys / "devices/virtual/block/loop0/loop/backing_file"
    disks.mount("7:0", "/srv", "/dev/loop0")
    backing.write_text("/srv/image\n")
    assert disks.used() == set()
    backing.write_text(f"{disks.dev}/vdb1\n")
    assert disks.used() == {AT_2}


def test_the_disk_that_compressed_swap_is_written_to_is_in_use(disks):
    disks.block("252:0", "virtual/block/zram0")
    backing = disks.sys / "devices/virtual/block/zram0/backing_dev"
    disks.swap(f"{disks.dev}/zram0")
    backing.write_text("none\n")
    assert disks.used() == set()
    backing.write_text(f"{disks.dev}/vdb1\n")
    assert disks.used() == {AT_2}


def test_all_devices_of_a_bcachefs_are_in_use(disks):
    disks.mount("0:40", "/", f"{disks.dev}/vda1:{disks.dev}/vdb1", fs="bcachefs")
    assert disks.used() == {AT, AT_2}


@pytest.mark.parametrize("option", ["logdev", "rtdev"])
def test_an_xfs_may_have_a_second_device(disks, option):
    disks.mount("254:1", "/", options=f"rw,attr2,{option}={disks.dev}/vdb1,noquota", fs="xfs")
    assert disks.used() == {AT, AT_2}


def zfs(machine: Machine, number: str, *lines: str) -> None:
    """What udev found on a block device."""
    path = machine.udev / "data" / f"b{number}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("S:disk/by-id/x", *lines, "")))


def test_all_disks_of_an_imported_zfs_pool_are_in_use(disks):
    zfs(disks, "254:1", "E:ID_FS_TYPE=zfs_member", "E:ID_FS_LABEL=tank")
    zfs(disks, "254:17", "E:ID_FS_TYPE=zfs_member", "E:ID_FS_LABEL=tank")
    assert disks.used() == set()  # not imported
    (disks.proc / "spl/kstat/zfs/tank").mkdir(parents=True)
    assert disks.read() == dict.fromkeys(map(address, (AT, AT_2)), VOLUME.format("zfs tank"))


@pytest.mark.parametrize(
    ("pool", "safe", "encoded"),
    [
        ("my pool", "my_pool", r"my\x20pool"),
        ("my  pool", "my_pool", r"my\x20\x20pool"),
        ("a:b-c.d", "a:b-c.d", "a:b-c.d"),
        (r"a\xzz", "a_xzz", r"a\xzz"),
    ],
)
def test_the_name_of_a_zfs_pool_may_hold_blanks(disks, pool, safe, encoded):
    label = (f"E:ID_FS_LABEL={safe}", f"E:ID_FS_LABEL_ENC={encoded}")
    zfs(disks, "254:1", "E:ID_FS_TYPE=zfs_member", *label)
    (disks.proc / "spl/kstat/zfs" / pool).mkdir(parents=True)
    assert disks.read() == {address(AT): VOLUME.format(f"zfs {pool}")}


@pytest.mark.parametrize(
    "lines",
    [
        ("E:ID_FS_TYPE=zfs_member", "E:ID_FS_LABEL=old"),
        ("E:ID_FS_TYPE=zfs_member", r"E:ID_FS_LABEL=tank_2", r"E:ID_FS_LABEL_ENC=tank\x202"),
        ("E:ID_FS_TYPE=ext4", "E:ID_FS_LABEL=tank"),
        (),
    ],
    ids=["another pool", "a longer name", "another file system", "nothing"],
)
def test_what_is_no_part_of_an_imported_pool_is_free(disks, lines):
    zfs(disks, "254:1", *lines)
    (disks.proc / "spl/kstat/zfs/tank").mkdir(parents=True)
    (disks.proc / "spl/kstat/zfs/arcstats").touch()
    assert disks.used() == set()


# what comes over a network

SERVER, SERVER_6 = "192.0.2.7", "2001:db8::7"
V4_TO = {"network": "000200C0", "mask": "00FFFFFF"}
V6_TO = {"network": "20010db8" + "0" * 24, "length": "40"}
SAN, LAN = OTHER_CARD, CARD


@pytest.fixture
def storage(host) -> Machine:
    """A host with its default route through eth0 and a network for storage on eth1."""
    host.net(PLAIN)
    host.net(OTHER)
    host.v4("eth0")
    host.v4("eth1", **V4_TO)
    host.v6("eth1", **V6_TO)
    return host


def test_a_network_by_itself_is_no_use(storage):
    assert storage.used() == {LAN}


@pytest.mark.parametrize("server", [SERVER, SERVER_6])
@pytest.mark.parametrize(("fs", "where"), [("nfs4", "/"), ("nfs", "/srv"), ("cifs", "/mnt")])
def test_the_card_that_leads_to_a_file_server_is_in_use(storage, server, fs, where):
    options = f"rw,vers=4.2,clientaddr=203.0.113.1,addr={server}"
    storage.mount("0:50", where, "files:/export", fs=fs, options=options)
    reason = MOUNT.format(where, "files:/export")
    assert storage.read()[address(SAN)] == reason


def test_all_cards_on_the_way_to_a_file_server_are_in_use(host):
    host.net(PLAIN)
    host.net(OTHER)
    host.net("virtual/net/bond0", lower="eth0 eth1")
    host.net("virtual/net/bond0.7", lower="bond0")
    host.v4("bond0.7", **V4_TO)
    host.mount("0:50", "/", "files:/export", fs="nfs", options=f"rw,addr={SERVER}")
    assert host.used() == {CARD, OTHER_CARD}


@pytest.mark.parametrize("server", ["198.51.100.1", "2001:db9::1", "files", "", "192.0.2.7.8"])
def test_a_file_server_elsewhere_is_reached_by_other_cards(storage, server):
    storage.mount("0:50", "/srv", "files:/export", fs="nfs", options=f"rw,addr={server}")
    assert storage.used() == {LAN}


ISCSI = "platform/host7/session1/target7:0:0/7:0:0:1/block/sda"


def test_the_card_that_leads_to_an_iscsi_target_is_in_use(storage):
    storage.block("8:0", ISCSI)
    storage.block("8:16", ISCSI.replace("session1", "session2").replace("sda", "sdb"))
    for session, target in ((1, SERVER), (2, "198.51.100.1")):
        folder = storage.sys / f"class/iscsi_connection/connection{session}:0"
        folder.mkdir(parents=True)
        (folder / "address").write_text(f"{target}\n")
    storage.mount("8:16", "/srv")
    assert storage.used() == {LAN}
    storage.mount("8:0", "/")
    assert storage.used() == {LAN, SAN}


@pytest.mark.parametrize("multipath", [False, True])
@pytest.mark.parametrize("server", [SERVER, SERVER_6])
def test_the_card_that_leads_to_an_nvme_target_is_in_use(storage, multipath, server):
    controller = "virtual/nvme-fabrics/ctl/nvme0"
    storage.device(controller)
    told = f"traddr={server},trsvcid=4420,src_addr=203.0.113.1\n"
    (storage.sys / "devices" / controller / "address").write_text(told)
    if multipath:
        storage.block("259:0", NVME)
        storage.link(f"devices/{NVME[: -len('/nvme0n1')]}/nvme0", f"devices/{controller}")
    else:
        storage.block("259:0", f"{controller}/nvme0n1")
    assert storage.used() == {LAN}
    storage.mount("259:0", "/")
    assert storage.used() == {LAN, SAN}


def test_the_narrowest_routes_count_all_of_them(host):
    cards = [f"pci0000:00/0000:00:0{n}.0/net/eth{n}" for n in range(1, 6)]
    for card in cards:
        host.net(card)
    host.v4("eth1", network="000000C0", mask="000000FF")
    host.v4("eth2", **V4_TO)
    host.v4("eth3", **V4_TO)
    host.v4("eth4", network="070200C0", mask="FFFFFFFF", flags="0201")
    host.v4("eth5", network="080200C0", mask="FFFFFFFF")
    host.mount("0:50", "/", "files:/export", fs="nfs", options=f"rw,addr={SERVER}")
    assert host.used() == {"0000:00:02.0", "0000:00:03.0"}


def test_a_narrower_route_of_ipv6_may_be_of_another_table_and_hides_none(host):
    for n in (1, 2, 3):
        host.net(f"pci0000:00/0000:00:0{n}.0/net/eth{n}")
    host.v6("eth1", **V6_TO)
    host.v6("eth2", network="20010db8" + "0" * 23 + "7", length="80")  # of a VRF, say
    host.v6("eth3", network="20010db9" + "0" * 24, length="20")
    host.mount("0:50", "/", "files:/export", fs="nfs", options=f"rw,addr={SERVER_6}")
    assert host.used() == {"0000:00:01.0", "0000:00:02.0"}


# representors


def test_a_default_route_through_a_representor_uses_the_pf_and_not_the_vf(host):
    host.net("pci0000:40/0000:41:00.0/net/pf0")
    host.net("pci0000:40/0000:41:00.0/net/pf0vf0")
    host.net("pci0000:40/0000:41:00.2/net/vf0")
    host.link("devices/pci0000:40/0000:41:00.2/physfn", "devices/pci0000:40/0000:41:00.0")
    host.v4("pf0vf0")
    assert host.used() == {"0000:41:00.0"}


def test_open_vswitch_on_representors_uses_their_pf(host):
    host.net("pci0000:40/0000:41:00.0/net/pf0")
    host.net("pci0000:40/0000:41:00.0/net/pf0vf0")
    host.net("virtual/net/ovs-system", lower="pf0 pf0vf0")
    host.net("virtual/net/br-ex")
    host.v4("br-ex")
    assert host.used() == {"0000:41:00.0"}


# swap


def test_a_swap_partition_is_in_use(disks):
    disks.swap(f"{disks.dev}/vda2")
    assert disks.read() == {address(AT): SWAP.format(f"{disks.dev}/vda2")}


def test_swap_may_be_on_a_volume(disks):
    disks.block("253:1", "virtual/block/dm-1", slaves="vda1 vdb1")
    disks.swap(f"{disks.dev}/dm-1")
    assert disks.used() == {AT, AT_2}


def test_a_swap_file_is_on_a_disk_that_is_mounted_anyway(disks):
    disks.swap("/srv/vda", "file")
    disks.swap(r"/srv/a\040b", "file")
    assert disks.used() == set()


def test_swap_in_memory_uses_no_device(disks):
    disks.block("253:0", "virtual/block/zram0")
    disks.swap(f"{disks.dev}/zram0")
    assert disks.used() == set()


# the display


@pytest.mark.parametrize(("text", "used"), [("1\n", True), ("0\n", False), ("", False)])
def test_the_display_that_the_host_booted_with_is_in_use(host, text, used):
    (host.device("pci0000:00/0000:00:01.0/0000:01:00.0") / "boot_vga").write_text(text)
    host.device("pci0000:00/0000:00:02.0")
    display = map(address, ("0000:00:01.0", "0000:01:00.0"))
    assert host.read() == (dict.fromkeys(display, DISPLAY) if used else {})


GPU = "pci0000:00/0000:00:01.0/0000:01:00.0"
GPU_AND_BRIDGE = {"0000:00:01.0", "0000:01:00.0"}


@pytest.mark.parametrize(("text", "used"), [("1\n", True), ("0\n", False)])
def test_a_display_that_is_no_vga_has_another_mark(host, text, used):
    (host.device(GPU) / "boot_display").write_text(text)
    assert host.used() == (GPU_AND_BRIDGE if used else set())


def test_the_mark_may_be_at_the_graphics_card_of_the_kernel(host):
    for number, where in ((0, "pci0000:00/0000:00:02.0"), (1, GPU)):
        host.device(f"{where}/drm/card{number}")
        host.link(f"class/drm/card{number}", f"devices/{where}/drm/card{number}")
    (host.sys / "class/drm/card1/boot_display").write_text("1\n")
    assert host.read() == dict.fromkeys(map(address, sorted(GPU_AND_BRIDGE)), DISPLAY)


@pytest.mark.parametrize("kind", ["simple", "efi", "vesa"])
def test_a_framebuffer_of_the_firmware_is_a_child_of_its_display(host, kind):
    for where in (f"{GPU}/{kind}-framebuffer.0", f"platform/{kind}-framebuffer.1"):
        host.device(where)
        host.link(f"bus/platform/devices/{where.rpartition('/')[2]}", f"devices/{where}")
    assert host.used() == GPU_AND_BRIDGE


# several reasons, and broken files


def test_of_several_reasons_the_first_is_told(host):
    folder = host.device("pci0000:00/0000:00:09.0")
    (folder / "boot_vga").write_text("1\n")
    host.block("8:1", "pci0000:00/0000:00:09.0/host0/block/sda")
    host.swap(f"{host.dev}/sda")
    assert host.read() == {address(CARD): SWAP.format(f"{host.dev}/sda")}
    host.mount("8:1", "/srv")
    host.mount("8:1", "/")
    assert host.read() == {address(CARD): MOUNT.format("/srv", "/dev/root")}
    host.net(PLAIN)
    host.v4("eth0")
    assert host.read() == {address(CARD): ROUTE.format("eth0")}


FILES = ["self/net/route", "self/net/ipv6_route", "self/mountinfo", "swaps"]


@pytest.fixture
def busy(disks) -> Machine:
    """A host whose first card, second card and two disks are in use, one by each file."""
    disks.net(PLAIN)
    disks.net(OTHER)
    disks.v4("eth0")
    disks.v6("eth1")
    disks.mount("254:1")
    disks.swap(f"{disks.dev}/vdb1")
    return disks


def test_each_file_tells_of_a_device(busy):
    assert busy.used() == {CARD, OTHER_CARD, AT, AT_2}


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_takes_nothing_from_the_others(busy, name):
    (busy.proc / name).unlink()
    assert len(busy.used()) == 3


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_takes_nothing_from_the_others(busy, name):
    (busy.proc / name).unlink()
    (busy.proc / name).mkdir()
    assert len(busy.used()) == 3


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"\n", id="empty"),
        pytest.param(b" \t \n", id="blanks"),
        pytest.param(b"eth0\n", id="one field"),
        pytest.param(b"eth0 00000000 00000000\n", id="fields missing"),
        pytest.param(b"x " * 30 + b"\n", id="too many fields"),
        pytest.param(b"\0 \0 \0 \0 \0 \0 - \0 \0\n", id="NULs"),
        pytest.param(b"\xff\xfe\x80 \xff\n", id="no text"),
        pytest.param(b"27 1 a:b / / rw - ext4 /dev/vda rw\n", id="a number that is none"),
        pytest.param(b"27 1 254:1 / / rw ext4 /dev/vda rw\n", id="no separator"),
        pytest.param(b"a/../../b " * 12 + b"\n", id="paths"),
        pytest.param(b"z" * 5000 + b"\n", id="a very long name"),
    ],
)
def test_a_broken_line_takes_nothing_from_the_others(busy, name, line):
    path = busy.proc / name
    title, *good = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([title, line, *good, line.rstrip(b"\n")]))
    assert busy.used() == {CARD, OTHER_CARD, AT, AT_2}


@pytest.mark.parametrize(
    "place", ["bus/pci/devices", "class/net", "class/block", "dev/block", "fs/btrfs"]
)
def test_a_folder_that_is_none_tells_nothing(tmp_path, place):
    host = Machine(tmp_path)
    host.v4("eth0")
    host.mount("8:1")
    host.swap(f"{host.dev}/sda")
    (host.sys / "bus/pci/devices").rmdir()
    (host.sys / place).parent.mkdir(parents=True, exist_ok=True)
    (host.sys / place).write_text("no folder")
    assert host.used() == set()


@pytest.fixture(scope="module")
def crowded(tmp_path_factory) -> Machine:
    """A host that holds one of each; what it does with them changes from test to test."""
    host = Machine(tmp_path_factory.mktemp("crowded"))
    host.net(PLAIN)
    host.net("virtual/net/bond0", lower="eth0 bond0")
    host.block("254:0", DISK)
    host.block("253:0", "virtual/block/dm-0", slaves="vda dm-0")
    return host


WORDS = st.sampled_from(
    """eth0 bond0 lo * 0 00000000 0003 -1 zz 254:0 253:0 0:0 - / /dev/vda vda \\040 \\ .. ext4 27 1
    /dev /dev/dm-0 00""".split()
) | st.text(max_size=6)
BLANKS = st.sampled_from([" ", " ", "\t", "  ", "\n", "\r", "\x85", ""])
TEXTS = st.lists(st.tuples(WORDS, BLANKS).map("".join), max_size=24).map("".join)


@given(st.fixed_dictionaries(dict.fromkeys(FILES, TEXTS)))
@tried(100)
def test_whatever_the_files_say_nothing_is_raised_and_only_devices_are_told(crowded, texts):
    for name, text in texts.items():
        said = text.replace("/dev", str(crowded.dev))
        (crowded.proc / name).write_bytes(said.encode(errors="replace"))
    assert crowded.used() <= {CARD, AT}


# folders of a hypervisor

FIRST, SECOND = "pci0000:00/0000:00:04.0/virtio3", "pci0000:00/0000:00:05.0/virtio4"
P9, FS = "0x0009", "0x001a"


@pytest.mark.parametrize(
    ("kind", "tag", "used"),
    [
        pytest.param("9p", "share", "0000:00:04.0", id="its tag"),
        pytest.param("9p", "ctl", "0000:00:05.0", id="the tag of another"),
        pytest.param("9p", "192.0.2.1", "", id="9p over a network"),
        pytest.param("9p", "", "", id="no tag"),
        pytest.param("virtiofs", "share", "", id="virtiofs, of which there is no device"),
        pytest.param("ext4", "share", "", id="no share"),
    ],
)
def test_a_mount_of_9p_uses_the_device_with_its_tag(host, kind, tag, used):
    # the kernel ends the tag with a NUL
    host.virtio(FIRST, P9, mount_tag="share\0")
    host.virtio(SECOND, P9, mount_tag="ctl\0")
    host.virtio("pci0000:00/0000:00:06.0/virtio5", "0x0001")
    host.mount("0:30", "/mnt", tag, fs=kind, options="rw,trans=virtio")
    assert host.used() == set(used.split())


def test_of_two_devices_with_one_tag_either_may_be_in_use(host):
    host.virtio(FIRST, P9, mount_tag="share\0")
    host.virtio(SECOND, P9, mount_tag="share\0")
    host.mount("0:30", "/mnt", "share", fs="9p")
    assert host.read() == dict.fromkeys(
        map(address, ("0000:00:04.0", "0000:00:05.0")), MOUNT.format("/mnt", "share")
    )


@pytest.mark.parametrize(
    ("tells", "used"),
    [
        pytest.param(True, "0000:00:04.0", id="a kernel that tells tags"),
        pytest.param(False, "0000:00:04.0 0000:00:05.0", id="an older one"),
    ],
)
def test_a_mount_of_virtiofs_uses_the_device_with_its_tag_where_the_kernel_tells(host, tells, used):
    host.virtio(FIRST, FS)
    host.virtio(SECOND, FS)
    host.virtio("pci0000:00/0000:00:06.0/virtio5", P9, mount_tag="share\0")
    if tells:
        host.share("1", f"{FIRST}", "share")
        host.share("2", f"{SECOND}", "other")
    host.mount("0:30", "/mnt", "share", fs="virtiofs")
    assert host.used() == set(used.split())
