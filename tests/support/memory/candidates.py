"""GET /allocation_candidates: every way to serve a query, in no promised order.

Aggregates, sharing providers, root_required and same_subtree are not known here: a request that
rests on one of them ends the test that sent it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import product
from typing import Any

import os_traits

from ..database import Row
from . import query
from .answer import Answer
from .groups import Group, Query, read
from .request import Request
from .state import State

Amounts = dict[tuple[str, str], int]
"""How much is claimed of which class of which provider."""

Way = tuple[tuple[str, frozenset[str]], Amounts]
"""One way to serve one group: its suffix, the providers that do, and what is claimed."""

Candidate = tuple[frozenset[tuple[tuple[str, str], int]], frozenset[tuple[str, frozenset[str]]]]
"""What is claimed altogether, and which providers serve which group."""


def listing(state: State, request: Request) -> Answer:
    asked = read(request)
    _check_supported(state, asked)
    ways: dict[str, dict[str, list[Way]]] = {}
    for suffix, group in asked.groups.items():
        ways[suffix] = _ways(state, group, bool(suffix))
        if not ways[suffix]:  # Placement does not look at the groups after it
            return _answer(state, [], request.version)
    found = list(dict.fromkeys(_candidates(state, asked, ways)))
    return _answer(state, found[: asked.limit], request.version)


def _check_supported(state: State, asked: Query) -> None:
    sharing = os_traits.MISC_SHARES_VIA_AGGREGATE
    if any(sharing in row.traits for row in state.providers.values()):
        raise NotImplementedError("sharing providers")
    plain = asked.groups.get("")
    named = {name for suffix, group in asked.groups.items() if suffix for name in group.resources}
    if plain and asked.group_policy != "none" and named & plain.resources.keys():
        # there it adds amounts up in place, from one candidate to the next
        raise NotImplementedError("a class in a group with and one without a number")


def _ways(state: State, group: Group, of_one_provider: bool) -> dict[str, list[Way]]:
    """The ways to serve a group, by the root of the tree."""
    query.check_classes(state, group.resources)
    traits = group.traits
    named = [*(name for one_of in traits.required for name in one_of), *traits.forbidden]
    query.check_traits(state, named)
    if group.in_tree is not None and group.in_tree not in state.providers:
        return {}
    roots = [state.roots[group.in_tree]] if group.in_tree else state.members
    ways = _ways_of_one if of_one_provider else _ways_of_tree
    found = {root: list(ways(state, group, state.members[root])) for root in roots}
    return {root: some for root, some in found.items() if some}


def _ways_of_one(state: State, group: Group, tree: Iterable[str]) -> Iterator[Way]:
    for uuid in tree:
        row = state.providers[uuid]
        if group.traits.fit(row.traits) and _has_all(row, group.resources):
            amounts = {(uuid, name): amount for name, amount in group.resources.items()}
            yield (group.suffix, frozenset((uuid,))), amounts


def _has_all(row: Row, resources: Mapping[str, int]) -> bool:
    return all(query.has_room(row, name, amount) for name, amount in resources.items())


def _ways_of_tree(state: State, group: Group, tree: Iterable[str]) -> Iterator[Way]:
    """Each class may come from another provider; together they have the traits."""
    rows = {uuid: state.providers[uuid] for uuid in tree}
    choices = [
        [uuid for uuid, row in rows.items() if query.has_room(row, *wanted)]
        for wanted in group.resources.items()
    ]
    for chosen in product(*choices):
        if group.traits.fit(_traits(state, chosen)):
            amounts = zip(
                zip(chosen, group.resources, strict=True), group.resources.values(), strict=True
            )
            yield (group.suffix, frozenset(chosen)), dict(amounts)


def _traits(state: State, uuids: Iterable[str]) -> set[str]:
    return {name for uuid in uuids for name in state.providers[uuid].traits}


def _candidates(
    state: State, asked: Query, ways: Mapping[str, Mapping[str, list[Way]]]
) -> Iterator[Candidate]:
    first, *others = ways.values()
    for root in first:
        if all(root in each for each in others):
            for chosen in product(*(each[root] for each in ways.values())):
                yield from _combined(state, asked, chosen)


def _combined(state: State, asked: Query, chosen: Collection[Way]) -> Iterator[Candidate]:
    mappings = [mapping for mapping, _ in chosen]
    alone = [uuids for suffix, uuids in mappings if suffix]
    if asked.group_policy == "isolate" and len(frozenset().union(*alone)) != len(alone):
        return
    amounts: Amounts = {}
    for _, some in chosen:
        for place, amount in some.items():
            amounts[place] = amounts.get(place, 0) + amount
    if all(_fits(state.providers[uuid], name, n) for (uuid, name), n in amounts.items()):
        yield frozenset(amounts.items()), frozenset(mappings)


def _fits(row: Row, name: str, amount: int) -> bool:
    """The sum of several groups is not held against min_unit and step_size."""
    return row.used(name) + amount <= _capacity(row, name) and amount <= row.stocks[name].max_unit


def _capacity(row: Row, name: str) -> int:
    stock = row.stocks[name]
    return int((stock.total - stock.reserved) * stock.allocation_ratio)


def _answer(state: State, found: Collection[Candidate], version: tuple[int, int]) -> Answer:
    roots = {state.roots[uuid] for amounts, _ in found for (uuid, _), _ in amounts}
    summaries = {uuid: _summary(state, uuid) for root in roots for uuid in state.members[root]}
    requests = [_shown(*candidate, version) for candidate in found]
    return Answer(200, {"allocation_requests": requests, "provider_summaries": summaries})


def _shown(
    amounts: Iterable[tuple[tuple[str, str], int]],
    mappings: Iterable[tuple[str, frozenset[str]]],
    version: tuple[int, int],
) -> dict[str, Any]:
    allocations: dict[str, Any] = {}
    for (uuid, name), amount in amounts:
        allocations.setdefault(uuid, {"resources": {}})["resources"][name] = amount
    shown = {"allocations": allocations}
    if version >= (1, 34):
        shown["mappings"] = {suffix: sorted(uuids) for suffix, uuids in mappings}
    return shown


def _summary(state: State, uuid: str) -> dict[str, Any]:
    row = state.providers[uuid]
    resources = {
        name: {"capacity": _capacity(row, name), "used": row.used(name)} for name in row.stocks
    }
    return {
        "resources": resources,
        "traits": list(row.traits),
        "parent_provider_uuid": row.parent,
        "root_provider_uuid": state.roots[uuid],
    }
