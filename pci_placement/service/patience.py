"""For how long a host whose devices keep changing is waited for without a word."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pci_placement.errors import Unsettled

LONG = 60.0
"""Seconds: resizing every card of a host takes less."""


@dataclass(slots=True)
class Patience:
    """Ends once passes have found nothing but an unsettled host for so long, in seconds.

    now counts seconds and never goes back.
    """

    now: Callable[[], float]
    length: float = LONG
    _since: float = math.inf

    def bears(self, error: Exception) -> bool:
        """Whether what ended a pass is no failure yet."""
        if not isinstance(error, Unsettled):
            self.renew()
            return False
        self._since = min(self._since, self.now())
        return self.now() - self._since < self.length

    def renew(self) -> None:
        """Begin anew: this host has settled, or something else is the matter."""
        self._since = math.inf
