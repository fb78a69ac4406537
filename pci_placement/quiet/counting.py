"""Counting a pass that was spared in the file of metrics, line by line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from pci_placement.state.folder import Folder

_LARGEST = 2**22
PASSES = b'pci_placement_passes_total{result="spared"}'
REQUESTS = b'pci_placement_requests_total{method="GET",status="200"}'
FAILING = b"pci_placement_failing_passes"
LAST_SUCCESS = b"pci_placement_last_success_timestamp_seconds"


def count_spared(file: str, requests: int, now: float) -> None:
    """Let the file say that a pass was spared now, and how many requests showed that it could be.

    Raises OSError, or ValueError where it is not as the last pass left it.
    """
    path, name = os.path.split(file)
    folder = Folder(path)
    changes: Mapping[bytes, Callable[[float], float]] = {
        PASSES: lambda before: before + 1,
        REQUESTS: lambda before: before + requests,
        FAILING: lambda _: 0.0,
        LAST_SUCCESS: lambda _: now,
    }
    left = dict(changes)
    told = b"".join(_changed(folder.read(name, _LARGEST).splitlines(keepends=True), left))
    if left:
        raise ValueError(f"{file} does not say {list(left)}")
    folder.publish(name, told)


def _changed(lines: list[bytes], left: dict[bytes, Callable[[float], float]]) -> Iterator[bytes]:
    """The lines, with other numbers where that is wanted, each of which is then no longer left."""
    for line in lines:
        which, _, number = line.rpartition(b" ")
        change = left.pop(which, None)
        yield b"%b %r\n" % (which, change(float(number))) if change else line
