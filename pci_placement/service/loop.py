"""The loop: what follows what. Whoever drives it has the clock, and waits."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import IntEnum
from typing import Protocol

from .pace import Pace


class Wake(IntEnum):
    """What ended a wait; of several at once the greatest counts."""

    TIME = 0
    NOW = 1
    RELOAD = 2
    STOP = 3


class Passes(Protocol):
    """What the loop does, over and over."""

    @property
    def interval(self) -> float:
        """Seconds from one pass to the next."""

    def reload(self) -> bool:
        """Read the configuration again; whether it is another one now. Raises nothing."""

    def make_pass(self) -> bool:
        """Make a pass; whether the next one may come at its usual time. Raises nothing."""


def rounds(passes: Passes, pace: Pace, now: Callable[[], float]) -> Generator[float, Wake, None]:
    """Yield for how many seconds to wait, and be sent what ended the wait.

    now counts seconds from the boot of this host and never goes back. A configuration that is good
    is tried at once; with a bad one nothing changes, and the next pass comes when it was due.
    """
    due = now() + pace.first(passes.interval, now())
    while (wake := (yield max(due - now(), 0.0))) is not Wake.STOP:
        if wake is Wake.RELOAD and not passes.reload():
            continue
        went_well = passes.make_pass()
        due = now() + pace.after(went_well, passes.interval)


def drive(loop: Generator[float, Wake, None], wait: Callable[[float], Wake]) -> None:
    """Let a loop run to its end."""
    seconds = next(loop)
    while True:
        try:
            seconds = loop.send(wait(seconds))
        except StopIteration:
            return
