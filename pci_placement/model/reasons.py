"""Why something is written: a code for programs and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """What kind of reason it is; doc/commands.md says each for operators."""

    NAME = "name"
    NEW = "new"
    PLACE = "place"
    TRAITS = "traits"
    INVENTORY = "inventory"
    NOT_OFFERED = "not_offered"
    BACK = "back"
    FREE = "free"
    REPLACED = "replaced"
    GONE = "gone"
    KEPT = "kept"
    CLAIMS = "claims"
    LIMIT = "limit"
    NOT_OURS = "not_ours"
    OPERATOR = "operator"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an action is to be done; drift is what somebody else did, where that is the cause."""

    kind: ReasonCode
    text: str
    drift: str = ""

    @property
    def code(self) -> ReasonCode:
        """What made the action necessary: drift, if it only mends what somebody else did."""
        return ReasonCode.DRIFT if self.drift else self.kind

    def __str__(self) -> str:
        return f"{self.text}; {self.drift}" if self.drift else self.text
