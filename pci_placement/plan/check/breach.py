"""What a plan can break, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pci_placement.model import PciAddress, ProviderKey, ProviderUuid


class Promise(StrEnum):
    """What a plan may not break."""

    OURS = "ours"
    """Nothing is changed that is not ours, and what is ours stays recognisable as that."""
    NAMES = "names"
    """A class or trait is made known before it is used; only names of our making are forgotten."""
    ORDER = "order"
    """Parents before children, children deleted before parents; nothing is done to what is gone."""
    GENERATION = "generation"
    """Every write rests on the generation that was read, so that a claim in between is noticed."""
    HELD = "held"
    """Nothing changes on a card that is held."""
    WORKLOAD = "workload"
    """Nothing is taken from those who have it."""
    MOVES = "moves"
    """Claims move whole, to where there is room, and only if it is certain what they hold."""
    TRAITS = "traits"
    """A provider gets the traits that were asked for, and keeps those of somebody else."""
    QUALIFIED = "qualified"
    """Nothing can be claimed before it has its traits."""
    LISTED = "listed"
    """No more can be claimed than the operator listed and is there."""
    ONCE = "once"
    """No device can be claimed in two places, nor a card beside VFs of it."""
    CLAIMED = "claimed"
    """No device can be claimed that another claim may hold."""
    STICKY = "sticky"
    """What an operator or a use took out of service stays so until an operator says otherwise."""
    ASKED = "asked"
    """Who uses a provider was asked where the plan depends on it."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One moment of a plan that breaks a promise.

    uuid and key are those of the provider, empty where it is about none, and key also where it
    has none of our making; card is that of the provider, unless it is a pool. position is that of
    the action, or the number of all actions for what is wrong once the last one is done.
    """

    promise: Promise
    sentence: str
    position: int
    uuid: ProviderUuid
    key: ProviderKey | None = None
    card: PciAddress | None = None

    def __str__(self) -> str:
        """One line that says what is wrong, and with which step."""
        return f"step {self.position + 1}: {self.sentence} ({self.promise})"
