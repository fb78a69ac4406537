"""What became of a plan: a result for each action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pci_placement.errors import PciPlacementError

from .plan import Action
from .provider import ProviderUuid


class Result(StrEnum):
    """What became of an action."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Done:
    """An action and what became of it; why says it for anything but `done`."""

    action: Action
    result: Result
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan.

    generations are those that the providers have now, as far as Placement told. stopped is the
    error that ended the plan before its end, if one did. taken are providers that could not be
    created because there is one with their uuid or their name. forbidden tells that inventories
    were set one by one because it is not allowed to set several at once. in_use are those of which
    something could not be taken away because somebody has it.
    """

    results: tuple[Done, ...]
    generations: Mapping[ProviderUuid, int] = field(default_factory=dict)
    stopped: PciPlacementError | None = None
    taken: frozenset[ProviderUuid] = frozenset()
    forbidden: bool = False
    in_use: frozenset[ProviderUuid] = frozenset()

    @property
    def failed(self) -> tuple[Done, ...]:
        """The actions that did not succeed though nothing stopped the plan."""
        return tuple(done for done in self.results if done.result is Result.FAILED)
