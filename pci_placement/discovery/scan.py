"""One scan of this host, or of a tree that was captured elsewhere."""

from __future__ import annotations

import os
from dataclasses import replace

from pci_placement.model import Snapshot

from .host_use import HostUse
from .sysfs import Sysfs

LIVE_SYSFS = "/sys"


def scan(sysfs: str = LIVE_SYSFS) -> Snapshot:
    """Scan a sysfs tree; what the host lives on is known of the live one alone."""
    snapshot = Sysfs(sysfs).read()
    live = os.path.realpath(sysfs) == LIVE_SYSFS
    return replace(snapshot, in_use=HostUse().read()) if live else snapshot
