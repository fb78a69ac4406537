"""The lock: one pass over a root at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pci_placement.errors import Locked

from .folder import Folder

if TYPE_CHECKING:
    from io import FileIO

_LONGEST_NUMBER = 32


@contextlib.contextmanager
def alone(folder: Folder, name: str) -> Iterator[None]:
    """Keep a second pass out for as long as the context lasts.

    Raises Locked, which names the process that is ahead, or OSError where the lock cannot be
    written. The kernel drops the lock when its holder dies.
    """
    with folder.open(name) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(f"another pass is running (process {_holder(file)}); try again") from None
        with contextlib.suppress(OSError):  # a full disk: it is locked all the same
            _sign(file)
        yield


def _holder(file: FileIO) -> str:
    text = file.read(_LONGEST_NUMBER).strip()
    return text.decode() if text.isdigit() else "of unknown number"


def _sign(file: FileIO) -> None:
    file.truncate(0)
    file.write(str(os.getpid()).encode())
