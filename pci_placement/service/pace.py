"""When the next pass is due. All nodes of a cloud have the same interval, and one Placement."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

JUST_BOOTED = 600.0
"""Seconds after its boot during which a host takes it that others have booted with it."""

JITTER = 0.1
LONGEST = 600.0
"""Seconds between two passes that fail, at most, unless the interval itself is longer."""

HURRY = 5.0
"""Seconds for which nothing is asked after a failed pass, whatever happens; doubled for each."""

_MOST_DOUBLINGS = 16  # 2 ** 16 seconds are more than the longest wait


class Went(Enum):
    """How a pass went, for who decides when the next one comes."""

    WELL = "at its usual time"
    UNSETTLED = "once this host is calm: its devices changed while they were looked at"
    TROUBLED = "later: Placement or this program had better be left in peace"


@dataclass(slots=True)
class Pace:
    """For how many seconds to wait; uniform(a, b) draws a number between two others."""

    uniform: Callable[[float, float], float]
    failures: int = 0

    def first(self, interval: float, uptime: float) -> float:
        """Before the first pass: no time at all, unless the whole cloud may be starting."""
        return self.uniform(0.0, interval) if uptime < JUST_BOOTED else 0.0

    def after(self, went_well: bool, interval: float) -> float:
        """After a pass: the interval, and twice as long after each that failed in a row.

        From half to the whole of what it would be, so that nodes which failed together come back
        apart; never sooner than after a pass that went well, and never later than LONGEST.
        """
        if went_well:
            self.failures = 0
            return self.uniform(interval * (1 - JITTER), interval * (1 + JITTER))
        self.failures = min(self.failures + 1, _MOST_DOUBLINGS)
        return self._backed_off(interval, max(LONGEST, 2 * interval))

    def at_rest(self, uptime: float) -> float:
        """For how long after a pass no event hastens the next one: not at all if it went well.

        After one that failed it is a backing off of its own, of shorter waits, for the few hosts
        that have news; for ever where the whole cloud may be starting and all have some.
        """
        if not self.failures:
            return 0.0
        return self._backed_off(HURRY, LONGEST) if uptime >= JUST_BOOTED else math.inf

    def _backed_off(self, seconds: float, most: float) -> float:
        longest = min(seconds * 2.0**self.failures, most)
        return self.uniform(longest / 2, longest)
