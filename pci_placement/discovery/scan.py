"""One scan of this host, of a tree that was captured elsewhere, or of a capture in a file."""

from __future__ import annotations

from pci_placement.model import Snapshot

from .capture import read_capture
from .raw import LIVE_SYSFS, RawHost, read
from .sysfs import make_snapshot

__all__ = ["LIVE_SYSFS", "look", "scan"]


def look(sysfs: str = LIVE_SYSFS) -> RawHost:
    """What is read of a host, as plain values."""
    captured = None if sysfs == LIVE_SYSFS else read_capture(sysfs)
    return captured or read(sysfs)


def scan(sysfs: str = LIVE_SYSFS) -> Snapshot:
    """Scan a sysfs tree or a capture.

    What the host lives on is known of the live one, and of a capture of a live one.
    """
    return make_snapshot(look(sysfs))
