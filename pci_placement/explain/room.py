"""Whether a request fits anywhere, by counting what is free instead of asking for candidates."""

from __future__ import annotations

from collections.abc import Iterable

from pci_placement.mapping.request import MICROVERSION, query, single_groups
from pci_placement.mapping.usage import Usages
from pci_placement.model import PciAlias
from pci_placement.placement import Client, Cloud

from .combined import roots
from .wish import Wish


def has_room(client: Client, usages: Usages, aliases: Iterable[PciAlias], exclusive: bool) -> bool:
    """Whether some node has all of a request free now: one request for each wish.

    Raises PlacementError (400) for names that Placement has never heard of.
    """
    cloud = Cloud(client)
    wishes = [
        Wish(usage, group, False, tuple(cloud.offers(query([group]), MICROVERSION)))
        for usage, group in zip(usages, single_groups(usages, aliases, exclusive), strict=True)
    ]
    return bool(roots(wishes))
