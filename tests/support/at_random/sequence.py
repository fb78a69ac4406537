"""One request after the other, each with what the ones before it have made of Placement."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from ..memory.state import State
from . import asked, claims, providers
from .chance import Ask, Chance

_WEIGHTS: Mapping[Callable[[Chance], Ask], int] = {
    providers.create: 6,
    providers.update: 6,
    providers.delete: 3,
    providers.read: 5,
    providers.listing: 6,
    providers.put_inventories: 14,
    providers.put_traits: 8,
    providers.put_aggregates: 2,
    claims.read: 3,
    claims.claim: 22,
    claims.release: 4,
    claims.reshape: 16,
    asked.candidates: 12,
    asked.ensure_name: 5,
    asked.forget_name: 3,
    asked.names: 4,
    asked.odd: 2,
}
_FIRST: Mapping[Callable[[Chance], Ask], int] = {
    **_WEIGHTS,
    providers.create: 90,
    asked.ensure_name: 60,
}
_ENOUGH = 4
_SPOILT = [None, "x", "", -1, 0, 1, 1.5, 2.0, True, [], {}, [1], 2**31, "X" * 300]
_GIVEN = "uuid"  # without it, each Placement makes up one of its own


class Sequence:
    """The requests of one seed to a Placement in this state."""

    def __init__(self, seed: int, state: State) -> None:
        self._chance = Chance(seed, state)

    def next(self) -> Ask:
        """The next request; one in twelve that have a body has something wrong with it."""
        self._chance.new_version()
        few = len(self._chance.state.providers) < _ENOUGH
        weights = _FIRST if few else _WEIGHTS
        (kind,) = self._chance.random.choices(list(weights), list(weights.values()))
        ask = kind(self._chance)
        # what stands below a class that cannot be one, Placement does not check: it answers 500
        if not ask.body or "never" in str(ask.body) or not self._chance.one_in(12):
            return ask
        body = deepcopy(ask.body)
        self._spoil(body)
        return ask._replace(body=body)

    def _spoil(self, body: Any) -> None:
        """Go down a random way, and do something to what is there."""
        if not isinstance(body, dict | list):
            return
        key = self._chance.one_of(list(body) if isinstance(body, dict) else [*range(len(body))])
        if isinstance(body[key], dict | list) and body[key] and not self._chance.one_in(4):
            self._spoil(body[key])
        elif isinstance(body, dict) and self._chance.one_in(3):
            body["ODD"] = self._chance.one_of(_SPOILT)
        elif self._chance.one_in(3) and key != _GIVEN:
            del body[key]
        else:
            body[key] = self._chance.one_of(_SPOILT)
