"""The names that are known: traits and resource classes."""

import re
from collections.abc import Iterable
from functools import lru_cache

from . import bodies, query
from .answer import Answer, Refused
from .request import Request
from .state import STANDARD_CLASSES, STANDARD_TRAITS, State


def traits(state: State, request: Request) -> Answer:
    asked = query.only(request.query, ("name", "associated"))
    found = _named(state, asked["name"]) if "name" in asked else state.traits | STANDARD_TRAITS
    if "associated" in asked:
        found = _carried(state, found, asked["associated"].lower())
    return Answer(200, {"traits": list(found)})


def _named(state: State, text: str) -> Iterable[str]:
    kind, colon, value = text.partition(":")
    if not colon:
        raise Refused(400, f"Badly formed name parameter: {text!r}")
    if kind == "in":
        return [name for name in set(value.split(",")) if state.knows_trait(name)]
    known = state.traits | STANDARD_TRAITS
    return filter(_like(value).match, known) if kind == "startswith" else known


@lru_cache(maxsize=64)
def _like(prefix: str) -> re.Pattern[str]:
    """As LIKE of SQL matches: any case, and `_` is any character."""
    wild = {"_": ".", "%": ".*"}
    text = "".join(wild.get(character) or re.escape(character) for character in prefix)
    return re.compile(text, re.IGNORECASE | re.ASCII | re.DOTALL)


def _carried(state: State, found: Iterable[str], associated: str) -> list[str]:
    if associated not in ("true", "false"):
        raise Refused(400, 'The query parameter "associated" only accepts "true" or "false"')
    carried = {name for row in state.providers.values() for name in row.traits}
    return [name for name in found if (name in carried) == (associated == "true")]


def trait(state: State, request: Request) -> Answer:
    if not state.knows_trait(request.parts[1]):
        raise Refused(404, f"No such trait(s): {request.parts[1]}.")
    return Answer()


def put_trait(state: State, request: Request) -> Answer:
    name = request.parts[1]
    if not bodies.is_custom_name(name):
        raise Refused(400, f"The trait is invalid: {name}")
    if name in state.traits:
        return Answer()
    state.traits |= {name}
    return Answer(201)


def delete_trait(state: State, request: Request) -> Answer:
    trait(state, request)
    name = request.parts[1]
    if name in STANDARD_TRAITS:
        raise Refused(400, f"Cannot delete standard trait {name}.")
    if any(name in row.traits for row in state.providers.values()):
        raise Refused(409, f"The trait {name} is in use by a resource provider.")
    state.traits -= {name}
    return Answer()


def classes(state: State, _: Request) -> Answer:
    known = STANDARD_CLASSES | state.classes
    return Answer(200, {"resource_classes": [_shown_class(name) for name in known]})


def _shown_class(name: str) -> dict[str, object]:
    return {"name": name, "links": [{"rel": "self", "href": f"/resource_classes/{name}"}]}


def resource_class(state: State, request: Request) -> Answer:
    return Answer(200, _shown_class(_known_class(state, request.parts[1])))


def _known_class(state: State, name: str) -> str:
    if not state.knows_class(name):
        raise Refused(404, f"No such resource class {name}.")
    return name


def put_class(state: State, request: Request) -> Answer:
    name = request.parts[1]
    if not bodies.is_custom_name(name):
        raise Refused(400, f"JSON does not validate: {name}")
    if name in state.classes:
        return Answer()
    state.classes |= {name}
    return Answer(201)


def delete_class(state: State, request: Request) -> Answer:
    name = _known_class(state, request.parts[1])
    if name in STANDARD_CLASSES:
        raise Refused(400, f"Cannot delete standard resource class {name}.")
    if any(name in row.stocks for row in state.providers.values()):
        raise Refused(409, f"Cannot delete resource class {name}. Class is in use in inventory.")
    state.classes -= {name}
    return Answer()
