"""Clients for what Tempest has none for, with its own authentication and bounds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tempest.lib import exceptions
from tempest.lib.common import rest_client
from tempest.lib.services.placement.base_placement_client import BasePlacementClient

CONTAINER_VERSION = "container 1.40"


class ClaimsClient(BasePlacementClient):
    """Claims of consumers, as a scheduler makes them."""

    def claim(self, consumer: str, allocations: Mapping[str, object], owner: str) -> None:
        """Claim for a consumer that has nothing yet; raises Conflict where that is taken."""
        body = {
            "allocations": {
                uuid: {"resources": held["resources"]}  # type: ignore[index]  # Placement's schema
                for uuid, held in allocations.items()
            },
            "consumer_generation": None,
            "project_id": owner,
            "user_id": owner,
        }
        answer, _ = self.put(f"/allocations/{consumer}", json.dumps(body))
        self.expected_success(204, answer.status)

    def release(self, consumer: str) -> bool:
        """Release all that a consumer has; whether that was anything."""
        try:
            self.delete(f"/allocations/{consumer}")
        except exceptions.NotFound:
            return False
        return True

    def holders(self, provider: str) -> dict[str, Any]:
        """Who has something of a provider, by the consumer's uuid."""
        return dict(self._show(f"/resource_providers/{provider}/allocations")["allocations"])

    def show_resource_class(self, name: str) -> dict[str, Any]:
        """Show a resource class; raises NotFound."""
        return self._show(f"/resource_classes/{name}")

    def _show(self, url: str) -> dict[str, Any]:
        answer, body = self.get(url)
        self.expected_success(200, answer.status)
        return dict(json.loads(body))


class ContainersClient(rest_client.RestClient):
    """Zun, as far as one container goes."""

    def get_headers(self, *arguments: Any, **more: Any) -> dict[str, str]:
        """Ask for the version that knows hints."""
        headers = super().get_headers(*arguments, **more)
        return {**headers, "OpenStack-API-Version": CONTAINER_VERSION}

    def create(self, **container: object) -> dict[str, Any]:
        """Start a container; it is not there yet when this returns."""
        answer, body = self.post("/containers/", json.dumps(container))
        self.expected_success(202, answer.status)
        return dict(json.loads(body))

    def show(self, uuid: str) -> dict[str, Any]:
        """Show a container; raises NotFound."""
        return self._read(f"/containers/{uuid}")

    def named(self, name: str) -> list[dict[str, Any]]:
        """The containers of this project with a name."""
        listed = self._read("/containers/")["containers"]
        return [container for container in listed if container["name"] == name]

    def remove(self, uuid: str) -> None:
        """Stop a container and delete it; that one is gone already is no error."""
        try:
            self.delete(f"/containers/{uuid}?stop=True")
        except exceptions.NotFound:
            return

    def _read(self, url: str) -> dict[str, Any]:
        answer, body = self.get(url)
        self.expected_success(200, answer.status)
        return dict(json.loads(body))
