"""What this host left below a root that was its own before."""

from __future__ import annotations

from dataclasses import dataclass

from .host import PciAddress
from .provider import Root


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """The cards of which something of ours is there still, and so is offered or in use.

    cards is None where nobody can tell which they are: then it may be any. retired says that all
    of it goes once it is free.
    """

    root: Root
    cards: frozenset[PciAddress] | None = frozenset()
    retired: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is left."""
        return self.cards == frozenset()
