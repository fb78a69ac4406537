"""Directory handles: what is read through one is of one incarnation of a directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

DEVICES = "bus/pci/devices"
"""Where sysfs lists the PCI functions, below its root."""


@contextmanager
def opened(path: str, within: int | None = None) -> Iterator[int]:
    """Open a directory, below another one's handle if that is given. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=within)
    try:
        yield handle
    finally:
        os.close(handle)
