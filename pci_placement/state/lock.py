"""The locks: one pass over a root at a time, and one who writes down who is given what."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pci_placement.errors import Locked, PciPlacementError

from .folder import Folder, NotRegular

if TYPE_CHECKING:
    from io import FileIO

_LONGEST_NUMBER = 32
NO_LOCK = (
    "cannot lock {}: it is {} and not a regular file, and without a lock two passes could write at "
    "once: remove it, and look who can put files there"
)


@contextlib.contextmanager
def alone(folder: Folder, name: str, who: str = "pass") -> Iterator[None]:
    """Keep a second pass, or whoever it is, out for as long as the context lasts.

    Raises Locked, which names the process that is ahead, PciPlacementError where something stands
    in its place that cannot be locked, or OSError where the lock cannot be written. The kernel
    drops the lock when its holder dies.
    """
    with _opened(folder, name) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told = f"another {who} is running (process {_holder(file)}); try again"
            raise Locked(told) from None
        with contextlib.suppress(OSError):  # a full disk: it is locked all the same
            _sign(file)
        yield


@contextlib.contextmanager
def _opened(folder: Folder, name: str) -> Iterator[FileIO]:
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(folder.open(name))
        except NotRegular as error:
            # somebody put it there: without a lock two passes could write at once
            raise PciPlacementError(NO_LOCK.format(folder.path / name, error.kind)) from error
        yield file


def _holder(file: FileIO) -> str:
    text = file.read(_LONGEST_NUMBER).strip()
    return text.decode() if text.isdigit() else "of unknown number"


def _sign(file: FileIO) -> None:
    file.truncate(0)
    file.write(str(os.getpid()).encode())
