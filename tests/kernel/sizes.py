"""How much memory, how many files and threads the agent takes, looked at from time to time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .hand import Hand, HandError
from .report import slope

PAUSE = 5.0
HOUR = 3600.0

MOST_GROWTH = 1024.0
"""KiB by which the memory of a process may have grown over all the time that is looked at."""


@dataclass(frozen=True, slots=True)
class Size:
    """One look at one process."""

    at: float
    pid: int
    rss: float
    files: int
    threads: int


class Sizes(threading.Thread):
    """Looks at whichever process there is, until `end`."""

    def __init__(self, hand: Hand, pid: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self.found: list[Size] = []
        self._hand, self._pid = hand, pid
        self._ended = threading.Event()

    def run(self) -> None:
        """Look every few seconds."""
        while not self._ended.wait(PAUSE):
            pid = self._pid()
            try:
                size = self._hand.size(pid=pid)
            except HandError:  # it was killed a moment ago
                continue
            self.found.append(Size(time.monotonic(), pid, *map(size.get, _FIELDS)))

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self.join()

    def save(self, file: Path) -> None:
        """Write all looks down, a line each."""
        lines = (f"{s.at:.0f},{s.pid},{s.rss},{s.files},{s.threads}" for s in self.found)
        file.write_text("\n".join(("at,pid,rss,files,threads", *lines)) + "\n")

    def of(self, pid: int) -> list[Size]:
        """The looks at one process."""
        return [size for size in self.found if size.pid == pid]


_FIELDS = ("rss", "files", "threads")


@dataclass(frozen=True, slots=True)
class Growth:
    """What became of one process after it had warmed up; before is the first look of all."""

    before: Size
    sizes: list[Size]

    @staticmethod
    def of(sizes: list[Size], warm_up: float) -> Growth:
        """Leave out the first seconds."""
        after = [size for size in sizes if size.at - sizes[0].at >= warm_up]
        return Growth(sizes[0], after)

    @property
    def seconds(self) -> float:
        """For how long it was looked at."""
        return self.sizes[-1].at - self.sizes[0].at

    @property
    def per_hour(self) -> float:
        """KiB of memory an hour, by the straight line that fits."""
        return slope([(size.at / HOUR, size.rss) for size in self.sizes])

    def faults(self) -> Iterator[str]:
        """What is not flat."""
        grown = self.per_hour * self.seconds / HOUR
        if grown > MOST_GROWTH:
            yield f"memory grew by {grown:.0f} KiB in {self.seconds:.0f} s"
        for what in ("files", "threads"):
            early, late = self._least(what)
            if late > early:
                yield f"{what} grew from {early} to {late}"

    def _least(self, what: str) -> tuple[int, int]:
        """The least in the first third and in the last: the most is what a scan has open."""
        third = len(self.sizes) // 3
        values = [getattr(size, what) for size in self.sizes]
        return min(values[:third], default=0), min(values[-third:], default=0)

    def told(self) -> str:
        """In one line."""
        last = self.sizes[-1]
        files, threads = self._least("files"), self._least("threads")
        return (
            f"{self.before.rss:.0f} KiB at its start, {self.sizes[0].rss:.0f} warm, {last.rss:.0f} "
            f"at the end: {self.per_hour:+.0f} KiB/h; at least {files[0]} then {files[1]} files, "
            f"{threads[0]} then {threads[1]} threads"
        )
