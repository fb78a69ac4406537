"""What others do in Placement, and what anybody can read there; by name, over HTTP alone."""

from __future__ import annotations

from typing import Any

import requests
from support.placements import consumer_uuid

from .checker import Wrong

HEADERS = {"X-Auth-Token": "admin", "OpenStack-API-Version": "placement 1.30"}


class Cloud:
    """A Placement beside the program."""

    def __init__(self, url: str) -> None:
        self._url = url

    def claim(self, consumer: str, provider: str, resource_class: str, amount: int) -> int:
        """Claim of a provider for a new consumer; gives the status of the answer."""
        body = {
            "allocations": {self._uuid(provider): {"resources": {resource_class: amount}}},
            "project_id": "lab",
            "user_id": "lab",
            "consumer_generation": None,
        }
        return self._send("PUT", f"/allocations/{consumer_uuid(consumer)}", body).status_code

    def release(self, consumer: str) -> None:
        """Give back all that a consumer has."""
        self._send("DELETE", f"/allocations/{consumer_uuid(consumer)}").raise_for_status()

    def create_root(self, name: str) -> None:
        """Register a compute node."""
        self._send("POST", "/resource_providers", {"name": name}).raise_for_status()

    def rename(self, old: str, new: str) -> None:
        """Give a provider another name."""
        url = f"/resource_providers/{self._uuid(old)}"
        parent = self._read(url)["parent_provider_uuid"]
        body = {"name": new, "parent_provider_uuid": parent}
        self._send("PUT", url, body).raise_for_status()

    def provider(self, name: str) -> dict[str, Any] | None:
        """Everything about a provider that a case can want, or None."""
        found = self._find(name)
        if found is None:
            return None
        url = f"/resource_providers/{found['uuid']}"
        used = self._read(f"{url}/usages")["usages"]
        inventories = self._read(f"{url}/inventories")["inventories"]
        return {
            **{key: value for key, value in found.items() if key != "links"},
            "traits": self._read(f"{url}/traits")["traits"],
            "inventories": {
                resource_class: _with_use(inventory, used[resource_class])
                for resource_class, inventory in inventories.items()
            },
        }

    def _find(self, name: str) -> dict[str, Any] | None:
        found: list[dict[str, Any]] = self._read("/resource_providers", name=name)[
            "resource_providers"
        ]
        return found[0] if found else None

    def _uuid(self, name: str) -> str:
        found = self._find(name)
        if found is None:
            raise Wrong(f"Placement has no provider {name}")
        return str(found["uuid"])

    def _read(self, path: str, **query: str) -> dict[str, Any]:
        answer = requests.get(f"{self._url}{path}", query, headers=HEADERS, timeout=60)
        answer.raise_for_status()
        read: dict[str, Any] = answer.json()
        return read

    def _send(self, method: str, path: str, body: object = None) -> requests.Response:
        url = f"{self._url}{path}"
        return requests.request(method, url, json=body, headers=HEADERS, timeout=60)


def _with_use(inventory: dict[str, Any], used: int) -> dict[str, Any]:
    """An inventory, and how much of it is used and can still be claimed."""
    amount = int((inventory["total"] - inventory["reserved"]) * inventory["allocation_ratio"])
    return {**inventory, "used": used, "free": max(0, amount - used)}
