"""How a pass ended, as exit code, metric and reason for the next one."""

from __future__ import annotations

from dataclasses import dataclass

from pci_placement.agent import PassAnswer
from pci_placement.errors import (
    DiscoveryError,
    ExitCode,
    Locked,
    PciPlacementError,
    RootNotFound,
    Unsettled,
)

from .pace import Went

PASSING = (DiscoveryError, Locked, RootNotFound)
"""Reasons why there was no pass that cost Placement next to nothing: no need to leave it alone."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a pass ended, and what it answered if it came to that.

    borne: it came to nothing because of this host, which is no failure yet.
    """

    exit_code: ExitCode
    went: Went = Went.WELL
    answer: PassAnswer | None = None
    borne: bool = False

    @classmethod
    def by(cls, error: Exception, borne: bool) -> Ended:
        """The end of a pass that came to nothing."""
        code = error.exit_code if isinstance(error, PciPlacementError) else ExitCode.ERROR
        return cls(code, _went(error), borne=borne)


def _went(error: Exception) -> Went:
    if isinstance(error, Unsettled):
        return Went.UNSETTLED
    return Went.WELL if isinstance(error, PASSING) else Went.TROUBLED
