"""The one action that is about several providers: inventories and claims in one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from .action import AnyAction, Effect, Names, Providers
from .moves import Move, follow_all
from .provider import Consumers, ConsumerUuid, Inventories, ObservedProvider, ProviderUuid
from .reasons import Reason


@dataclass(frozen=True, slots=True)
class Reshape(AnyAction):
    """Change several inventories at once, and move claims from one to another with them.

    inventories are those of every provider that is involved, by uuid, with room for the claims;
    names and before say what these are called and have now. consumers are those whose claims move.
    """

    verb: ClassVar[str] = "reshape"

    moves: tuple[Move[ProviderUuid], ...]
    inventories: Mapping[ProviderUuid, Inventories]
    before: Mapping[ProviderUuid, Inventories]
    names: Mapping[ProviderUuid, str]
    consumers: tuple[ConsumerUuid, ...]
    reason: Reason
    rests_on: tuple[ProviderUuid, ...] = ()

    @property
    def uuid(self) -> ProviderUuid:
        """The target of the first move; `inventories` has all that are involved."""
        return self.moves[0].target

    @property
    def name(self) -> str:
        """The names of the targets."""
        return ", ".join(sorted({self.names[move.target] for move in self.moves}))

    def changes(self) -> frozenset[ProviderUuid]:
        """All between which claims move."""
        return frozenset(self.inventories)

    def takes_away(self) -> bool:
        """It always may."""
        return True

    def users(self) -> tuple[ConsumerUuid, ...]:
        """Those whose claims move."""
        return self.consumers

    def used_names(self) -> Names:
        """The classes of all."""
        return Names(frozenset(name for each in self.inventories.values() for name in each))

    def effect(self, providers: Providers) -> Effect:
        """The inventories are as they were given, and the claims are where they moved."""
        have = {uuid: providers[uuid] for uuid in self.inventories if uuid in providers}
        # of those of whom nobody asked what they hold nothing is known afterwards either
        asked = {uuid: p.consumers for uuid, p in have.items() if p.consumers is not None}
        moved = follow_all(asked, self.moves)
        return {
            uuid: _reshaped(p, self.inventories[uuid], moved.get(uuid)) for uuid, p in have.items()
        }


def _reshaped(
    have: ObservedProvider, inventories: Inventories, consumers: Consumers | None
) -> ObservedProvider:
    return replace(have, inventories=inventories, consumers=consumers, unused=consumers == {})
