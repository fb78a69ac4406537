"""For how long what the last full pass read is believed."""

from __future__ import annotations

import hashlib

from pci_placement.model import ProviderUuid

SPREAD = 0.25


def trusted_for(interval: float, root: ProviderUuid | None, read_at: float) -> float:
    """Seconds from read_at on: the interval give or take 25 %, the same however often one asks.

    Nodes that once read all at the same moment, after a power cut, would do so for ever. By chance
    at each pass the shortest of many draws would count, so it is drawn by who read and when.
    """
    drawn = hashlib.sha256(f"{root} {read_at!r}".encode()).digest()
    share = int.from_bytes(drawn[:6]) / 256**6
    return interval * (1 + SPREAD * (2 * share - 1))
