"""When to look after the kernel told something: once it has ceased, and not all the time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .pace import Went

CALM = 0.5
"""Seconds without an event after which no more are expected: VFs come in one after the other."""

LONGEST = 2.0
"""Seconds after the first event for which the others are waited for."""

MOST = 60.0
"""Seconds to which both grow, at most, while passes find this host unsettled."""

SHARE = 0.1
"""How much of the time may go into looks that find nothing, however much is told."""


_MOST_DOUBLINGS = 7  # half a second, 7 times doubled, is more than MOST


@dataclass(slots=True)
class Lull:
    """end is when to look, in seconds of the loop's clock: never, if nothing was heard."""

    end: float = math.inf
    _latest: float = math.inf
    _earliest: float = -math.inf
    _rested: float = -math.inf
    _unsettled: int = 0

    def heard(self, now: float) -> None:
        """Wait a little longer for the end of what happens, but not for ever."""
        self._latest = min(self._latest, now + self._grown(LONGEST))
        self.end = max(min(now + CALM, self._latest), self._earliest, self._rested)

    def passed(self, went: Went, now: float, at_rest: float = 0.0, owed: bool = False) -> None:
        """Wait for something else to happen: a pass has seen all that was told of.

        One that found this host unsettled has seen nothing yet. The next one comes once it is calm:
        after each in a row twice as long is waited for that, also where no event tells of what
        changes, so that a host which never settles costs Placement little. at_rest: seconds for
        which there is none. owed: what called this pass calls another one if it failed.
        """
        self._forget()
        self._unsettled = self._unsettled + 1 if went is Went.UNSETTLED else 0
        pause = self._grown(CALM) if self._unsettled else at_rest
        self._rested = now + pause  # what an earlier one had to rest for is over
        if self._unsettled or (owed and went is Went.TROUBLED):
            self.heard(now)

    def looked(self, began: float, ended: float) -> None:
        """The same after a look that found nothing; the next one may not follow at once."""
        self._forget()
        self._earliest = ended + (ended - began) * (1 / SHARE - 1)

    def _forget(self) -> None:
        self.end = self._latest = math.inf

    def _grown(self, seconds: float) -> float:
        return min(seconds * 2.0 ** min(max(self._unsettled - 1, 0), _MOST_DOUBLINGS), MOST)
