"""Which network names belong to which directory, and which of several is the port itself."""

import os

import pytest

from pci_placement.discovery.raw.netdevs import network_names

NIC = "0000:3b:00.0"


@pytest.fixture
def add(tmp_path):
    """Make an interface below a path in devices; port is its phys_port_name."""

    def add(name: str, above: str = NIC, port: str | None = None) -> None:
        folder = tmp_path / "devices" / above / "net" / name
        folder.mkdir(parents=True)
        if port is not None:
            (folder / "phys_port_name").write_text(port)
        link = tmp_path / "class/net" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(folder, link.parent))

    return add


@pytest.mark.parametrize(
    "representor", ["pf0vf0", "pf1vf12", "pf0sf88", "c1pf0vf3", "c10pf10sf100"]
)
def test_the_port_itself_comes_before_what_stands_for_a_vf(tmp_path, add, representor):
    add("ens1", port=f"{representor}\n")
    add("ens2", port="p0\n")
    assert network_names(str(tmp_path)) == {NIC: ("ens2", "ens1")}


@pytest.mark.parametrize(
    "port", ["p0", "p0s1", "pf0", "vf0", "pfvf0", "pf0vf", "c0p0", "xpf0vf0", "pf0vf0x", "", None]
)
def test_names_are_in_alphabetical_order_where_none_stands_for_a_vf(tmp_path, add, port):
    add("ens2", port="p0\n")
    add("ens1", port=port)
    assert network_names(str(tmp_path)) == {NIC: ("ens1", "ens2")}


def test_several_that_stand_for_vfs_are_in_alphabetical_order(tmp_path, add):
    for name, port in (("d", "pf0vf1"), ("c", "pf0vf2"), ("b", "p0"), ("a", "p1")):
        add(name, port=port)
    assert network_names(str(tmp_path)) == {NIC: ("a", "b", "c", "d")}


@pytest.mark.parametrize(
    ("above", "owner"),
    [
        (NIC, NIC),
        (f"0000:00:1c.0/{NIC}", NIC),
        (f"{NIC}/virtio12", NIC),
        (f"{NIC}/virtio", "virtio"),
        (f"{NIC}/virtiox", "virtiox"),
        (f"{NIC}/usb1/1-1/1-1:1.0", "1-1:1.0"),
        ("virtual", "virtual"),
    ],
)
@pytest.mark.parametrize("name", ["ens1", "net"])
def test_a_name_belongs_to_what_is_above_net(tmp_path, add, above, owner, name):
    add(name, above)
    assert network_names(str(tmp_path)) == {owner: (name,)}


@pytest.mark.parametrize("target", ["../../devices/elsewhere", "net/ens1", "a/net/b/c", "/net/x"])
def test_a_link_to_elsewhere_is_no_name(tmp_path, target):
    (tmp_path / "class/net").mkdir(parents=True)
    (tmp_path / "class/net/ens1").symlink_to(target)
    assert network_names(str(tmp_path)) == {}
