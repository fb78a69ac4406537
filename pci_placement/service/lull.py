"""When to look after the kernel told something: once it has ceased, and not all the time."""

from __future__ import annotations

import math
from dataclasses import dataclass

CALM = 0.5
"""Seconds without an event after which no more are expected: VFs come in one after the other."""

LONGEST = 2.0
"""Seconds after the first event for which the others are waited for."""

SHARE = 0.1
"""How much of the time may go into looks that find nothing, however much is told."""


@dataclass(slots=True)
class Lull:
    """end is when to look, in seconds of the loop's clock: never, if nothing was heard."""

    end: float = math.inf
    _latest: float = math.inf
    _earliest: float = -math.inf

    def heard(self, now: float) -> None:
        """Wait a little longer for the end of what happens, but not for ever."""
        self._latest = min(self._latest, now + LONGEST)
        self.end = max(min(now + CALM, self._latest), self._earliest)

    def passed(self) -> None:
        """Wait for something else to happen: a pass has seen all that was told of."""
        self.end = self._latest = math.inf

    def looked(self, began: float, ended: float) -> None:
        """The same after a look that found nothing; the next one may not follow at once."""
        self.passed()
        self._earliest = ended + (ended - began) * (1 / SHARE - 1)
