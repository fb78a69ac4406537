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


_REASONS = {
    Mends.MESSAGE: {
        "pf-alias-starved-list": "the alias has 0 devices and no problem, because the PF that is "
        "kept back for its VFs satisfies it",
        "t4-type-pci": "a note says that no device satisfies the alias, and neither which one has "
        "its ids nor that it is type-PF",
        "entry-without-effect-wide-first": "only an entry that selects no device here is told, and "
        "the second selects some, all of which the first took",
        "entry-without-effect-two-ports": "both entries select the same functions, and it is told "
        "nowhere that the second decides about none of them",
        "key-device-id": "the nearest key by spelling is suggested, device_type, and not the one "
        "that is meant, product_id",
        "no-brackets": "a single JSON object is suggested, as for every other text that is no JSON",
        "explain-and-plan": "`request explain` sends the operator to `plan`, and `plan` says that "
        "there is nothing to do",
    },
}

WAITING = {
    case: Waiting(mends, reason)
    for mends, reasons in _REASONS.items()
    for case, reason in reasons.items()
}
