"""Whoever only asks whether the host changed waits for no more than that."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.machine import Machine

PACKAGE = Path(__file__).parents[4]
# what Python loads with os, what is built into it, and what the future needs
LIGHT = {"__future__", "_blake2", "_collections_abc", "errno", "genericpath", "marshal", "os"}
LIGHT |= {"os.path", "posix", "posixpath", "stat", "_stat", "zipimport", "abc", "_abc"}
HOST_USE = """
from pci_placement.discovery.raw import Running, read_tree
found = read_tree(sys.argv[1], Running(*sys.argv[2:]))
assert found.in_use and found.digest
"""


def loaded(script: str, *arguments: object) -> set[str]:
    """What a script loads beside what any Python has; nothing of an environment plays a part."""
    text = f"import sys; sys.path.insert(0, {str(PACKAGE)!r}); before = set(sys.modules)\n{script}"
    text += "\nprint(*(set(sys.modules) - before))"
    command = [sys.executable, "-I", "-S", "-c", text, *map(str, arguments)]
    return {*subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()}


@pytest.fixture
def machine(tmp_path) -> Machine:
    """A host with disks, routes and mounts."""
    machine = Machine(tmp_path)
    machine.net("pci0000:00/0000:00:09.0/net/eth0")
    machine.block("254:0", "pci0000:00/0000:00:02.0/virtio1/block/vda")
    machine.v4("eth0")
    machine.mount("254:0")
    return machine


def test_reading_a_host_and_its_digest_load_next_to_nothing(machine):
    found = loaded(HOST_USE, machine.sys, machine.proc, machine.dev, machine.udev)
    ours = {name for name in found if name.partition(".")[0] == "pci_placement"}
    assert found - ours <= LIGHT
    assert {name for name in ours if not name.startswith("pci_placement.discovery.raw")} == {
        "pci_placement",
        "pci_placement.discovery",
        "pci_placement.pci_address",
    }


def test_a_whole_scan_loads_what_the_other_does_not():
    """Or the test above would hold of anything."""
    assert loaded("import pci_placement.discovery.scan") >= {"pci_placement.model", "re", "typing"}
