"""Into how many groups a wish is cut, when each group must be served by one provider.

A group of several devices is served by providers that have so many free, and Placement tries every
provider for every group: the fewer groups, the fewer ways. Single devices alone find everything, at
the highest price; so the larger groups come first.

Source: placement/objects/allocation_candidate.py, _get_by_requests and _get_areq_list_generators.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Parts = tuple[int, ...]
"""How many devices each group of a wish asks for, the most first."""

Split = tuple[Parts, ...]
"""The parts of each wish of a request."""


def splits(counts: Sequence[int]) -> tuple[Split, ...]:
    """The ways to cut wishes for so many devices each: whole first, single devices last.

    For 1, 2, 4, 8, … providers there is one of as many equal parts, and one that finds all that so
    many providers can serve; at most 2·⌈log2 n⌉ for n devices in the largest wish. The last one
    finds all there is. Fewer groups come first.
    """
    found = {
        tuple(cut(count, providers) for count in counts)
        for providers in _providers(max(counts))
        for cut in (equal_parts, parts_for_any)
    }
    return tuple(sorted(found, key=_price))


def _providers(most: int) -> Iterator[int]:
    """The powers of two below a number, and the number."""
    providers = 1
    while providers < most:
        yield providers
        providers *= 2
    yield most


def _price(split: Split) -> tuple[int, Sequence[Sequence[int]]]:
    """Fewer groups are cheaper; of as many, those that fewer providers can serve."""
    return sum(map(len, split)), [[-part for part in parts] for parts in split]


def equal_parts(count: int, providers: int) -> Parts:
    """A part for each provider, as equal as can be."""
    size, larger = divmod(count, providers)
    return tuple([size + 1] * larger + [size] * (providers - larger if size else 0))


def parts_for_any(count: int, providers: int) -> Parts:
    """The fewest parts from which every division of the count among the providers can be made.

    Whatever the division, somebody gets at least the average: so much, rounded up, can be one part.
    What is left is divided among as many, and so on. No part may be larger, for the division may be
    an equal one.
    """
    parts: list[int] = []
    while count:
        parts.append(-(-count // providers))
        count -= parts[-1]
    return tuple(parts)
