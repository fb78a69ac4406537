"""The cases that fail today, each with what happens; a case that passes must leave the table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mends(StrEnum):
    """Which kind of change will let a case pass."""

    PROMISE = "promise"
    """What is offered, held or shown of a device, or told where a promise would else be broken."""
    MESSAGE = "message"
    """What an operator is told: nothing else is wrong."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a case fails, and what will mend it."""

    mends: Mends
    reason: str

    def __str__(self) -> str:
        return f"{self.mends}: {self.reason}"


_REASONS: dict[Mends, dict[str, str]] = {}

WAITING = {
    case: Waiting(mends, reason)
    for mends, reasons in _REASONS.items()
    for case, reason in reasons.items()
}
