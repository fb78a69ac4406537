"""Whether the loop still does what it should: it says for how long nothing is to be heard of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Pulse:
    """Written by the loop and read by another thread; now never goes back."""

    now: Callable[[], float]
    _until: float = 0.0

    def expect(self, seconds: float) -> None:
        """Something will be heard within so many seconds, unless something is wrong."""
        self._until = self.now() + seconds

    def is_felt(self, slack: float) -> bool:
        """Whether that time is not over, nor so many seconds more."""
        return self.now() <= self._until + slack
