"""The PCIe root of a function is in its path."""

from pci_placement.discovery.raw.buses import root_buses
from pci_placement.pci_address import split

CARD = "0000:81:00.0"


def buses(folder, path: str | None, address: str = CARD) -> dict:
    devices = folder / "bus/pci/devices"
    devices.mkdir(parents=True)
    if path:
        (devices / address).symlink_to(f"../../../devices/{path}")
    return root_buses(str(folder), [split(address)])


def test_it_is_the_first_part_of_the_path(tmp_path):
    assert buses(tmp_path, f"pci0000:80/0000:80:01.0/{CARD}") == {split(CARD): "pci0000:80"}


def test_of_a_domain_below_another_one_it_is_the_inner(tmp_path):
    inner = "10000:01:00.0"
    path = f"pci0000:64/0000:64:05.5/pci10000:00/10000:00:02.0/{inner}"
    assert buses(tmp_path, path, inner) == {split(inner): "pci10000:00"}


def test_what_has_no_path_is_left_out(tmp_path):
    assert buses(tmp_path, None) == {}


def test_what_lies_elsewhere_is_left_out(tmp_path):
    assert buses(tmp_path, f"virtual/{CARD}") == {}
