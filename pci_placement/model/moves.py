"""Claims that move from one class or provider to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from .provider import ProviderKey, ProviderUuid, ResourceClass

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
    held: Mapping[P, Mapping[ResourceClass, int]], moves: Iterable[Move[P]]
) -> dict[P, dict[ResourceClass, int]]:
    """What one consumer holds, by provider, after the moves, which happen all at once."""
    after = {provider: dict(resources) for provider, resources in held.items()}
    taken = [(m, after.get(m.source, {}).pop(m.source_class, 0)) for m in moves]
    for move, amount in taken:
        if amount:
            there = after.setdefault(move.target, {})
            there[move.target_class] = there.get(move.target_class, 0) + amount
    return {provider: resources for provider, resources in after.items() if resources}
