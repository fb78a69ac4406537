"""Claims that move from one class or provider to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .provider import Consumers, ConsumerUuid, ProviderKey, ProviderUuid, ResourceClass

P = TypeVar("P", ProviderKey, ProviderUuid)
"""How providers are named: by their keys where it is planned, by their uuids where it is done."""


@dataclass(frozen=True, slots=True)
class Move(Generic[P]):
    """All claims of one class of one provider become claims of another class, or provider."""

    source: P
    source_class: ResourceClass
    target: P
    target_class: ResourceClass


def follow(
    claimed: Mapping[P, Mapping[ResourceClass, int]], moves: Iterable[Move[P]]
) -> dict[P, dict[ResourceClass, int]]:
    """What one consumer holds, by provider, after the moves, which happen all at once."""
    return _follow(claimed, _by_source(moves))


def follow_all(
    consumers: Mapping[P, Consumers], moves: Iterable[Move[P]]
) -> dict[P, dict[ConsumerUuid, Mapping[ResourceClass, int]]]:
    """The same of all consumers of some providers; all that take part are in the result."""
    after: dict[P, dict[ConsumerUuid, Mapping[ResourceClass, int]]]
    after, routes = {provider: {} for provider in consumers}, _by_source(moves)
    for who, claimed in _by_consumer(consumers).items():
        for provider, resources in _follow(claimed, routes).items():
            after.setdefault(provider, {})[who] = resources
    return after


def _by_consumer(
    consumers: Mapping[P, Consumers],
) -> dict[ConsumerUuid, dict[P, Mapping[ResourceClass, int]]]:
    found: dict[ConsumerUuid, dict[P, Mapping[ResourceClass, int]]] = {}
    for provider, claims in consumers.items():
        for who, claimed in claims.items():
            found.setdefault(who, {})[provider] = claimed
    return found


def _by_source(moves: Iterable[Move[P]]) -> dict[P, list[Move[P]]]:
    found: dict[P, list[Move[P]]] = {}
    for move in moves:
        found.setdefault(move.source, []).append(move)
    return found


def _follow(
    claimed: Mapping[P, Mapping[ResourceClass, int]], routes: Mapping[P, Sequence[Move[P]]]
) -> dict[P, dict[ResourceClass, int]]:
    after = {provider: dict(resources) for provider, resources in claimed.items()}
    ways = [move for provider in claimed for move in routes.get(provider, ())]
    taken = [(move, after[move.source].pop(move.source_class, 0)) for move in ways]
    for move, amount in taken:
        if amount:
            there = after.setdefault(move.target, {})
            there[move.target_class] = there.get(move.target_class, 0) + amount
    return {provider: resources for provider, resources in after.items() if resources}
