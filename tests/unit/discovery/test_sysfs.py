from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pci_placement.discovery.sysfs import Sysfs
from pci_placement.errors import DiscoveryError
from pci_placement.model import DevType, PciAddress, PciDevice

ADDRESS = "0000:3b:00.0"
UEVENT = "DRIVER=nvidia\nPCI_CLASS=30200\nPCI_ID=10DE:15F8\nPCI_SLOT_NAME=0000:3b:00.0\n"
PF_UEVENT = "DRIVER=igb\nPCI_CLASS=20000\nPCI_ID=8086:10C9\n"
VF_UEVENT = "PCI_CLASS=20000\nPCI_ID=8086:10CA\n"
IDS = {"class": "0x020000\n", "vendor": "0x8086\n", "device": "0x10c9\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A /sys with class/net and no device."""
    (tmp_path / "bus/pci/devices").mkdir(parents=True)
    (tmp_path / "class/net").mkdir(parents=True)
    return tmp_path


def add(root: Path, address: str = ADDRESS, path: str = "", **attributes: str) -> Path:
    """Make a device as the kernel does: a link in bus/pci/devices to a directory in devices.

    The keywords are its attributes; values that start with "->" make links.
    """
    folder = root / "devices" / "pci0000:00" / path / address
    folder.mkdir(parents=True)
    for name, value in attributes.items():
        if value.startswith("->"):
            (folder / name).symlink_to(value.removeprefix("->"))
        else:
            (folder / name).write_text(value)
    link = root / "bus/pci/devices" / address
    link.symlink_to(os.path.relpath(folder, link.parent))
    return folder


def add_netdev(root: Path, name: str, owner: Path | str) -> None:
    target = Path(root, owner) / "net" / name
    target.mkdir(parents=True)
    (root / "class/net" / name).symlink_to(os.path.relpath(target, root / "class/net"))


def read_one(root: Path) -> PciDevice:
    snapshot = Sysfs(root).read()
    assert snapshot.unreadable == {}
    (device,) = snapshot.devices
    return device


def reason(root: Path, address: str = ADDRESS) -> str:
    """Why the device is unreadable; whatever else is there was read."""
    snapshot = Sysfs(root).read()
    assert list(snapshot.unreadable) == [PciAddress.parse(address)]
    assert PciAddress.parse(address) not in snapshot.by_address()
    return snapshot.unreadable[PciAddress.parse(address)].reason


def watch_opening(monkeypatch: pytest.MonkeyPatch, act: Callable[[str], object]) -> None:
    """Call act with every name that is about to be opened."""
    really_open = os.open

    def watched(path: str, flags: int, *, dir_fd: int | None = None) -> int:
        act(path)
        return really_open(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr("pci_placement.discovery.raw.device.os.open", watched)


def fail(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Let every attempt to open this name fail."""

    def act(path: str) -> None:
        if path == name:
            raise OSError(number, os.strerror(number), path)

    watch_opening(monkeypatch, act)


def before(monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[], object]) -> None:
    """Change the tree once, just before this name is opened for the first time."""
    changes = [change]

    def act(path: str) -> None:
        if path == name and changes:
            changes.pop()()

    watch_opening(monkeypatch, act)


class TestOneDevice:
    def test_a_plain_device_with_everything(self, root: Path) -> None:
        add(root, uevent=UEVENT, numa_node="1\n", iommu_group="->../../../kernel/iommu_groups/37")
        assert read_one(root) == PciDevice(
            address=PciAddress(0, 0x3B, 0, 0),
            vendor_id="10de",
            product_id="15f8",
            class_code="030200",
            dev_type=DevType.PCI,
            numa_node=1,
            driver="nvidia",
            iommu_group=37,
        )

    def test_a_plain_device_with_the_least(self, root: Path) -> None:
        add(root, uevent="PCI_CLASS=FF00\nPCI_ID=1AF4:1005\n")
        assert read_one(root) == PciDevice(
            PciAddress.parse(ADDRESS), "1af4", "1005", class_code="00ff00"
        )

    def test_minus_one_is_no_numa_node(self, root: Path) -> None:
        add(root, uevent=UEVENT, numa_node="-1\n")
        assert read_one(root).numa_node is None

    def test_node_zero_is_a_numa_node(self, root: Path) -> None:
        add(root, uevent=UEVENT, numa_node="0\n")
        assert read_one(root).numa_node == 0

    def test_files_stand_in_for_a_missing_uevent(self, root: Path) -> None:
        add(
            root,
            **{"class": "0x030200\n", "vendor": "0x10de\n", "device": "0x15f8\n"},
            driver="->../../../bus/pci/drivers/nvidia",
        )
        device = read_one(root)
        assert (device.class_code, device.vendor_id, device.product_id) == (
            "030200",
            "10de",
            "15f8",
        )
        assert device.driver == "nvidia"

    @pytest.mark.parametrize("uevent", ["", "PCI_CLASS=30200\n", "PCI_ID=10DE:15F8\n", "garbage\n"])
    def test_files_stand_in_for_a_uevent_without_ids(self, root: Path, uevent: str) -> None:
        add(
            root,
            uevent=uevent,
            **{"class": "0x018000\n", "vendor": "0x1af4\n", "device": "0x1042\n"},
        )
        device = read_one(root)
        assert (device.class_code, device.vendor_id, device.product_id) == (
            "018000",
            "1af4",
            "1042",
        )
        assert device.driver is None

    def test_a_uevent_with_ids_and_no_driver_means_no_driver(self, root: Path) -> None:
        add(root, uevent=VF_UEVENT, driver="->../../../bus/pci/drivers/stale")
        assert read_one(root).driver is None


class TestDevType:
    @pytest.mark.parametrize("numvfs", ["0\n", "2\n"])
    def test_a_card_that_can_have_vfs_is_a_pf_whatever_it_has(
        self, root: Path, numvfs: str
    ) -> None:
        add(
            root,
            uevent=PF_UEVENT,
            sriov_totalvfs="7\n",
            sriov_vf_device="10ca\n",
            sriov_numvfs=numvfs,
        )
        device = read_one(root)
        assert device.dev_type is DevType.PF
        assert (device.sriov_totalvfs, device.sriov_vf_device) == (7, "10ca")
        assert device.parent_addr is None

    @pytest.mark.parametrize(
        ("written", "read"),
        [("10ca\n", "10ca"), ("0x10CA\n", "10ca"), ("10\n", "0010"), ("0\n", "0000")],
    )
    def test_the_id_of_the_vfs_is_four_digits(self, root: Path, written: str, read: str) -> None:
        add(root, uevent=PF_UEVENT, sriov_totalvfs="7\n", sriov_vf_device=written)
        assert read_one(root).sriov_vf_device == read

    def test_old_kernels_do_not_tell_the_id_of_the_vfs(self, root: Path) -> None:
        add(root, uevent=PF_UEVENT, sriov_totalvfs="7\n")
        assert read_one(root).sriov_vf_device is None

    @pytest.mark.parametrize("totalvfs", ["0\n", "-1\n"])
    def test_a_card_whose_driver_forbids_vfs_is_plain(self, root: Path, totalvfs: str) -> None:
        add(root, uevent=PF_UEVENT, sriov_totalvfs=totalvfs, sriov_vf_device="10ca\n")
        device = read_one(root)
        assert device.dev_type is DevType.PCI
        assert (device.sriov_totalvfs, device.sriov_vf_device) == (0, None)

    def test_a_vf_names_a_parent_that_need_not_exist(self, root: Path) -> None:
        add(root, "0000:42:02.0", uevent=VF_UEVENT, physfn="->../0000:41:00.1")
        device = read_one(root)
        assert device.dev_type is DevType.VF
        assert device.parent_addr == PciAddress(0, 0x41, 0, 1)
        assert device.sriov_totalvfs == 0

    def test_the_link_decides_even_if_there_is_a_total(self, root: Path) -> None:
        add(root, uevent=VF_UEVENT, physfn="->../0000:41:00.0", sriov_totalvfs="7\n")
        device = read_one(root)
        assert (device.dev_type, device.sriov_totalvfs) == (DevType.VF, 0)

    def test_a_vf_is_never_inferred_from_its_address(self, root: Path) -> None:
        add(root, "0000:41:00.0", uevent=PF_UEVENT, sriov_totalvfs="7\n")
        add(root, "0000:41:10.0", uevent=VF_UEVENT)
        kinds = [device.dev_type for device in Sysfs(root).read().devices]
        assert kinds == [DevType.PF, DevType.PCI]


class TestAddresses:
    def test_devices_come_in_address_order(self, root: Path) -> None:
        expected = ["0000:00:1f.0", "0000:00:1f.2", "0000:3b:00.0", "ffff:00:00.0", "10000:00:00.0"]
        for address in (*reversed(expected), "e2a5c0de:00:02.0"):
            add(root, address, uevent=UEVENT)
        found = [str(device.address) for device in Sysfs(root).read().devices]
        assert found == [*expected, "e2a5c0de:00:02.0"]

    def test_what_has_no_pci_address_is_no_device(self, root: Path) -> None:
        add(root, uevent=UEVENT)
        for name in ("0000:3b:00.8", "000:3b:00.0", "pci0000:00", "0000:3b:20.0", "x"):
            add(root, name, uevent=UEVENT)
        assert read_one(root).address == PciAddress.parse(ADDRESS)


class TestNames:
    def test_the_owner_is_the_last_address_in_the_path(self, root: Path) -> None:
        add(root, "0000:00:1c.0", uevent=UEVENT)
        nic = add(root, path="0000:00:1c.0", uevent=PF_UEVENT)
        virtio = add(root, "0000:00:03.0", uevent=VF_UEVENT)
        add_netdev(root, "ens1f0", nic)
        add_netdev(root, "eth0", virtio / "virtio2")
        add_netdev(root, "lo", "devices/virtual")
        found = {str(d.address): d.devnames for d in Sysfs(root).read().devices}
        assert found == {"0000:00:1c.0": (), "0000:00:03.0": ("eth0",), ADDRESS: ("ens1f0",)}

    def test_a_name_does_not_move_up_to_the_bridge_of_a_device_that_is_gone(
        self, root: Path
    ) -> None:
        bridge = add(root, "0000:00:1c.0", uevent=UEVENT)
        add_netdev(root, "ens1f0", bridge / ADDRESS)
        assert read_one(root).devnames == ()

    def test_the_name_of_a_usb_nic_is_not_that_of_its_usb_controller(self, root: Path) -> None:
        usb = add(root, uevent=UEVENT)
        add_netdev(root, "enx00", usb / "usb1/1-2/1-2:1.0")
        assert read_one(root).devnames == ()

    def test_several_names_are_sorted(self, root: Path) -> None:
        nic = add(root, uevent=PF_UEVENT)
        names = [f"ens{number}" for number in (7, 1, 10, 3)]
        for name in names:
            add_netdev(root, name, nic)
        assert read_one(root).devnames == ("ens1", "ens10", "ens3", "ens7")

    def test_a_name_whose_device_moved_elsewhere_is_a_link_only(self, root: Path) -> None:
        """A netdev in another namespace leaves its empty net/ behind and no link."""
        (add(root, uevent=PF_UEVENT) / "net").mkdir()
        assert read_one(root).devnames == ()

    def test_what_is_no_link_in_class_net_has_no_owner(self, root: Path) -> None:
        add_netdev(root, "ens1", add(root, uevent=PF_UEVENT))
        (root / "class/net/bonding_masters").write_text("\n")
        assert read_one(root).devnames == ("ens1",)

    def test_class_net_decides_where_it_exists(self, root: Path) -> None:
        (add(root, uevent=PF_UEVENT) / "net/elsewhere").mkdir(parents=True)
        assert read_one(root).devnames == ()

    def test_without_class_net_the_folders_of_the_devices_are_listed(self, root: Path) -> None:
        (root / "class/net").rmdir()
        add(root, "0000:00:1c.0", uevent=UEVENT)
        nic = add(root, path="0000:00:1c.0", uevent=PF_UEVENT)
        (nic / "net/ens1f1").mkdir(parents=True)
        (nic / "net/ens1f0").mkdir()
        virtio = add(root, "0000:00:03.0", uevent=VF_UEVENT)
        (virtio / "virtio2/net/eth0").mkdir(parents=True)
        found = {str(d.address): d.devnames for d in Sysfs(root).read().devices}
        assert found == {
            "0000:00:03.0": ("eth0",),
            "0000:00:1c.0": (),
            ADDRESS: ("ens1f0", "ens1f1"),
        }

    def test_folders_are_listed_below_a_root_that_looks_like_a_pattern(
        self, tmp_path: Path
    ) -> None:
        root = tmp_path / "host[1]*"
        (root / "bus/pci/devices").mkdir(parents=True)
        (add(root, uevent=PF_UEVENT) / "net/ens1").mkdir(parents=True)
        assert read_one(root).devnames == ("ens1",)


class TestUnreadable:
    @pytest.mark.parametrize(
        ("attributes", "expected"),
        [
            ({"uevent": UEVENT, "numa_node": "two\n"}, "numa_node: 'two' is not a number"),
            ({"uevent": UEVENT, "numa_node": ""}, "numa_node: '' is not a number"),
            (
                {"uevent": UEVENT, "sriov_totalvfs": "many\n"},
                "sriov_totalvfs: 'many' is not a number",
            ),
            ({"uevent": UEVENT, "iommu_group": "->../x"}, "iommu_group: 'x' is not a number"),
            ({"uevent": UEVENT, "iommu_group": "7\n"}, "iommu_group: Invalid argument"),
            ({"uevent": UEVENT, "physfn": "->../pf"}, "physfn: 'pf' is not a PCI address"),
            ({"uevent": UEVENT, "physfn": "->../"}, "physfn: '' is not a PCI address"),
            (
                {"uevent": UEVENT, "sriov_totalvfs": "7\n", "sriov_vf_device": "10ca0\n"},
                "sriov_vf_device: '10ca0' is not a hexadecimal number of up to 4 digits",
            ),
            (
                {"uevent": "PCI_CLASS=20000\nPCI_ID=80-86:10C9\n"},
                "vendor id: '80-86' is not a hexadecimal number of up to 4 digits",
            ),
            (
                {"uevent": "PCI_CLASS=20000\nPCI_ID=8086\n"},
                "product id: '' is not a hexadecimal number of up to 4 digits",
            ),
            (
                {"uevent": "PCI_CLASS=2000000\nPCI_ID=8086:10C9\n"},
                "class: '2000000' is not a hexadecimal number of up to 6 digits",
            ),
            ({"vendor": "0x8086", "device": "0x10c9"}, "has no class"),
            ({"class": "0x020000", "device": "0x10c9"}, "has no vendor id"),
            ({"class": "0x020000", "vendor": "0x8086"}, "has no product id"),
        ],
    )
    def test_the_reason_names_attribute_and_error(
        self, root: Path, attributes: dict[str, str], expected: str
    ) -> None:
        add(root, **attributes)
        assert reason(root) == expected

    @pytest.mark.parametrize("attribute", ["uevent", "numa_node", "sriov_totalvfs"])
    def test_an_attribute_that_cannot_be_read(self, root: Path, attribute: str) -> None:
        folder = add(root, **({} if attribute == "uevent" else {"uevent": UEVENT}))
        (folder / attribute).mkdir()
        assert reason(root) == f"{attribute}: Is a directory"

    @pytest.mark.parametrize(
        ("number", "words"),
        [(errno.EIO, "Input/output error"), (errno.EACCES, "Permission denied")],
    )
    def test_an_attribute_that_cannot_be_opened(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
    ) -> None:
        add(root, uevent=UEVENT, numa_node="1\n")
        fail(monkeypatch, "numa_node", number)
        assert reason(root) == f"numa_node: {words}"

    def test_text_that_is_not_ascii(self, root: Path) -> None:
        (add(root, uevent=UEVENT) / "numa_node").write_bytes("٣".encode())
        assert "is not a number" in reason(root)

    def test_a_directory_that_cannot_be_opened(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(root, uevent=UEVENT)
        fail(monkeypatch, ADDRESS, errno.EACCES)
        assert reason(root) == "its directory: Permission denied"

    def test_a_file_in_place_of_a_device(self, root: Path) -> None:
        (root / "bus/pci/devices" / ADDRESS).write_text("")
        assert reason(root) == "its directory: Not a directory"

    def test_a_device_of_which_not_even_the_existence_can_be_told(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(root, vendor="0x8086\n")

        def stat(path: str, **_: object) -> os.stat_result:
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)

        monkeypatch.setattr("pci_placement.discovery.raw.device.os.stat", stat)
        assert reason(root) == "its directory: Input/output error"

    def test_the_card_of_an_unreadable_vf_is_known(self, root: Path) -> None:
        add(root, "0000:3b:10.0", uevent=VF_UEVENT, physfn="->../0000:3b:00.0", numa_node="two")
        card = PciAddress.parse("0000:3b:00.0")
        snapshot = Sysfs(root).read()
        assert snapshot.unsure == {
            card: "0000:3b:10.0 cannot be read: numa_node: 'two' is not a number"
        }

    def test_the_pf_tells_the_card_of_a_vf_whose_physfn_cannot_be_read(self, root: Path) -> None:
        add(root, "0000:3b:00.0", uevent=PF_UEVENT, virtfn0="->../0000:3b:10.0")
        add(root, "0000:3b:10.0", uevent=VF_UEVENT, physfn="no link")
        card = PciAddress.parse("0000:3b:00.0")
        assert Sysfs(root).read().unsure == {
            card: "0000:3b:10.0 cannot be read: physfn: Invalid argument"
        }

    def test_the_pf_may_be_unreadable_as_well(self, root: Path) -> None:
        add(root, "0000:3b:00.0", vendor="0x8086", virtfn0="->../0000:3b:10.0")
        add(root, "0000:3b:10.0", uevent=VF_UEVENT, physfn="no link")
        assert list(map(str, Sysfs(root).read().unsure)) == ["0000:3b:00.0"]

    def test_a_half_made_vf_has_no_physfn_yet_and_the_pf_names_it(self, root: Path) -> None:
        add(root, "0000:3b:00.0", uevent=PF_UEVENT, virtfn11="->../0000:3b:10.0")
        add(root, "0000:3b:10.0", uevent=VF_UEVENT, numa_node="two")
        assert list(map(str, Sysfs(root).read().unsure)) == ["0000:3b:00.0"]

    def test_a_half_gone_vf_still_has_its_physfn_and_the_pf_does_not_name_it(
        self, root: Path
    ) -> None:
        add(root, "0000:3b:00.0", uevent=PF_UEVENT)
        add(root, "0000:3b:10.0", uevent=VF_UEVENT, physfn="->../0000:3b:00.0", numa_node="two")
        add(root, "0000:3c:00.0", uevent=UEVENT, numa_node="two")
        assert list(map(str, Sysfs(root).read().unsure)) == ["0000:3b:00.0", "0000:3c:00.0"]

    def test_what_no_pf_names_is_held_by_itself(self, root: Path) -> None:
        add(
            root,
            "0000:3b:00.0",
            uevent=PF_UEVENT,
            virtfn0="->../0000:3b:10.1",  # of another VF
            virtfn1="->../elsewhere",
            virtfn2="no link",
            virtual="->../0000:3b:10.0",
        )
        add(root, "0000:3b:10.0", uevent=VF_UEVENT, physfn="no link")
        assert list(map(str, Sysfs(root).read().unsure)) == ["0000:3b:10.0"]

    def test_a_pf_that_goes_meanwhile_names_nothing(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(root, "0000:3b:00.0", uevent=PF_UEVENT, virtfn0="->../0000:3b:10.0")
        add(root, "0000:3b:10.0", uevent=VF_UEVENT, physfn="no link")
        opened: list[str] = []

        def vanish(path: str) -> None:
            opened.append(path)
            if opened.count("0000:3b:00.0") == 2:
                (root / "bus/pci/devices/0000:3b:00.0").unlink()

        watch_opening(monkeypatch, vanish)
        assert list(map(str, Sysfs(root).read().unsure)) == ["0000:3b:10.0"]
        assert opened.count("0000:3b:00.0") == 2

    def test_a_sound_host_is_not_asked_for_the_links_of_its_pfs(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(root, "0000:3b:00.0", uevent=PF_UEVENT, virtfn0="->../0000:3b:10.0")
        add(root, "0000:3b:10.0", uevent=VF_UEVENT, physfn="->../0000:3b:00.0", numa_node="two")
        asked: list[str] = []
        readlink = os.readlink

        def watched(path: str, *, dir_fd: int) -> str:
            asked.append(path)
            return readlink(path, dir_fd=dir_fd)

        monkeypatch.setattr("pci_placement.discovery.raw.device.os.readlink", watched)
        Sysfs(root).read()
        assert "virtfn0" not in asked

    @pytest.mark.parametrize(
        ("pf", "is_named"),
        [
            pytest.param({"sriov_vf_device": "10ca"}, True, id="the kernel tells their kind"),
            pytest.param({}, True, id="it does not"),
            pytest.param({"sriov_vf_device": "10cb"}, False, id="they are of another kind"),
            pytest.param({"virtfn0": "->../0000:3b:10.2"}, False, id="another one is named"),
            pytest.param({"sriov_totalvfs": "0"}, False, id="no PF"),
        ],
    )
    def test_a_vf_without_physfn_that_its_pf_names_is_no_plain_device(
        self, root: Path, pf: dict[str, str], is_named: bool
    ) -> None:
        card = {"sriov_totalvfs": "7", "virtfn0": "->../0000:3b:10.0", **pf}
        add(root, "0000:3b:00.0", uevent=PF_UEVENT, **card)
        add(root, "0000:3b:10.0", uevent=VF_UEVENT)
        add(root, "0000:3c:00.0", uevent=VF_UEVENT)
        found = Sysfs(root).read()
        why = "0000:3b:10.0 cannot be read: physfn: not there, though 0000:3b:00.0 names it as a VF"
        assert found.unsure == ({PciAddress.parse("0000:3b:00.0"): why} if is_named else {})
        plain = [d.address for d in found.devices if d.dev_type is DevType.PCI]
        assert (PciAddress.parse("0000:3b:10.0") in plain) is not is_named

    def test_so_is_one_whose_pf_cannot_be_read(self, root: Path) -> None:
        add(root, "0000:3b:00.0", uevent="PCI_CLASS=?\nPCI_ID=?\n", virtfn0="->../0000:3b:10.0")
        add(root, "0000:3b:10.0", uevent=VF_UEVENT)
        add(root, "0000:3c:00.0", uevent=VF_UEVENT)
        found = Sysfs(root).read()
        assert [d.address for d in found.devices] == [PciAddress.parse("0000:3c:00.0")]
        assert found.unsure.keys() == {PciAddress.parse("0000:3b:00.0")}

    def test_one_bad_device_does_not_break_the_scan(self, root: Path) -> None:
        add(root, "0000:3a:00.0", uevent=UEVENT)
        add(root, uevent="PCI_CLASS=30200\nPCI_ID=??\n")
        add(root, "0000:3c:00.0", uevent=UEVENT)
        assert "vendor id" in reason(root)
        found = [str(device.address) for device in Sysfs(root).read().devices]
        assert found == ["0000:3a:00.0", "0000:3c:00.0"]


class TestVanished:
    """One device goes in mid-scan; its neighbour is there to show that the scan goes on."""

    @pytest.fixture
    def neighbour(self, root: Path) -> PciAddress:
        add(root, "0000:ff:00.0", uevent=UEVENT)
        return PciAddress(0, 0xFF, 0, 0)

    def test_before_its_directory_is_opened(self, root: Path, neighbour: PciAddress) -> None:
        (root / "bus/pci/devices" / ADDRESS).symlink_to("../../../devices/pci0000:00/gone")
        assert read_one(root).address == neighbour

    @pytest.mark.parametrize("number", [errno.ENOENT, errno.ENODEV])
    def test_while_its_directory_is_opened(
        self, root: Path, neighbour: PciAddress, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        add(root, uevent=UEVENT)
        fail(monkeypatch, ADDRESS, number)
        assert read_one(root).address == neighbour

    @pytest.mark.parametrize("attribute", ["sriov_totalvfs", "numa_node", "uevent"])
    def test_with_everything(
        self, root: Path, neighbour: PciAddress, monkeypatch: pytest.MonkeyPatch, attribute: str
    ) -> None:
        folder = add(root, numa_node="1\n", vendor="0x10de\n", **{"class": "0x030200\n"})

        def vanish() -> None:
            (root / "bus/pci/devices" / ADDRESS).unlink()
            shutil.rmtree(folder)

        before(monkeypatch, attribute, vanish)
        assert read_one(root).address == neighbour
        assert not folder.exists()

    def test_name_first_attributes_later(
        self, root: Path, neighbour: PciAddress, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(root, **IDS)
        before(monkeypatch, "uevent", (root / "bus/pci/devices" / ADDRESS).unlink)
        assert read_one(root).address == neighbour

    def test_uevent_and_sriov_totalvfs_first_does_not_make_a_plain_device_of_a_pf(
        self, root: Path, neighbour: PciAddress
    ) -> None:
        add(root, numa_node="0\n", **IDS)
        assert reason(root).startswith("has no uevent, and others here have one")
        assert [device.address for device in Sysfs(root).read().devices] == [neighbour]

    def test_an_empty_directory_is_what_a_dead_handle_shows(
        self, root: Path, neighbour: PciAddress
    ) -> None:
        add(root)
        assert read_one(root).address == neighbour

    def test_another_device_at_its_address_is_not_mixed_with_it(
        self, root: Path, neighbour: PciAddress, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = add(root, uevent=VF_UEVENT, numa_node="0\n", physfn="->../0000:41:00.0")

        def replace() -> None:
            (root / "bus/pci/devices" / ADDRESS).unlink()
            shutil.rmtree(first)
            add(root, uevent=UEVENT, numa_node="1\n")

        before(monkeypatch, "numa_node", replace)
        assert read_one(root).address == neighbour

    def test_an_attribute_of_a_living_device(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = add(root, uevent=UEVENT, numa_node="1\n")
        before(monkeypatch, "numa_node", (folder / "numa_node").unlink)
        assert read_one(root).numa_node is None

    def test_an_attribute_of_a_removed_device_that_was_open(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(root, uevent=UEVENT, numa_node="1\n")
        fail(monkeypatch, "numa_node", errno.ENODEV)
        assert read_one(root).numa_node is None

    def test_a_name_in_class_net(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        nic = add(root, uevent=PF_UEVENT)
        add_netdev(root, "ens1", nic)
        add_netdev(root, "ens2", nic)
        readlink = os.readlink

        def vanishing(path: str, *, dir_fd: int) -> str:
            if path == "ens2":
                (root / "class/net/ens2").unlink()
            return readlink(path, dir_fd=dir_fd)

        monkeypatch.setattr("pci_placement.discovery.raw.device.os.readlink", vanishing)
        assert read_one(root).devnames == ("ens1",)


class TestNothingToRead:
    def test_no_such_folder(self, tmp_path: Path) -> None:
        with pytest.raises(DiscoveryError, match="no such folder; is sysfs mounted") as caught:
            Sysfs(tmp_path).read()
        assert caught.value.path == str(tmp_path / "bus/pci/devices")

    def test_not_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "bus/pci").mkdir(parents=True)
        (tmp_path / "bus/pci/devices").write_text("")
        with pytest.raises(DiscoveryError, match=r"bus/pci/devices: Not a directory$"):
            Sysfs(tmp_path).read()

    def test_not_listable(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        add(root, uevent=UEVENT)

        def listdir(path: str | int) -> list[str]:
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)

        (root / "class/net").rmdir()
        monkeypatch.setattr("pci_placement.discovery.raw.device.os.listdir", listdir)
        with pytest.raises(DiscoveryError, match=r"bus/pci/devices: Input/output error$"):
            Sysfs(root).read()

    @pytest.mark.parametrize("names", [[], ["pci0000:00", "x"]])
    def test_no_device(self, root: Path, names: list[str]) -> None:
        for name in names:
            add(root, name, uevent=UEVENT)
        with pytest.raises(DiscoveryError, match="it holds no PCI device"):
            Sysfs(root).read()

    def test_a_device_that_cannot_be_read_is_something(self, root: Path) -> None:
        add(root, vendor="0x8086\n")
        snapshot = Sysfs(root).read()
        assert (snapshot.devices, [found.reason for found in snapshot.unreadable.values()]) == (
            (),
            ["has no class"],
        )


def test_the_root_may_be_text(root: Path) -> None:
    add(root, uevent=UEVENT)
    assert Sysfs(str(root)).read() == Sysfs(root).read()


def test_only_what_neither_blocks_nor_wakes_a_device_is_opened(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden = ("sriov_numvfs", "config", "vpd", "rom", "current_link_speed", "current_link_width")
    nothing = dict.fromkeys(forbidden, "0\n")
    add(root, "0000:3a:00.0", uevent=PF_UEVENT, sriov_totalvfs="7\n", **nothing)
    add(root, uevent=VF_UEVENT, physfn="->../0000:3a:00.0", **nothing)
    opened: list[str] = []
    watch_opening(monkeypatch, opened.append)
    Sysfs(root).read()
    assert set(opened) - {"0000:3a:00.0", ADDRESS} == {
        str(root / "bus/pci/devices"),
        str(root / "class/net"),
        "uevent",
        "numa_node",
        "sriov_totalvfs",
        "sriov_vf_device",
        "secondary_bus_number",
    }


def test_every_handle_is_closed(root: Path) -> None:
    add_netdev(root, "ens1", add(root, uevent=UEVENT))
    add(root, "0000:3c:00.0", vendor="garbled")
    (root / "bus/pci/devices/0000:3d:00.0").symlink_to("gone")
    before_scan = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        Sysfs(root).read()
    assert len(os.listdir("/proc/self/fd")) == before_scan
