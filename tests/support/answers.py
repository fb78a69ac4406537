"""What a real Placement and a real Keystone answered, word for word, for tests that inject faults.

`python -m support.answers`, in the folder tests, asks Placement again and writes its answers anew.
It asks Keystone for nothing but a token.
"""

import contextlib
import json
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import requests

from pci_placement.embedded import EmbeddedPlacement

from .daemons import PATIENCE
from .keystone import Cloud, password

FOLDER = Path(__file__).parents[1] / "unit/placement/answers"
ROOT = "8c7e2f3a-0d5c-4b52-9a0e-3a4a6d6b1f00"
CHILD = "5d3c5b55-7e6e-5b5e-8e2b-0a4f0f4b3c01"
NOBODY = "00000000-0000-4000-8000-000000000000"
CONSUMER = "b1f6a2d4-1b1f-4e57-8a43-0a8d4f4c9c02"
TELLING_HEADERS = ("content-type", "openstack-api-version", "x-openstack-request-id")


def read(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text())


def answer(name: str) -> dict:
    """An answer as requests_mock takes it."""
    return as_mock(read(name))


def as_mock(content: dict) -> dict:
    return {
        "status_code": content["status"],
        "reason": HTTPStatus(content["status"]).phrase,
        "headers": content["headers"],
        "text": _text(content["body"]),
    }


def _text(body: object) -> str:
    return body or "" if isinstance(body, str | None) else json.dumps(body)


def record(url: str) -> Iterator[tuple[str, dict]]:
    """Provoke every answer but that of a broken server; the Placement must be empty."""

    def ask(
        method: str,
        path: str,
        body: object = None,
        user: str | None = "admin",
        version: str = "1.39",
    ):
        headers = {"X-Auth-Token": user, "OpenStack-API-Version": f"placement {version}"}
        response = requests.request(
            method, url + path, json=body, headers=headers, timeout=PATIENCE
        )
        return _content(response)

    def create(name: str, uuid: str, parent: str | None = ROOT):
        body = {"name": name, "uuid": uuid, "parent_provider_uuid": parent}
        return ask("POST", "/resource_providers", body)

    def put(what: str, generation: int, value: object):
        body = {"resource_provider_generation": generation, what: value}
        return ask("PUT", f"/resource_providers/{CHILD}/{what}", body)

    def claim(consumer: str, amount: int):
        body = {
            "allocations": {CHILD: {"resources": {"CUSTOM_PCI_QAT": amount}}},
            "project_id": "lab",
            "user_id": "lab",
            "consumer_generation": None,
            "consumer_type": "CONTAINER",
        }
        return ask("PUT", f"/allocations/{consumer}", body)

    def reshape(consumer_generation: int):
        inventories = {"CUSTOM_PCI_QAT": {"total": 1}}
        return {
            "inventories": {CHILD: {"resource_provider_generation": 3, "inventories": inventories}},
            "allocations": {
                CONSUMER: {
                    "allocations": {CHILD: {"resources": {"CUSTOM_PCI_QAT": 1}}},
                    "project_id": "lab",
                    "user_id": "lab",
                    "consumer_generation": consumer_generation,
                }
            },
        }

    create("node", ROOT, None)
    yield "versions", ask("GET", "/")
    yield "not_acceptable", ask("GET", "/resource_providers", version="1.99")
    yield "unauthorized", ask("GET", "/resource_providers", user=None)
    yield "forbidden", ask("GET", "/resource_providers", user="somebody:lab")
    yield "created", create("node:pci:0000:3b:00.0", CHILD)
    yield "name_taken", create("node:pci:0000:3b:00.0", NOBODY)
    yield "uuid_taken", create("another", CHILD)
    yield "class_ensured", ask("PUT", "/resource_classes/CUSTOM_PCI_QAT")
    yield "trait_ensured", ask("PUT", "/traits/CUSTOM_PCI_PLACEMENT_MANAGED")
    yield "traits_set", put("traits", 0, ["CUSTOM_PCI_PLACEMENT_MANAGED"])
    yield "inventories_set", put("inventories", 1, {"CUSTOM_PCI_QAT": {"total": 1}})
    yield "concurrent_update", put("inventories", 1, {"CUSTOM_PCI_QAT": {"total": 2}})
    yield "unknown_trait", put("traits", 2, ["CUSTOM_NOBODY_KNOWS"])
    claim(CONSUMER, 1)
    yield "over_capacity", claim(NOBODY, 1)
    for what in ("inventories", "traits", "aggregates", "usages"):
        yield what, ask("GET", f"/resource_providers/{CHILD}/{what}")
    yield "claims", ask("GET", f"/resource_providers/{CHILD}/allocations")
    yield "classes", ask("GET", "/resource_classes")
    yield (
        "known_traits",
        ask("GET", "/traits?name=in:CUSTOM_PCI_PLACEMENT_MANAGED,HW_GPU_API_VULKAN"),
    )
    yield "moved", ask("PUT", f"/resource_providers/{CHILD}", {"name": "node:pci:0000:3b:00.0"})
    yield "allocations", ask("GET", f"/allocations/{CONSUMER}", version="1.37")
    yield "no_allocations", ask("GET", f"/allocations/{NOBODY}", version="1.37")
    yield "reshape_conflict", ask("POST", "/reshaper", reshape(9), version="1.37")
    yield "tree", ask("GET", f"/resource_providers?in_tree={CHILD}")
    yield "class_in_use", put("inventories", 3, {})
    yield "provider_in_use", ask("DELETE", f"/resource_providers/{CHILD}")
    yield "has_children", ask("DELETE", f"/resource_providers/{ROOT}")
    yield "not_found", ask("GET", f"/resource_providers/{NOBODY}")
    yield "provider", ask("GET", f"/resource_providers/{CHILD}")
    put("inventories", 3, {"CUSTOM_PCI_QAT": {"total": 2}})
    query = f"resources=CUSTOM_PCI_QAT:1&in_tree={ROOT}"
    yield "candidates", ask("GET", f"/allocation_candidates?{query}")


def ask_reshaper(cloud: Cloud) -> dict:
    """What an administrator is told who wants to reshape; the compute node must be there."""
    inventories = {ROOT: {"resource_provider_generation": 0, "inventories": {}}}
    response = requests.post(
        f"{cloud.placement.url}/reshaper",
        json={"inventories": inventories, "allocations": {}},
        headers={
            "X-Auth-Token": cloud.session("admin", password("admin")).get_token(),
            "OpenStack-API-Version": "placement 1.30",
        },
        timeout=PATIENCE,
    )
    return _content(response)


def _content(response: requests.Response) -> dict:
    return {
        "request": f"{response.request.method} {response.request.path_url}",
        "status": response.status_code,
        "headers": {k: v for k, v in response.headers.items() if k.lower() in TELLING_HEADERS},
        "body": response.json() if response.content else None,
    }


def _record_everything(folder: Path) -> Iterator[tuple[str, dict]]:
    with EmbeddedPlacement(folder) as server:
        yield from record(server.url)
        with contextlib.closing(sqlite3.connect(folder / "placement.sqlite")) as database:
            database.execute("DROP TABLE resource_providers")
        response = requests.get(
            f"{server.url}/resource_providers", headers={"X-Auth-Token": "admin"}, timeout=PATIENCE
        )
        yield "broken", _content(response)
    with Cloud(folder / "cloud") as cloud:
        yield "reshape_forbidden", ask_reshaper(cloud)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in _record_everything(Path(folder)):
            text = json.dumps(content, indent=2, sort_keys=True) + "\n"
            (FOLDER / f"{name}.json").write_text(text)
