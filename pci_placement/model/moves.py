"""Claims that move from one class or provider to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .provider import ResourceClass


@dataclass(frozen=True, slots=True)
class Move:
    """All claims of one class of one provider become claims of another place."""

    source: str
    source_class: ResourceClass
    target: str
    target_class: ResourceClass


Holdings = Mapping[str, Mapping[ResourceClass, int]]
"""What one consumer holds, by provider uuid."""


def follow(held: Holdings, moves: Iterable[Move]) -> dict[str, dict[ResourceClass, int]]:
    """What a consumer holds after the moves, which happen all at once."""
    after = {uuid: dict(resources) for uuid, resources in held.items()}
    taken = [(m, after.get(m.source, {}).pop(m.source_class, 0)) for m in moves]
    for move, amount in taken:
        if amount:
            there = after.setdefault(move.target, {})
            there[move.target_class] = there.get(move.target_class, 0) + amount
    return {uuid: resources for uuid, resources in after.items() if resources}
