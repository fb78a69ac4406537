"""A capture says of a host what discovery reads of it, and nothing else."""

import gzip
import json

import pytest
from support import hosts
from support.build import device, pf, snapshot, vfs

from pci_placement.discovery.capture import (
    NO_CAPTURE,
    OTHER_VERSION,
    THERE_ALREADY,
    read_capture,
    write_capture,
)
from pci_placement.discovery.raw import RawHost, read_tree
from pci_placement.discovery.scan import scan
from pci_placement.errors import DiscoveryError, RequestError


@pytest.fixture
def host(tmp_path) -> RawHost:
    """A host with a card that has VFs, a plain device and one that cannot be read."""
    cards = pf(devnames=("ens1f0",), numa_node=1, driver="i40e"), *vfs(2), device()
    root = hosts.write_tree(tmp_path / "sys", snapshot(*cards))
    (root / "bus/pci/devices/0000:99:00.0").mkdir()
    (root / "bus/pci/devices/0000:99:00.0/uevent").write_text("PCI_CLASS=x\nPCI_ID=8086:0443\n")
    return read_tree(root)


def write(file, **content) -> str:
    whole = {"format": "pci-placement host capture", "version": 1, "functions": []}
    whole |= {"unreadable": [], "in_use": []} | content
    file.write_bytes(gzip.compress(json.dumps(whole).encode()))
    return str(file)


def test_it_is_read_as_it_was_written(host, tmp_path):
    address = host.functions[0][0]
    used = RawHost(host.functions, host.unreadable, {address: "the host has / mounted from it"})
    assert host.unreadable
    write_capture(used, str(tmp_path / "host"))
    read = read_capture(str(tmp_path / "host"))
    assert read.digest == used.digest
    assert scan(str(tmp_path / "host")).in_use


def test_the_same_host_makes_the_same_file(host, tmp_path):
    for name in ("a", "b"):
        write_capture(host, str(tmp_path / name))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_folder_and_what_is_not_there_are_no_captures(tmp_path):
    assert read_capture(str(tmp_path)) is None
    assert read_capture(str(tmp_path / "none")) is None


def test_no_file_is_written_over(host, tmp_path):
    (tmp_path / "host").write_text("mine")
    with pytest.raises(RequestError) as caught:
        write_capture(host, str(tmp_path / "host"))
    assert str(caught.value) == THERE_ALREADY.format(tmp_path / "host")
    assert (tmp_path / "host").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_named(host, tmp_path):
    with pytest.raises(RequestError, match=r"cannot write .*none/host: No such file"):
        write_capture(host, str(tmp_path / "none/host"))


def test_of_a_host_without_devices_nothing_is_kept(tmp_path):
    with pytest.raises(DiscoveryError):
        write_capture(read_tree(tmp_path / "none"), str(tmp_path / "host"))
    assert not (tmp_path / "host").exists()


@pytest.mark.parametrize(
    "content",
    [{"format": "other"}, {"functions": 1}, {"functions": None}, {"in_use": [1]}],
    ids=str,
)
def test_what_is_no_capture_is_refused(tmp_path, content):
    with pytest.raises(DiscoveryError, match=NO_CAPTURE):
        read_capture(write(tmp_path / "host", **content))


@pytest.mark.parametrize(
    "raw", [b"", b"text", gzip.compress(b"{", mtime=0), gzip.compress(b"[]", mtime=0)[:-9]]
)
def test_nor_is_what_is_no_file_of_ours(tmp_path, raw):
    (tmp_path / "host").write_bytes(raw)
    with pytest.raises(DiscoveryError, match=NO_CAPTURE):
        read_capture(str(tmp_path / "host"))


def test_another_version_says_what_to_do(tmp_path):
    with pytest.raises(DiscoveryError, match=OTHER_VERSION):
        read_capture(write(tmp_path / "host", version=2))
