"""How many wishes can be served at once, if each takes one device out of several.

It is a maximum matching in a bipartite graph, found by augmenting paths.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pci_placement.model import PciAddress

Wish = Sequence[PciAddress]
"""The devices of which any would do."""


def most_served(wishes: Sequence[Wish], taken: Collection[PciAddress] = ()) -> int:
    """How many of the wishes can be served, each with a device of its own that is not taken."""
    server: dict[PciAddress, int] = {}
    return sum(_serve(number, wishes, server, set(taken)) for number in range(len(wishes)))


def _serve(
    number: int, wishes: Sequence[Wish], server: dict[PciAddress, int], seen: set[PciAddress]
) -> bool:
    """Serve one more wish, if need be by letting others take another device."""
    for address in wishes[number]:
        if address not in seen:
            seen.add(address)
            before = server.get(address)
            if before is None or _serve(before, wishes, server, seen):
                server[address] = number
                return True
    return False
