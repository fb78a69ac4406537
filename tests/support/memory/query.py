"""Query strings, read as Placement reads them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ..database import Row
from .answer import Refused
from .state import State

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Traits:
    """At least one trait of each set in `required`, and none of `forbidden`."""

    required: tuple[frozenset[str], ...] = ()
    forbidden: frozenset[str] = field(default_factory=frozenset)

    def has_required(self, traits: Collection[str]) -> bool:
        return all(not one_of.isdisjoint(traits) for one_of in self.required)

    def fit(self, traits: Collection[str]) -> bool:
        return self.has_required(traits) and self.forbidden.isdisjoint(traits)


def pairs(text: str) -> Pairs:
    return parse_qsl(text, keep_blank_values=True)


def only(query: Pairs, allowed: Collection[str]) -> dict[str, str]:
    """Each key's last value; no other keys than these are allowed."""
    last = dict(query)
    if not last.keys() <= set(allowed):
        raise Refused(400, f"Invalid query string parameters: {sorted(last)}")
    return last


def resources(text: str) -> dict[str, int]:
    """Read `CLASS:AMOUNT,CLASS:AMOUNT`."""
    return dict(map(_amount, text.split(",")))


def _amount(text: str) -> tuple[str, int]:
    try:
        name, amount = text.split(":")
        if int(amount) >= 1:
            return name, int(amount)
    except ValueError:
        pass
    raise Refused(400, f"Badly formed resources parameter: {text!r}")


def traits(query: Pairs, key: str, version: tuple[int, int]) -> Traits:
    """All values of a `required`; below 1.39 only the last one counts."""
    values = [value for name, value in query if name == key]
    sets = [_traits(value, version) for value in (values if version >= (1, 39) else values[-1:])]
    required = [one_of for each in sets for one_of in each.required]
    return Traits(tuple(required), frozenset().union(*(each.forbidden for each in sets)))


def _traits(text: str, version: tuple[int, int]) -> Traits:
    if text.startswith("in:"):
        return _any_of([name.strip() for name in text[3:].split(",")], version)
    named = [name.strip() for name in text.split(",")]
    forbidden = frozenset(name.lstrip("!") for name in named if name.startswith("!"))
    if not all((*named, *forbidden)):
        raise Refused(400, f"Got an empty trait in: {text}")
    required = (frozenset((name,)) for name in named if not name.startswith("!"))
    return Traits(tuple(required), forbidden)


def _any_of(named: list[str], version: tuple[int, int]) -> Traits:
    if version < (1, 39) or not all(named) or any(name.startswith("!") for name in named):
        raise Refused(400, f"Invalid query string parameters: in:{','.join(named)}")
    return Traits((frozenset(named),))


def check_traits(state: State, named: Iterable[str]) -> None:
    for name in named:
        if not state.knows_trait(name):
            raise Refused(400, f"No such trait(s): {name}.")


def check_classes(state: State, named: Iterable[Any]) -> None:
    for name in named:
        if not state.knows_class(name):
            raise Refused(400, f"No such resource class {name}.")


def has_room(row: Row, name: str, amount: int) -> bool:
    """Whether so much of a class can be claimed now."""
    stock = row.stocks.get(name)
    return (
        stock is not None
        and row.used(name) + amount <= (stock.total - stock.reserved) * stock.allocation_ratio
        and stock.min_unit <= amount <= stock.max_unit
        and amount % stock.step_size == 0
    )
