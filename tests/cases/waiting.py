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
    Mends.PROMISE: {
        "switchdev-shown-name": "all four interfaces of the PF are shown in alphabetical order, so "
        "that a representor stands before the uplink",
        "nvswitch": "every device of class 06 counts as a bridge, those of class 0680 too, and is "
        "ignored with that reason",
        "renamed-interface": "the warning says that no device is called ens7f0, and suggests "
        "nothing",
        "physnets-joined": "the two names become one physical network without a word",
        "dpu-pf-beside-remote-vfs": "the VFs are ignored as remote_managed, and the PF beside them "
        "is offered whole by the second entry",
        "iommu-group-split": "IOMMU groups are read and compared with nothing, so that the four "
        "functions of one group are offered to four consumers without a word",
        "host-renamed": "the sync below the new root names the old one nowhere, and offers the "
        "claimed card a second time",
    },
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
