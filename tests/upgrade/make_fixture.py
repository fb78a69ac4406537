"""Leave what this version leaves: `python -m upgrade.make_fixture VERSION`, in the folder tests.

A node is synced, claimed and drained, and some of its devices change their class while they are in
use. Then its state folder and its Placement are kept below upgrade/VERSION, for all later versions.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from support.placements import consumer_uuid

from pci_placement.errors import ExitCode

from . import node as the
from .node import FIXTURES, LISTS, OTHER_LISTS, Node

KEPT = (".json", ".root", ".claims")
"""What of the state folder says something; locks and notes of a process do not."""


def main() -> None:
    target = FIXTURES / sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with the.served(folder) as url:
            live(Node(folder, url))
        keep(folder, target)


def live(node: Node) -> None:
    root = {"name": the.ROOT_NAME, "uuid": the.ROOT_UUID}
    node.client.send("POST", "/resource_providers", root)
    node.lists = LISTS
    node.has(the.BEFORE)
    node.run("sync")
    node.claim("eve", "0000:3b:00.0", "CUSTOM_PCI_QAT")
    for who in ("bob", "ann"):
        node.claim(who, "0000:81:00.0:vf", "CUSTOM_PCI_NIC")
    node.claim("max", "0000:c0:00.0", "CUSTOM_PCI_GPU")
    for who in ("eve", "max", "bob"):
        node.run("claim", "show", consumer_uuid(who))
    node.run("device", "drain", "0000:c1:00.0")
    node.has(the.NOW)
    node.lists = OTHER_LISTS
    for _ in range(2):
        node.run("sync", code=ExitCode.PARTLY)  # a VF waits for the claims of before


def keep(folder: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    (target / "state").mkdir(parents=True)
    for file in sorted((folder / "state").iterdir()):
        sys.stdout.write(f"{file.name}: {'kept' if file.suffix in KEPT else 'left'}\n")
        if file.suffix in KEPT:
            shutil.copyfile(file, target / "state" / file.name)
    (target / "placement.sql").write_text(the.dump(folder / "placement.sqlite"))


if __name__ == "__main__":
    main()
