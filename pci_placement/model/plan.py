"""The plan: what would be written to Placement, in order, and why.

A plan is a value, so that it can be shown, refused, logged and tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .actions import ProviderAction
from .last_pass import Ledger
from .name_actions import NameAction
from .provider import ProviderUuid
from .reshape import Reshape

Action = NameAction | ProviderAction | Reshape


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions in the order in which they are safe, and the generations that they rest on.

    blocked names, by provider, what is in our way and was left alone; withheld are removals that
    were too many for one pass, withheld_of the number of providers that they were compared with.
    forsaken_at is the generation of a root that nobody owns, below which nothing is made anew.
    as_is is what the inventories count now, ledger once all is done.
    """

    actions: tuple[Action, ...]
    generations: Mapping[ProviderUuid, int] = field(default_factory=dict)
    blocked: Mapping[str, str] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    withheld_of: int = 0
    forsaken_at: int | None = None
    as_is: Ledger = field(default_factory=dict)
    ledger: Ledger = field(default_factory=dict)

    @property
    def takes_away(self) -> bool:
        """Whether anything that is offered now would no longer be."""
        return any(action.takes_away() for action in self.actions)
