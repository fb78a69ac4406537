"""The query of GET /allocation_candidates, group by group."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from . import bodies, query
from .answer import QUERY_BAD_VALUE, QUERY_MISSING_VALUE, Refused
from .request import Request

_OLD_KEY = re.compile("^(resources|required|member_of|in_tree)([1-9][0-9]*)?$")
_KEY = re.compile("^(resources|required|member_of|in_tree)([a-zA-Z0-9_-]{1,64})?$")
_LIMIT = re.compile("^[1-9][0-9]*$")
_UNSUPPORTED = ("member_of", "root_required", "same_subtree")


@dataclass(frozen=True, slots=True)
class Group:
    """What one group asks for; the one without a suffix may be served by several providers."""

    suffix: str
    resources: Mapping[str, int]
    traits: query.Traits
    in_tree: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """All groups, in the order in which they were named."""

    groups: Mapping[str, Group]
    group_policy: str | None
    limit: int | None


def read(request: Request) -> Query:
    last = dict(request.query)
    suffixes = dict.fromkeys(_key(key, request.version)[1] for key in last)
    _check_values(last)
    groups = {s: _group(s, last, request) for s in suffixes if s is not None}
    _check_groups(groups, request.version)
    policy, limit = last.get("group_policy"), last.get("limit")
    if policy is None and len([suffix for suffix in groups if suffix]) > 1:
        raise Refused(400, 'The "group_policy" parameter is required')
    return Query(groups, policy, int(limit) if limit else None)


def _key(key: str, version: tuple[int, int]) -> tuple[str, str | None]:
    """What a key is of which group; of none for those of the whole query."""
    if key.startswith(_UNSUPPORTED):
        raise NotImplementedError(key)
    found = (_KEY if version >= (1, 33) else _OLD_KEY).search(key)
    if found and (found[1] != "in_tree" or version >= (1, 31)):
        return found[1], found[2] or ""
    if key in ("limit", "group_policy"):
        return key, None
    raise Refused(400, f"Invalid query string parameters: {key}")


def _check_values(last: Mapping[str, str]) -> None:
    if last.get("group_policy", "none") not in ("none", "isolate"):
        raise Refused(400, "Invalid query string parameters: group_policy")
    if not _LIMIT.search(last.get("limit", "1")):
        raise Refused(400, "Invalid query string parameters: limit")


def _group(suffix: str, last: Mapping[str, str], request: Request) -> Group:
    resources = last.get(f"resources{suffix}")
    in_tree = last.get(f"in_tree{suffix}")
    if in_tree is not None and not bodies.is_uuid(in_tree.strip()):
        raise Refused(400, f"Invalid query string parameters: in_tree{suffix}")
    return Group(
        suffix,
        {} if resources is None else query.resources(resources),
        query.traits(request.query, f"required{suffix}", request.version),
        in_tree and in_tree.strip(),
    )


def _check_groups(groups: Mapping[str, Group], version: tuple[int, int]) -> None:
    without = [suffix for suffix, group in groups.items() if not group.resources]
    if version < (1, 36):
        missing = bad = "placement.undefined_code"
    else:
        missing, bad = QUERY_MISSING_VALUE, QUERY_BAD_VALUE
    if len(without) == len(groups):
        raise Refused(400, "There must be at least one resources parameter.", missing)
    if without:
        raise Refused(400, f"All request groups must specify resources: {without}", bad)
    for group in groups.values():
        if any(one_of <= group.traits.forbidden for one_of in group.traits.required):
            raise Refused(400, f"Conflicting traits: required{group.suffix}")
