"""Each action as one request, or a few."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, assert_never

from pci_placement.errors import InUse, NameTaken, PlacementError
from pci_placement.model import (
    Action,
    CreateProvider,
    DeleteProvider,
    DeleteResourceClass,
    DeleteTrait,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    Inventories,
    Move,
    MoveProvider,
    NameAction,
    ProviderAction,
    ProviderUuid,
    RenameProvider,
    Reshape,
    SetInventories,
    SetTraits,
    Trait,
    Undrain,
    follow,
)

Send = Callable[..., Any]
"""Method, url and body, and a microversion where the negotiated one is too new."""

RESHAPE_VERSION = "1.37"
"""From 1.38 on GET tells a consumer_type "unknown", which POST /reshaper then refuses.

Source: placement/schemas/common.py, CONSUMER_TYPE_PATTERN.
"""


class Writer:
    """Turns actions into requests and keeps track of generations on the way."""

    def __init__(
        self,
        send: Send,
        generations: dict[ProviderUuid, int],
        others: Mapping[ProviderUuid, Inventories],
    ) -> None:
        self._send = send
        self.generations = generations
        self._others = others

    def write(self, action: Action) -> None:
        """Carry one action out. Raises PciPlacementError."""
        if isinstance(action, Reshape):
            self._reshape(action)
        elif isinstance(action, NameAction):
            self._write_name(action)
        else:
            self._write_provider(action)

    def _write_name(self, action: NameAction) -> None:
        match action:
            case EnsureResourceClass(name):
                self._send("PUT", f"/resource_classes/{name}", None)
            case EnsureTrait(name):
                self._send("PUT", f"/traits/{name}", None)
            case DeleteResourceClass(name):
                self._forget(f"/resource_classes/{name}")
            case DeleteTrait(name):
                self._forget(f"/traits/{name}")
            case _:
                assert_never(action)

    def _write_provider(self, action: ProviderAction) -> None:
        match action:
            case CreateProvider():
                self._create(action)
            case MoveProvider() | RenameProvider():
                body = {"name": action.name, "parent_provider_uuid": action.parent}
                self._send("PUT", f"/resource_providers/{action.uuid}", body)
            case SetTraits():
                self._put_traits(action.uuid, action.traits)
            case SetInventories():
                self._put_inventories(action.uuid, action.inventories)
            case Drain():
                self._put_traits(action.uuid, action.traits)
                self._put_inventories(action.uuid, action.inventories)
            case Undrain():
                self._put_inventories(action.uuid, action.inventories)
                self._put_traits(action.uuid, action.traits)
            case DeleteProvider():
                self._delete_provider(action)
            case _:
                assert_never(action)

    def _delete_provider(self, action: DeleteProvider) -> None:
        if action.empty_first:
            self._put(action.uuid, "inventories", {"inventories": {}})
        self._delete(f"/resource_providers/{action.uuid}")

    def write_together(self, inventories: Mapping[ProviderUuid, Inventories]) -> None:
        """Set the inventories of several providers, or of none. Raises PciPlacementError.

        The answer has no generations: what an inventory is in between counts, unless there is none.

        Source: placement/objects/reshaper.py, reshape.
        """
        self._send_reshape(inventories, {})
        for uuid, each in inventories.items():
            self.generations[uuid] += 2 if self._whole(uuid, each) else 1

    def _reshape(self, action: Reshape) -> None:
        self._send_reshape(action.inventories, dict(self._followed(action)))
        self._learn_generations(action.inventories)

    def _send_reshape(
        self, inventories: Mapping[ProviderUuid, Inventories], allocations: Mapping[str, Any]
    ) -> None:
        body = {
            "inventories": {
                uuid: {
                    "resource_provider_generation": self.generations[uuid],
                    "inventories": self._whole(uuid, each),
                }
                for uuid, each in inventories.items()
            },
            "allocations": allocations,
        }
        self._send("POST", "/reshaper", body, RESHAPE_VERSION)

    def _followed(self, action: Reshape) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every consumer whole, as Placement has it now, or what is left out would be dropped.

        Source: placement/objects/allocation.py, _set_allocations.
        """
        for consumer in action.consumers:
            held = self._send("GET", f"/allocations/{consumer}", None, RESHAPE_VERSION)
            if held["allocations"]:  # it may have released everything since
                yield consumer, _moved(held, action.moves)

    def _learn_generations(self, uuids: Collection[ProviderUuid]) -> None:
        """The answer to a reshape has none, and how far it moves them depends on the claims.

        Source: placement/handlers/reshaper.py, reshape; placement/objects/reshaper.py, reshape.
        """
        tree = self._send("GET", f"/resource_providers?in_tree={min(uuids)}", None)
        found = {p["uuid"]: p["generation"] for p in tree["resource_providers"]}
        self.generations |= {uuid: found[uuid] for uuid in uuids if uuid in found}

    def _forget(self, url: str) -> None:
        """Delete a name; that somebody else has it is not told by a code of its own."""
        try:
            self._delete(url)
        except PlacementError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            raise InUse("DELETE", url, error.status, error.code, error.detail) from error

    def _delete(self, url: str) -> None:
        try:
            self._send("DELETE", url, None)
        except PlacementError as error:
            if error.status != HTTPStatus.NOT_FOUND:  # gone is what was wanted
                raise

    def _create(self, action: CreateProvider) -> None:
        body = {
            "uuid": action.uuid,
            "name": action.name,
            "parent_provider_uuid": action.parent,
        }
        try:
            answer = self._send("POST", "/resource_providers", body)
        except NameTaken as error:
            # a POST whose connection dropped was sent again: then the first one did it
            answer = self._done_before(action)
            if answer is None:
                raise error from None
        self.generations[action.uuid] = answer["generation"]

    def _done_before(self, action: CreateProvider) -> Mapping[str, Any] | None:
        """The provider, if it stands where the action wants it."""
        try:
            found = self._send("GET", f"/resource_providers/{action.uuid}", None)
        except PlacementError:
            return None
        wanted = (action.name, action.parent)
        return found if (found["name"], found["parent_provider_uuid"]) == wanted else None

    def _put_traits(self, uuid: ProviderUuid, traits: Iterable[Trait]) -> None:
        self._put(uuid, "traits", {"traits": sorted(traits)})

    def _put_inventories(self, uuid: ProviderUuid, inventories: Inventories) -> None:
        self._put(uuid, "inventories", {"inventories": self._whole(uuid, inventories)})

    def _whole(self, uuid: ProviderUuid, inventories: Inventories) -> dict[str, Any]:
        """All inventories of a provider: a request that leaves one out takes it away."""
        return _as_json({**self._others.get(uuid, {}), **inventories})

    def _put(self, uuid: ProviderUuid, what: str, body: dict[str, Any]) -> None:
        body["resource_provider_generation"] = self.generations[uuid]
        answer = self._send("PUT", f"/resource_providers/{uuid}/{what}", body)
        self.generations[uuid] = answer["resource_provider_generation"]


def _as_json(inventories: Inventories) -> dict[str, Any]:
    return {name: asdict(inventory) for name, inventory in inventories.items()}


def _moved(held: Mapping[str, Any], moves: Iterable[Move[ProviderUuid]]) -> dict[str, Any]:
    """A consumer's answer of GET /allocations, as the body of a reshape wants it."""
    resources = {uuid: on["resources"] for uuid, on in held["allocations"].items()}
    after = follow(resources, moves)
    return {
        "allocations": {uuid: {"resources": amounts} for uuid, amounts in after.items()},
        "project_id": held["project_id"],
        "user_id": held["user_id"],
        "consumer_generation": held["consumer_generation"],
    }
