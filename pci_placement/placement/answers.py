"""What a sound answer looks like: the one place where what came over the wire is believed.

Whoever answers may be a proxy, a login page or a Placement that is broken. What of an answer is
used later is checked here, by the method and the path of the request; all else is ignored.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

Check = Callable[[Any], bool]

LARGEST = 2**63 - 1


class Unsound(ValueError):
    """The content of an answer is none that Placement gives; the message says what is wrong."""


def content_of(body: bytes) -> dict[str, Any]:
    """The JSON object of an answer, {} where it is empty. Raises Unsound."""
    try:
        content = json.loads(body, parse_constant=_no_number) if body.strip() else {}
    except RecursionError:
        raise Unsound("JSON that is nested too deeply") from None
    except ValueError:
        raise Unsound("no JSON") from None
    if not isinstance(content, dict):
        raise Unsound("no JSON object")
    return content


def _no_number(text: str) -> NoReturn:
    raise Unsound(f"{text} is no number")


def check(method: str, url: str, content: dict[str, Any]) -> None:
    """Compare the content of an answer with what this request is answered. Raises Unsound."""
    path, _, query = url.partition("?")
    sound = next((c for m, pattern, c in _ANSWERS if m == method and pattern.fullmatch(path)), None)
    if sound and not sound(content):
        raise Unsound("the answer is none to this request")
    whole = path == "/resource_providers" and re.fullmatch("in_tree=[^&]*", query)
    if whole and not _is_tree(content["resource_providers"]):
        raise Unsound("the resource providers are no tree")


# --- what values there are


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0


def _is_ratio(value: Any) -> bool:
    return _is_count(value) or (isinstance(value, float) and 0 <= value < math.inf)


def _text(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and bool(compiled.fullmatch(value))


def _maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _list(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _map(key: Check, check: Check) -> Check:
    return lambda value: (
        isinstance(value, dict) and all(key(name) and check(inner) for name, inner in value.items())
    )


def _object(**fields: Check) -> Check:
    """At least these fields, each as it should be."""
    return lambda value: (
        isinstance(value, dict)
        and all(name in value and check(value[name]) for name, check in fields.items())
    )


# --- what is asked for

_ID = _text(r"[0-9A-Za-z{}:.-]{1,64}")  # it becomes a part of a path
_NAME = _text("[A-Z0-9_]{1,255}")
_ANY_TEXT = _text(r"(?s:.{1,255})")
_AMOUNTS = _map(_NAME, _is_count)
_CLAIM = _object(resources=_AMOUNTS)
_PROVIDER = _object(
    uuid=_ID, name=_ANY_TEXT, parent_provider_uuid=_maybe(_ID), generation=_is_count
)
_INVENTORY = _object(
    total=_is_count,
    reserved=_is_count,
    min_unit=_is_count,
    max_unit=_is_count,
    step_size=_is_count,
    allocation_ratio=_is_ratio,
)
_WRITTEN = _object(resource_provider_generation=_is_count)
_SUMMARY = _object(
    resources=_map(_NAME, _object(capacity=_is_number, used=_is_count)),
    traits=_list(_NAME),
    root_provider_uuid=_ID,
)
_CONSUMER = _object(
    allocations=_map(_ID, _CLAIM),
    project_id=_ANY_TEXT,
    user_id=_ANY_TEXT,
    consumer_generation=_maybe(_is_count),
)
_SHAPE_OF_CANDIDATES = _object(
    allocation_requests=_list(_object(allocations=_map(_ID, _CLAIM))),
    provider_summaries=_map(_ID, _SUMMARY),
)


def _is_consumer(value: Any) -> bool:
    return _CONSUMER(value) or value.get("allocations") == {}


def _is_candidates(value: Any) -> bool:
    if not _SHAPE_OF_CANDIDATES(value):
        return False
    summaries = value["provider_summaries"]
    claims = [request["allocations"] for request in value["allocation_requests"]]
    return all(claim and claim.keys() <= summaries.keys() for claim in claims)


def _is_nothing(value: Any) -> bool:
    return bool(value == {})


def _is_tree(lines: Iterable[Mapping[str, Any]]) -> bool:
    """Whether all but one stand below another of them, or there is none."""
    parents = {line["uuid"]: line["parent_provider_uuid"] for line in lines}
    reached = {None}
    while below := {uuid for uuid, parent in parents.items() if parent in reached} - reached:
        reached |= below
    roots = [uuid for uuid, parent in parents.items() if parent is None]
    return reached - {None} == parents.keys() and len(roots) == bool(parents)


def _path(template: str) -> re.Pattern[str]:
    return re.compile(template.replace("*", "[^/]+"))


_ANSWERS: tuple[tuple[str, re.Pattern[str], Check], ...] = tuple(
    (method, _path(template), check)
    for method, template, check in (
        ("GET", "/resource_providers", _object(resource_providers=_list(_PROVIDER))),
        ("POST", "/resource_providers", _PROVIDER),
        ("GET", "/resource_providers/*", _PROVIDER),
        ("PUT", "/resource_providers/*", _PROVIDER),
        ("GET", "/resource_providers/*/inventories", _object(inventories=_map(_NAME, _INVENTORY))),
        ("PUT", "/resource_providers/*/inventories", _WRITTEN),
        ("GET", "/resource_providers/*/traits", _object(traits=_list(_NAME))),
        ("PUT", "/resource_providers/*/traits", _WRITTEN),
        ("GET", "/resource_providers/*/aggregates", _object(aggregates=_list(_ID))),
        ("GET", "/resource_providers/*/usages", _object(usages=_AMOUNTS)),
        ("GET", "/resource_providers/*/allocations", _object(allocations=_map(_ID, _CLAIM))),
        ("GET", "/allocations/*", _is_consumer),
        ("GET", "/resource_classes", _object(resource_classes=_list(_object(name=_NAME)))),
        ("GET", "/traits", _object(traits=_list(_NAME))),
        ("GET", "/allocation_candidates", _is_candidates),
        ("PUT", "/resource_classes/*", _is_nothing),
        ("PUT", "/traits/*", _is_nothing),
        ("PUT", "/allocations/*", _is_nothing),
        ("POST", "/reshaper", _is_nothing),
        ("DELETE", "/resource_providers/*", _is_nothing),
        ("DELETE", "/resource_classes/*", _is_nothing),
        ("DELETE", "/traits/*", _is_nothing),
    )
)
