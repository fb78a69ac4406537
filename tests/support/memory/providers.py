"""Resource providers: list, create, read, change, delete."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from ..database import Row
from . import bodies, query
from .answer import CANNOT_DELETE_PARENT, DUPLICATE_NAME, PROVIDER_IN_USE, Answer, Refused
from .request import Request
from .state import State

_RELATIONS = ("inventories", "usages", "aggregates", "traits", "allocations")
_FILTERS = ("name", "uuid", "in_tree", "required", "resources")
_NAME = {"name": bodies.is_provider_name}
_PARENT = {"parent_provider_uuid": bodies.is_uuid_or_null}
_CREATED = {"uuid": bodies.is_uuid, **_PARENT}


def provider(state: State, uuid: str) -> Row:
    """The provider, or 404."""
    row = state.providers.get(uuid)
    if row is None:
        raise Refused(404, f"No resource provider with uuid {uuid} found")
    return row


def show(state: State, request: Request) -> Answer:
    return Answer(200, _shown(state, request.parts[1]))


def _shown(state: State, uuid: str) -> dict[str, Any]:
    row = provider(state, uuid)
    return {
        "uuid": uuid,
        "name": row.name,
        "generation": row.generation,
        "links": _links(uuid),
        "parent_provider_uuid": row.parent,
        "root_provider_uuid": state.roots[uuid],
    }


@lru_cache(maxsize=4096)
def _links(uuid: str) -> list[dict[str, str]]:
    """One list for all answers: nobody changes it."""
    url = f"/resource_providers/{uuid}"
    relations = [{"rel": relation, "href": f"{url}/{relation}"} for relation in _RELATIONS]
    return [{"rel": "self", "href": url}, *relations]


def listing(state: State, request: Request) -> Answer:
    filters = query.only(request.query, _FILTERS)
    for key in ("uuid", "in_tree"):
        if key in filters and not bodies.is_dashed_uuid(filters[key]):
            raise Refused(400, f"Invalid query string parameters: {key}")
    traits = query.traits(request.query, "required", request.version)
    resources = query.resources(filters["resources"]) if "resources" in filters else {}
    found = _with_resources(state, _with_traits(state, _named(state, filters), traits), resources)
    return Answer(200, {"resource_providers": [_shown(state, uuid) for uuid in found]})


def _named(state: State, filters: Mapping[str, str]) -> Iterable[str] | None:
    """The providers of a tree, or all, by name and uuid; None where the tree is not known."""
    tree, name, uuid = filters.get("in_tree"), filters.get("name"), filters.get("uuid")
    if tree is not None and tree not in state.providers:
        return None
    found: Iterable[str] = state.tree_of(tree) if tree else state.providers
    if name:
        found = {state.uuids[name]}.intersection(found) if name in state.uuids else ()
    return found if uuid is None else [each for each in found if each == uuid]


def _with_traits(
    state: State, found: Iterable[str] | None, traits: query.Traits
) -> Iterable[str] | None:
    """What is not asked for any more has unknown names in it without complaint, as in Placement."""
    if found is None:
        return None
    if traits.required:
        query.check_traits(state, (name for one_of in traits.required for name in one_of))
        if not any(traits.has_required(row.traits) for row in state.providers.values()):
            return None
    query.check_traits(state, traits.forbidden)
    if not (traits.required or traits.forbidden):
        return found
    return [uuid for uuid in found if traits.fit(state.providers[uuid].traits)]


def _with_resources(
    state: State, found: Iterable[str] | None, resources: Mapping[str, int]
) -> Iterable[str]:
    if found is None:
        return ()
    query.check_classes(state, resources)
    if not resources:
        return found
    rows = ((uuid, state.providers[uuid]) for uuid in found)
    return [u for u, row in rows if all(query.has_room(row, *each) for each in resources.items())]


def create(state: State, request: Request) -> Answer:
    body = bodies.accept(request.sent, _NAME, _CREATED)
    uuid = str(UUID(body["uuid"])) if "uuid" in body else str(uuid4())
    name, parent = body["name"], body.get("parent_provider_uuid")
    if not name or parent == uuid or (parent is not None and parent not in state.providers):
        raise Refused(400, f'Unable to create resource provider "{name}", {uuid}')
    if uuid in state.providers or name in state.uuids:
        raise Refused(409, f"Conflicting resource provider {name} already exists", DUPLICATE_NAME)
    state.providers[uuid] = Row(name, parent, 0)
    state.uuids[name] = uuid
    state.place([uuid], uuid if parent is None else state.roots[parent])
    return Answer(200, _shown(state, uuid))


def update(state: State, request: Request) -> Answer:
    body, uuid = request.sent, request.parts[1]
    row = provider(state, uuid)
    bodies.accept(body, _NAME, _PARENT)
    name, parent = body["name"], body.get("parent_provider_uuid", row.parent)
    _check_parent(state, uuid, parent, request.version)
    if state.uuids.get(name, uuid) != uuid:
        raise Refused(409, f"Conflicting resource provider {name} already exists", DUPLICATE_NAME)
    del state.uuids[row.name]
    state.uuids[name] = uuid
    _move(state, uuid, parent)
    state.change(uuid, name=name)
    return Answer(200, _shown(state, uuid))


def _check_parent(state: State, uuid: str, parent: str | None, version: tuple[int, int]) -> None:
    before = state.providers[uuid].parent
    if before is not None and parent != before and version < (1, 37):
        raise Refused(400, "re-parenting a provider is not currently allowed")
    if parent is None:
        return
    if parent not in state.providers:
        raise Refused(400, "parent provider UUID does not exist")
    if parent in state.below(uuid):
        raise Refused(400, "creating loop in the provider tree is not allowed")


def _move(state: State, uuid: str, parent: str | None) -> None:
    root = uuid if parent is None else state.roots[parent]
    if root != state.roots[uuid]:
        below = state.below(uuid)
        state.place([each for each in state.tree_of(uuid) if each in below], root)
    if parent != state.providers[uuid].parent:
        state.change(uuid, parent=parent)


def delete(state: State, request: Request) -> Answer:
    uuid = request.parts[1]
    row = provider(state, uuid)
    if state.has_children(uuid):
        raise Refused(409, f"Unable to delete parent {uuid}", CANNOT_DELETE_PARENT)
    if row.claims:
        raise Refused(409, f"Unable to delete {uuid}: it has allocations", PROVIDER_IN_USE)
    state.leave(uuid)
    del state.providers[uuid], state.uuids[row.name]
    return Answer()
