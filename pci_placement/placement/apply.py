"""Carrying out a plan: each action is one or two requests, and has a result of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from pci_placement.errors import (
    GenerationConflict,
    InUse,
    NameTaken,
    PciPlacementError,
    PlacementError,
)
from pci_placement.model import (
    Action,
    CreateProvider,
    DeleteProvider,
    Drain,
    EnsureResourceClass,
    EnsureTrait,
    Inventories,
    MoveProvider,
    Plan,
    RenameProvider,
    SetInventories,
    SetTraits,
    Trait,
    Undrain,
)

Send = Callable[[str, str, Any], Any]


class Result(StrEnum):
    """What became of an action."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Done:
    """An action and what became of it; why says it for anything but `done`."""

    action: Action
    result: Result
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan.

    generations are those that the providers have now, as far as Placement told. stopped is the
    error that ended the plan before its end, if one did.
    """

    results: tuple[Done, ...]
    generations: Mapping[str, int] = field(default_factory=dict)
    stopped: PciPlacementError | None = None

    @property
    def failed(self) -> tuple[Done, ...]:
        """The actions that did not succeed though nothing stopped the plan."""
        return tuple(done for done in self.results if done.result is Result.FAILED)


def carry_out(plan: Plan, send: Send) -> Outcome:
    """Apply the actions in order.

    An action that fails lets later ones on the same provider, and on its children, be skipped. A
    generation conflict, a lost connection or a refused login stops the whole plan.
    """
    writer = _Writer(send, dict(plan.generations))
    results: list[Done] = []
    broken: set[str] = set()
    for position, action in enumerate(plan.actions):
        if broken & _touched(action):
            broken.add(action.uuid)
            results.append(
                Done(action, Result.SKIPPED, "a provider that it rests on was not written")
            )
            continue
        try:
            writer.write(action)
        except InUse as error:
            broken.add(action.uuid)
            results.append(Done(action, Result.SKIPPED, str(error)))
        except PciPlacementError as error:
            if _is_of_one_provider(error):
                broken |= {action.uuid} - {""}
                results.append(Done(action, Result.FAILED, str(error)))
                continue
            unfinished = _unfinished(plan.actions[position:], error)
            return Outcome((*results, *unfinished), writer.generations, error)
        else:
            results.append(Done(action, Result.DONE))
    return Outcome(tuple(results), writer.generations)


def _is_of_one_provider(error: PciPlacementError) -> bool:
    """Whether the rest of a plan can go on; after a conflict it rests on what is no longer true."""
    return isinstance(error, PlacementError) and not isinstance(error, GenerationConflict)


def _touched(action: Action) -> set[str]:
    """The provider that an action changes, and those whose own actions it rests on."""
    match action:
        case CreateProvider():
            return {action.uuid, action.parent}
        case SetInventories() | Undrain():
            return {action.uuid, *action.only_after}
    return {action.uuid}


def _unfinished(actions: Iterable[Action], error: PciPlacementError) -> list[Done]:
    first, *rest = actions
    return [
        Done(first, Result.FAILED, str(error)),
        *(Done(action, Result.SKIPPED, "not tried") for action in rest),
    ]


class _Writer:
    """Turns actions into requests and keeps track of generations on the way."""

    def __init__(self, send: Send, generations: dict[str, int]) -> None:
        self._send = send
        self.generations = generations

    def write(self, action: Action) -> None:
        match action:
            case EnsureResourceClass(name):
                self._send("PUT", f"/resource_classes/{name}", None)
            case EnsureTrait(name):
                self._send("PUT", f"/traits/{name}", None)
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
                self._delete(action.uuid)

    def _delete(self, uuid: str) -> None:
        try:
            self._send("DELETE", f"/resource_providers/{uuid}", None)
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
            # keystoneauth repeats a POST whose connection dropped: then the first one did it
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

    def _put_traits(self, uuid: str, traits: Iterable[Trait]) -> None:
        self._put(uuid, "traits", {"traits": sorted(traits)})

    def _put_inventories(self, uuid: str, inventories: Inventories) -> None:
        body = {name: asdict(inventory) for name, inventory in inventories.items()}
        self._put(uuid, "inventories", {"inventories": body})

    def _put(self, uuid: str, what: str, body: dict[str, Any]) -> None:
        body["resource_provider_generation"] = self.generations[uuid]
        answer = self._send("PUT", f"/resource_providers/{uuid}/{what}", body)
        self.generations[uuid] = answer["resource_provider_generation"]
