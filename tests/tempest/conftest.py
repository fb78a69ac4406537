from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from support.cloud import configure
from support.keystone import Cloud
from support.tempest_runs import Operator

import pci_placement

CAPTURE = Path(pci_placement.__file__).parent / "captures" / "full-vfs.sys.tar.gz"

LISTS = """
[pci]
alias = {"name": "nic", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}
alias = {"name": "disk", "vendor_id": "1b36", "product_id": "0010", "device_type": "type-VF"}
device_spec = {"vendor_id": "8086", "product_id": "10ca"}
device_spec = {"vendor_id": "1b36", "product_id": "0010", "device_type": "type-VF"}
"""


@pytest.fixture(scope="session")
def cloud(tmp_path_factory):
    """A real Keystone, and a real Placement that asks it."""
    with Cloud(tmp_path_factory.mktemp("cloud") / "of") as cloud:
        yield cloud


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    """A host of which /sys was captured: 30 VFs of four cards."""
    folder = tmp_path_factory.mktemp("host")
    with tarfile.open(CAPTURE) as archive:
        archive.extraction_filter = getattr(tarfile, "tar_filter", None)
        archive.extractall(folder)  # noqa: S202  our own archive
    return folder / "sys"


@pytest.fixture
def node(call, cloud, host, tmp_path):
    """The compute node, after a pass of ours."""
    node = cloud.bare_node()
    file = configure(tmp_path, LISTS, cloud.section("service"))
    done = call("--sysfs", host, "--config-file", file, "sync")
    assert done.code == 0, done.err
    return node


@pytest.fixture
def operator(tmp_path, cloud):
    folder = tmp_path / "operator"
    folder.mkdir()
    (folder / "aliases.conf").write_text(LISTS)
    return Operator(folder, cloud)
