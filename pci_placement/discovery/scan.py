"""One scan of this host, or of a tree that was captured elsewhere."""

from __future__ import annotations

from pci_placement.model import Snapshot

from .raw import LIVE_SYSFS, read
from .sysfs import make_snapshot

__all__ = ["LIVE_SYSFS", "scan"]


def scan(sysfs: str = LIVE_SYSFS) -> Snapshot:
    """Scan a sysfs tree; what the host lives on is known of the live one alone."""
    return make_snapshot(read(sysfs))
