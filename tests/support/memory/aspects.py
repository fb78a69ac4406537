"""What a provider has: inventories, traits, aggregates, usages, and who claims of it."""

from collections.abc import Mapping
from typing import Any

from ..database import Row, Stock
from . import bodies, query
from .answer import CONCURRENT_UPDATE, INVENTORY_IN_USE, Answer, Refused
from .providers import provider
from .request import Request
from .state import State

_TRAITS = {
    "traits": bodies.is_list_of(bodies.is_text),
    "resource_provider_generation": bodies.is_integer,
}
_AGGREGATES = {
    "aggregates": bodies.is_set_of_uuids,
    "resource_provider_generation": bodies.is_integer,
}


def _answer(what: str, content: Any, row: Row) -> Answer:
    return Answer(200, {what: content, "resource_provider_generation": row.generation})


def inventories(state: State, request: Request) -> Answer:
    row = provider(state, request.parts[1])
    return _answer("inventories", _as_json(row.stocks), row)


def _as_json(stocks: Mapping[str, Stock]) -> dict[str, dict[str, Any]]:
    return {name: stock._asdict() for name, stock in stocks.items()}


def put_inventories(state: State, request: Request) -> Answer:
    body, uuid = request.sent, request.parts[1]
    row = provider(state, uuid)
    bodies.inventories(body)
    _check_generation(row, body)
    stocks = bodies.stocks(body["inventories"])
    for name, stock in stocks.items():
        if int((stock.total - stock.reserved) * stock.allocation_ratio) < 0:
            raise Refused(400, f"Invalid inventory for {name}: reserved is greater than total")
    set_inventories(state, uuid, stocks)
    return _answer("inventories", _as_json(stocks), state.providers[uuid])


def set_inventories(state: State, uuid: str, stocks: Mapping[str, Stock]) -> None:
    """Replace all inventories of a provider, unless one is in use that would go."""
    row = state.providers[uuid]
    query.check_classes(state, stocks)
    gone = row.stocks.keys() - stocks.keys()
    if gone and any(gone & held.keys() for held in row.claims.values()):
        raise Refused(409, f"Inventory for {sorted(gone)} in use", INVENTORY_IN_USE)
    state.bump(uuid, stocks=stocks)


def _check_generation(row: Row, body: Mapping[str, Any]) -> None:
    if body["resource_provider_generation"] != row.generation:
        raise Refused(409, "resource provider generation conflict", CONCURRENT_UPDATE)


def traits(state: State, request: Request) -> Answer:
    row = provider(state, request.parts[1])
    return _answer("traits", list(row.traits), row)


def put_traits(state: State, request: Request) -> Answer:
    body, uuid = bodies.accept(request.sent, _TRAITS, {}), request.parts[1]
    row = provider(state, uuid)
    _check_generation(row, body)
    wanted = tuple(sorted(set(body["traits"])))
    query.check_traits(state, wanted)
    if wanted != row.traits:
        row = state.bump(uuid, traits=wanted)
    return _answer("traits", list(wanted), row)


def aggregates(state: State, request: Request) -> Answer:
    row = provider(state, request.parts[1])
    return _answer("aggregates", list(row.aggregates), row)


def put_aggregates(state: State, request: Request) -> Answer:
    body, uuid = request.sent, request.parts[1]
    row = provider(state, uuid)
    bodies.accept(body, _AGGREGATES, {})
    _check_generation(row, body)
    row = state.bump(uuid, aggregates=tuple(sorted(body["aggregates"])))
    return _answer("aggregates", list(body["aggregates"]), row)


def usages(state: State, request: Request) -> Answer:
    row = provider(state, request.parts[1])
    return _answer("usages", {name: row.used(name) for name in row.stocks}, row)


def allocations(state: State, request: Request) -> Answer:
    row = provider(state, request.parts[1])
    held = {
        consumer: {
            "resources": dict(resources),
            "consumer_generation": state.consumers[consumer].generation,
        }
        for consumer, resources in row.claims.items()
    }
    return _answer("allocations", held, row)
