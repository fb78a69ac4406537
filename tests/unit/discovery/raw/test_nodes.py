from pathlib import Path

from pci_placement.discovery.raw.nodes import device_nodes

ADDRESS = "0000:3b:00.0"


def made(root: Path, *names: str) -> tuple[str, ...]:
    """The nodes of a function whose driver made these folders."""
    for name in names:
        (root / "bus/pci/devices" / ADDRESS / name).mkdir(parents=True)
    return device_nodes(str(root), ADDRESS)


def test_a_card_and_the_part_of_it_that_only_computes(tmp_path):
    found = made(tmp_path, "drm/renderD128", "drm/card1", "drm/card1-DP-1", "drm/version")
    assert found == ("/dev/dri/card1", "/dev/dri/renderD128")


def test_an_accelerator(tmp_path):
    assert made(tmp_path, "accel/accel0") == ("/dev/accel/accel0",)


def test_what_made_no_nodes_and_what_is_not_there(tmp_path):
    assert made(tmp_path) == ()
    assert made(tmp_path, "net/ens1f0") == ()
