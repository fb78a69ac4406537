"""The loop: what follows what. Whoever drives it has the clock, and waits."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import IntEnum
from typing import Protocol

from .lull import Lull
from .pace import Pace, Went


class Wake(IntEnum):
    """What ended a wait; of several at once the greatest counts."""

    TIME = 0
    EVENT = 1
    NOW = 2
    RELOAD = 3
    STOP = 4


class Passes(Protocol):
    """What the loop does, over and over."""

    @property
    def interval(self) -> float:
        """Seconds from one pass to the next."""

    def reload(self) -> bool:
        """Read the configuration again; whether it is another one now. Raises nothing."""

    def is_news(self) -> bool:
        """Whether this host looks otherwise than the last pass saw it. Raises nothing."""

    def make_pass(self, wake: Wake) -> Went:
        """Make a pass; how it went decides when the next one comes. Raises nothing."""


def rounds(passes: Passes, pace: Pace, now: Callable[[], float]) -> Generator[float, Wake, None]:
    """Yield for how many seconds to wait, and be sent what ended the wait.

    now counts seconds from the boot of this host and never goes back. A configuration that is good
    is tried at once; with a bad one nothing changes, and the next pass comes when it was due. An
    event is followed by a look at this host once they have ceased, and by a pass if it is news:
    not before the first pass, which has its own time, and not at once after one that failed. A pass
    that found this host unsettled is followed by another one as if there had been an event.
    """
    due, lull, begun = now() + pace.first(passes.interval, now()), Lull(), False
    while (wake := (yield max(min(due, lull.end) - now(), 0.0))) is not Wake.STOP:
        if wake is Wake.EVENT:
            if begun:
                lull.heard(now())
            continue
        if wake is Wake.RELOAD and not passes.reload():
            continue
        if wake is Wake.TIME and now() < due:
            looked_at = now()
            if not passes.is_news():
                lull.looked(looked_at, now())
                continue
            wake = Wake.EVENT
        went, begun = passes.make_pass(wake), True
        due = now() + pace.after(went is not Went.TROUBLED, passes.interval)
        lull.passed(went, now(), pace.at_rest(now()), owed=wake is Wake.EVENT)


def drive(loop: Generator[float, Wake, None], wait: Callable[[float], Wake]) -> None:
    """Let a loop run to its end."""
    seconds = next(loop)
    while True:
        try:
            seconds = loop.send(wait(seconds))
        except StopIteration:
            return
