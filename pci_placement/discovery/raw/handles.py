"""Directory handles: what is read through one is of one incarnation of a directory."""

import os

DEVICES = "bus/pci/devices"
"""Where sysfs lists the PCI functions, below its root."""

FOLDER = os.O_RDONLY | os.O_DIRECTORY
"""How a directory is opened."""


class Opened:
    """A directory, open for as long as a `with` lasts; below another one's handle if that is given.

    Raises OSError.
    """

    def __init__(self, path: str, within: int | None = None) -> None:
        self._handle = os.open(path, FOLDER, dir_fd=within)

    def __enter__(self) -> int:
        return self._handle

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)
