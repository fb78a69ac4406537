"""Whether several wishes fit on one node at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from pci_placement.model import ResourceClass

from .wish import Wish, times

_Free = Mapping[str, Mapping[ResourceClass, int]]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What must come from one provider, how often, and which providers may give it."""

    resources: Mapping[ResourceClass, int]
    resource_class: ResourceClass
    number: int
    uuids: frozenset[str]


def fits(wishes: Sequence[Wish], root: str) -> bool:
    """Whether a node has enough for all wishes.

    A piece that takes a whole card, or several devices of one provider, is tried on every provider
    that differs; devices that are claimed one by one are counted.
    """
    pieces = [_piece(wish, root) for wish in wishes]
    bulky = [p for wish, piece in zip(wishes, pieces, strict=True) for p in _bulky(wish, piece)]
    single = [p for wish, p in zip(wishes, pieces, strict=True) if not _is_bulky(wish)]
    free = {p.uuid: p.free for wish in wishes for p in wish.offers if p.root == root}
    return _placed(bulky, single, free)


def _is_bulky(wish: Wish) -> bool:
    return wish.together or wish.group.slots > 1


def _bulky(wish: Wish, piece: _Piece) -> Iterator[_Piece]:
    if _is_bulky(wish):
        for _ in range(piece.number):
            yield replace(piece, number=1)


def _piece(wish: Wish, root: str) -> _Piece:
    """The wish as one piece for one provider, or as one for each device."""
    uuids = frozenset(p.uuid for p in wish.offers if p.root == root)
    size = wish.usage.count if wish.together else 1
    resources = {name: amount * size for name, amount in wish.group.resources.items()}
    return _Piece(resources, wish.group.resource_class, wish.usage.count // size, uuids)


def _placed(bulky: Sequence[_Piece], single: Sequence[_Piece], free: _Free) -> bool:
    if not bulky:
        return _enough(single, free)
    first, *rest = bulky
    return any(_placed(rest, single, left) for left in _after(first, [*rest, *single], free))


def _after(piece: _Piece, others: Sequence[_Piece], free: _Free) -> Iterator[_Free]:
    """What is left when a piece is taken, for each provider that makes a difference."""
    tried = set()
    for uuid in sorted(piece.uuids):
        kind = (frozenset(free[uuid].items()), tuple(uuid in other.uuids for other in others))
        if kind in tried or not times(free[uuid], piece.resources):
            continue
        tried.add(kind)
        yield {**free, uuid: _less(free[uuid], piece.resources)}


def _less(
    free: Mapping[ResourceClass, int], resources: Mapping[ResourceClass, int]
) -> dict[ResourceClass, int]:
    return {name: amount - resources.get(name, 0) for name, amount in free.items()}


def _enough(single: Sequence[_Piece], free: _Free) -> bool:
    """Whether every choice of pieces of a class finds as many devices as it has (Hall)."""
    merged: dict[tuple[ResourceClass, frozenset[str]], _Piece] = {}
    for piece in single:
        key = piece.resource_class, piece.uuids
        number = merged[key].number if key in merged else 0
        merged[key] = replace(piece, number=number + piece.number)
    return all(_has(chosen, free) for chosen in _choices(list(merged.values())))


def _choices(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    for name in {piece.resource_class for piece in pieces}:
        same = [piece for piece in pieces if piece.resource_class == name]
        for size in range(1, len(same) + 1):
            yield from combinations(same, size)


def _has(pieces: Sequence[_Piece], free: _Free) -> bool:
    uuids = frozenset[str]().union(*(piece.uuids for piece in pieces))
    there = sum(times(free[uuid], pieces[0].resources) for uuid in uuids)
    return sum(piece.number for piece in pieces) <= there
