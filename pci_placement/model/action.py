"""What every action can be asked.

An action says itself what it does: which providers it changes and into what, which names it needs
and what must have succeeded before. Who plans, orders, limits or judges asks it, and has no list
of the kinds; who has one (the requests to send, the words for a person) ends in `assert_never`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from .provider import ConsumerUuid, ObservedProvider, ProviderUuid, ResourceClass, Trait

Providers = Mapping[ProviderUuid, ObservedProvider]
"""Providers as they are at some moment, by uuid."""

Effect = dict[ProviderUuid, ObservedProvider | None]
"""What becomes of the providers that an action changes; None of one that is deleted."""


class Names(NamedTuple):
    """The names that Placement must know before an action."""

    classes: frozenset[ResourceClass] = frozenset()
    traits: frozenset[Trait] = frozenset()


NO_NAMES = Names()


class AnyAction:
    """What every action can be asked."""

    __slots__ = ()

    rests_on: tuple[ProviderUuid, ...] = ()
    """Providers that count the same devices now: where one of them cannot give them up, this must
    not happen either."""

    if TYPE_CHECKING:  # fields of most, computed by one

        @property
        def uuid(self) -> ProviderUuid:
            """The provider that it is about; empty where it is about none."""

        @property
        def name(self) -> str:
            """What that is called."""

        def _after(self, have: ObservedProvider) -> ObservedProvider:
            """The provider once that was done."""

    def changes(self) -> frozenset[ProviderUuid]:
        """The providers that it changes, by uuid."""
        return frozenset({self.uuid})

    def awaits(self) -> frozenset[ProviderUuid]:
        """The providers whose own actions must have succeeded before it."""
        return self.changes() | frozenset(self.rests_on)

    def used_names(self) -> Names:
        """The names that it needs."""
        return NO_NAMES

    def takes_away(self) -> bool:
        """Whether something that is offered now would no longer be."""
        return False

    def users(self) -> tuple[ConsumerUuid, ...]:
        """Whose claims it concerns."""
        return ()

    def effect(self, providers: Providers) -> Effect:
        """What becomes of the providers that it changes, as far as they are there."""
        have = providers.get(self.uuid)
        return {} if have is None else {self.uuid: self._after(have)}
