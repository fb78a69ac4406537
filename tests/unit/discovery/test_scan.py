"""One scan: of this host with what it lives on, of any other tree without."""

import os

import pytest
from support import hosts
from support.cloud import HOST

from pci_placement.discovery.raw import Running, read_tree
from pci_placement.discovery.scan import LIVE_SYSFS, scan
from pci_placement.discovery.sysfs import make_snapshot

LIVE = pytest.mark.skipif(not os.path.isdir("/sys/bus/pci/devices"), reason="no PCI bus here")


def test_of_a_captured_tree_nobody_knows_what_its_host_lived_on(tmp_path):
    tree = hosts.write_tree(tmp_path / "sys", hosts.snapshot(HOST))
    found = scan(str(tree))
    assert {str(device.address) for device in found.devices} >= {"0000:3b:00.0", "0000:81:00.0"}
    assert found.in_use == {}


@LIVE
@pytest.mark.parametrize("by", ["its name", "a link"])
def test_the_live_tree_is_known_by_whatever_name(tmp_path, by):
    (tmp_path / "link").symlink_to(LIVE_SYSFS)
    sysfs = LIVE_SYSFS if by == "its name" else str(tmp_path / "link")
    assert scan(sysfs) == make_snapshot(read_tree(LIVE_SYSFS, Running()))
