"""How long we wait: for a request, between two tries, and for a pass as a whole."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pci_placement.errors import Unreachable

REQUEST_SECONDS = 60.0
LONGEST_PAUSE = 10.0
FIRST_PAUSE = 0.5

OUT_OF_TIME = (
    "{}: the pass has had its {:g} seconds and ends here, the next one goes on: look why Placement "
    "or Keystone is slow, or raise [pci_placement] pass_timeout"
)
CUT_SHORT = "{}: not sent any more, because this process is to end; the next pass goes on"


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _never() -> bool:
    return False


@dataclass(slots=True)
class Bounds:
    """The time that is left, by a clock that never goes back; without a pass there is no end.

    stopped tells, from any thread, that nothing is to be asked any more: the process is to end.
    wait is then expected to come back at once.
    """

    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = _sleep
    stopped: Callable[[], bool] = _never
    _end: float = math.inf
    _seconds: float = math.inf

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let everything in this context end after so many seconds."""
        before = self._end, self._seconds
        self._end, self._seconds = min(before, (self.now() + seconds, seconds))
        try:
            yield
        finally:
            self._end, self._seconds = before

    @property
    def is_over(self) -> bool:
        """Whether the pass has had its time, or is not to go on."""
        return self.stopped() or self._end <= self.now()

    def of_request(self, timeout: float | None, what: str) -> Deadline:
        """Until when an answer must be there. Raises Unreachable where the pass is over."""
        if self.is_over:
            raise self.spent(what)
        allowed = timeout if timeout and 0 < timeout < math.inf else REQUEST_SECONDS
        return Deadline(self.now, min(self.now() + allowed, self._end))

    def pause(self, seconds: float, what: str) -> None:
        """Wait, unless there would be no time for anything afterwards: then raise Unreachable."""
        if self.now() + seconds >= self._end:
            raise self.spent(what)
        self.wait(seconds)

    def spent(self, what: str) -> Unreachable:
        """The error of a pass that has had its time, or is not to go on."""
        if self.stopped():
            return Unreachable(CUT_SHORT.format(what))
        return Unreachable(OUT_OF_TIME.format(what, self._seconds))


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment at which one request must have its whole answer."""

    now: Callable[[], float]
    end: float

    @property
    def left(self) -> float:
        """How many seconds there are; 0 or less if there are none."""
        return self.end - self.now()


def pause_before(attempt: int, fixed: float | None, asked: str | None = None) -> float:
    """For how long to wait before the next try: as the server asked, but never for long.

    What it asks may be a date, negative, or no number at all: then we double, as if it had not.
    """
    own = FIRST_PAUSE * 2 ** min(attempt, 10) if fixed is None else fixed
    seconds = _seconds(asked)
    return min(max(own, 0.0) if seconds is None else seconds, LONGEST_PAUSE)


def _seconds(asked: str | None) -> float | None:
    try:
        seconds = float(asked or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None
