"""A compute node that is upgraded: its host, its lists, its state folder, and a Placement.

What stands here is what the fixtures were made with: a new one may need more, an old one the same.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from keystoneauth1 import session, token_endpoint
from support import hosts
from support.cloud import configure
from support.command import Run, by_token, script
from support.placements import consumer_uuid
from support.served import placements

from pci_placement.errors import ExitCode
from pci_placement.placement import Client, of_session

FIXTURES = Path(__file__).parent
ROOT_UUID, ROOT_NAME = "8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00", "node"

QAT = {"address": "0000:3b:00.0", "id": "8086:0443", "numa": 0}
GPUS = [{"address": f"0000:c{number}:00.0", "id": "10de:20b0", "numa": 1} for number in range(3)]
NIC = {
    "address": "0000:81:00.0",
    "id": "8086:10c9",
    "class": "020000",
    "numa": 1,
    "net": ["ens1f0"],
    "totalvfs": 8,
    "vf_device": "10ca",
    "vfs": {"count": 4, "first": "0000:81:10.0", "step": 2, "net": True},
}
BEFORE = [QAT, NIC, *GPUS]
NOW = [NIC, *GPUS]
"""The host as it became: a card that somebody has claimed was taken out."""

LISTS = """
[pci]
alias = {"name": "qat", "vendor_id": "8086", "product_id": "0443"}
alias = {"name": "nic", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}
alias = {"name": "gpu", "vendor_id": "10de", "product_id": "20b0"}
device_spec = {"vendor_id": "8086", "product_id": "0443"}
device_spec = {"devname": "ens1f0", "physical_network": "physnet1"}
device_spec = {"vendor_id": "10de"}
"""
FAST = {"address": "0000:81:10.0", "resource_class": "FAST", "physical_network": "physnet1"}
OTHER_LISTS = LISTS.replace("device_spec", f"device_spec = {json.dumps(FAST)}\ndevice_spec", 1)
"""One of the VFs gets another class, and nobody can tell whether a claim holds it."""


class Node:
    """One folder, and the Placement that is served at this URL."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.sysfs = folder / "sys"
        self.lists = OTHER_LISTS
        auth = token_endpoint.Token(url, "admin")
        self.client = Client(of_session(session.Session(auth), None, None))
        self._url = url

    def has(self, lines: list[dict]) -> None:
        """Let the host have these devices from now on."""
        shutil.rmtree(self.sysfs, ignore_errors=True)
        hosts.write_tree(self.sysfs, hosts.snapshot(lines))

    def run(self, *line: object, code: ExitCode = ExitCode.DONE) -> Run:
        """Give a command, in a process of its own; it must end so."""
        file = configure(self.folder, self.lists, by_token(self._url))
        done = script("--sysfs", self.sysfs, "--config-file", file, *line, PYTHONWARNINGS="ignore")
        assert done.code == code, done.err
        return done

    def claim(self, consumer: str, key: str, resource_class: str) -> None:
        """Claim one device of a provider."""
        listed = self.client.send("GET", f"/resource_providers?name={ROOT_NAME}:pci:{key}")
        (provider,) = listed["resource_providers"]
        body = {
            "allocations": {provider["uuid"]: {"resources": {resource_class: 1}}},
            "project_id": "lab",
            "user_id": "lab",
            "consumer_generation": None,
            "consumer_type": "CONTAINER",
        }
        self.client.send("PUT", f"/allocations/{consumer_uuid(consumer)}", body)


def dump(database: Path) -> str:
    """A Placement as SQL."""
    with contextlib.closing(sqlite3.connect(database)) as open_one:
        return "".join(f"{line}\n" for line in open_one.iterdump())


@contextlib.contextmanager
def served(folder: Path, content: str = "") -> Iterator[str]:
    """A Placement of today, on what an older one has left; where it is."""
    database = folder / "placement.sqlite"
    with contextlib.closing(sqlite3.connect(database)) as open_one:
        open_one.executescript(content)
    with placements(f"sqlite:///{database}", folder, processes=1) as (url,):
        yield url
