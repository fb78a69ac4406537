"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """The number with its noun: 1 node, 2 nodes; many is for nouns that do not just take an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
