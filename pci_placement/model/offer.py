"""What the configuration makes of the host: which device is offered, and which is not and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .config import WhitelistEntry
from .host import PciAddress, PciDevice


class State(StrEnum):
    """What became of a device in this pass.

    Of a card with a held device nothing changes, because we are unsure; what is not ours to give
    is certainly used, or given, by somebody else: what is on offer of its card is drained.
    """

    OFFERED = "offered"
    IGNORED = "ignored"
    HELD = "held"
    UNREADABLE = "unreadable"
    NOT_OURS = "not ours to give"


@dataclass(frozen=True, slots=True)
class Match:
    """A device that is offered, the entry that allows it and the names of its aliases."""

    device: PciDevice
    entry: WhitelistEntry
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A device that is not offered, and why; where it is held, Placement is left as it is."""

    device: PciDevice
    state: State
    reason: str


Verdict = Match | Refusal


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of every device that could be read, in address order.

    taken are cards that somebody else reports though something of them could not be read here.
    """

    verdicts: Mapping[PciAddress, Verdict]
    taken: Mapping[PciAddress, str] = field(default_factory=dict)

    @property
    def matches(self) -> tuple[Match, ...]:
        """The devices that are offered."""
        return tuple(v for v in self.verdicts.values() if isinstance(v, Match))

    @property
    def held(self) -> dict[PciAddress, str]:
        """The cards on which nothing may change in this pass, and why."""
        return self._refused(State.HELD)

    @property
    def not_ours(self) -> dict[PciAddress, str]:
        """The cards that are not ours to give, and why."""
        return {**self.taken, **self._refused(State.NOT_OURS)}

    def _refused(self, state: State) -> dict[PciAddress, str]:
        return {
            verdict.device.card_addr: verdict.reason
            for verdict in self.verdicts.values()
            if isinstance(verdict, Refusal) and verdict.state is state
        }
