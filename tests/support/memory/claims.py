"""Allocations: read, claim, release, and the reshaper."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from ..database import Row, Stock
from . import bodies, query
from .answer import CONCURRENT_UPDATE, PROVIDER_NOT_FOUND, Answer, Refused
from .aspects import set_inventories
from .request import Request
from .state import Consumer, Resources, State

Wanted = Mapping[str, Mapping[str, Resources]]
"""What each consumer is to hold of each provider; nothing means all that it has is released."""


def show(state: State, request: Request) -> Answer:
    consumer = state.consumers.get(request.parts[1])
    if consumer is None or not consumer.on:
        return Answer(200, {"allocations": {}})
    held = {uuid: _held(state.providers[uuid], request.parts[1]) for uuid in consumer.on}
    typed = {"consumer_type": consumer.type or "unknown"} if request.version >= (1, 38) else {}
    about = {
        "project_id": consumer.project,
        "user_id": consumer.user,
        "consumer_generation": consumer.generation,
    }
    return Answer(200, {"allocations": held, **about, **typed})


def _held(row: Row, consumer: str) -> dict[str, Any]:
    return {"resources": dict(row.claims[consumer]), "generation": row.generation}


def put(state: State, request: Request) -> Answer:
    body = request.sent
    if not bodies.is_uuid(request.parts[1]):
        raise Refused(400, f"Malformed consumer_uuid: {request.parts[1]}")
    bodies.claim(body, request.version)
    asked = {str(UUID(request.parts[1])): body}
    with _of_consumers(state, asked) as wanted:
        replace_all(state, wanted)
    return Answer()


def delete(state: State, request: Request) -> Answer:
    consumer = state.consumers.get(request.parts[1])
    if consumer is None or not consumer.on:
        raise Refused(404, f"No allocations for consumer '{request.parts[1]}'")
    _release(state, [request.parts[1]])
    del state.consumers[request.parts[1]]
    return Answer()


def reshape(state: State, request: Request) -> Answer:
    body = bodies.reshape(request.sent, request.version)
    for uuid, asked in body["inventories"].items():
        _check_provider(state, uuid, asked["resource_provider_generation"])
    after = {
        uuid: bodies.stocks(asked["inventories"]) for uuid, asked in body["inventories"].items()
    }
    with _of_consumers(state, body["allocations"]) as wanted:
        _reshape(state, after, wanted)
    return Answer()


def _check_provider(state: State, uuid: str, generation: int) -> None:
    if uuid not in state.providers:
        raise Refused(400, f"Resource provider {uuid} not found", PROVIDER_NOT_FOUND)
    if generation != state.providers[uuid].generation:
        raise Refused(409, f"generation conflict for provider {uuid}", CONCURRENT_UPDATE)


def _reshape(state: State, after: Mapping[str, dict[str, Stock]], wanted: Wanted) -> None:
    """First there is what was and what will be, so that claims can move; then what will be."""
    for uuid, stocks in after.items():
        if stocks:
            set_inventories(state, uuid, {**state.providers[uuid].stocks, **stocks})
    replace_all(state, wanted)
    for uuid, stocks in after.items():
        set_inventories(state, uuid, stocks)


@contextmanager
def _of_consumers(state: State, asked: Mapping[str, Any]) -> Iterator[Wanted]:
    """All or nothing; but Placement forgets to take new consumers back for an unknown provider."""
    fresh = _ensure(state, asked)
    wanted = {uuid: bodies.resources_of(body["allocations"]) for uuid, body in asked.items()}
    _check_providers(state, wanted)
    before = state.copy()
    try:
        _describe(state, asked)
        yield wanted
    except Refused:
        state.become(before)
        for uuid in fresh:
            del state.consumers[uuid]
        raise


def _ensure(state: State, asked: Mapping[str, Any]) -> list[str]:
    """Create the consumers that are not there, and say which; none if a generation is wrong."""
    fresh = [uuid for uuid in asked if uuid not in state.consumers]
    for uuid, body in asked.items():
        known = state.consumers.get(uuid)
        if body["consumer_generation"] != (known.generation if known else None):
            raise Refused(409, "consumer generation conflict", CONCURRENT_UPDATE)
    for uuid in fresh:
        body = asked[uuid]
        state.consumers[uuid] = Consumer(
            body["project_id"], body["user_id"], body.get("consumer_type")
        )
    return fresh


def _check_providers(state: State, wanted: Wanted) -> None:
    for allocations in wanted.values():
        for uuid in allocations:
            if uuid not in state.providers:
                raise Refused(400, f"Allocation for provider {uuid} that does not exist.")


def _describe(state: State, asked: Mapping[str, Any]) -> None:
    """Consumers are whose the last request said, and of the last type that was told."""
    for uuid, body in asked.items():
        known = state.consumers[uuid]
        kind = body.get("consumer_type") or known.type
        state.consumers[uuid] = replace(
            known, project=body["project_id"], user=body["user_id"], type=kind
        )


def replace_all(state: State, wanted: Wanted) -> None:
    """Give consumers just what they are to hold. Raises Refused, in the middle of it."""
    holding = [uuid for uuid, on in wanted.items() if on or state.consumers[uuid].on]
    used = _used(state, wanted)
    emptied = {u for c in holding if not wanted[c] for u in state.consumers[c].on}
    _release(state, holding)
    taken = {uuid for on in wanted.values() for uuid in on}
    _check_room(state, wanted, used)
    for uuid in taken | emptied:
        claims = {c: on[uuid] for c, on in wanted.items() if uuid in on}
        state.bump(uuid, claims={**state.providers[uuid].claims, **claims})
    for uuid in holding:
        _settle(state, uuid, frozenset(wanted[uuid]))


def _settle(state: State, consumer: str, on: frozenset[str]) -> None:
    if not on:
        del state.consumers[consumer]
        return
    known = state.consumers[consumer]
    state.consumers[consumer] = replace(known, generation=known.generation + 1, on=on)


def _release(state: State, consumers: Iterable[str]) -> None:
    """Claims end without a trace in the generations."""
    gone = set(consumers)
    for uuid in {uuid for consumer in gone for uuid in state.consumers[consumer].on}:
        claims = state.providers[uuid].claims
        state.change(uuid, claims={c: held for c, held in claims.items() if c not in gone})


def _used(state: State, wanted: Wanted) -> dict[tuple[str, str], int]:
    """How much is used now of what is wanted. Raises Refused for a class that is not known."""
    places = {(uuid, name) for on in wanted.values() for uuid, r in on.items() for name in r}
    query.check_classes(state, {name for _, name in places})
    return {(uuid, name): state.providers[uuid].used(name) for uuid, name in places}


def _check_room(state: State, wanted: Wanted, before: Mapping[tuple[str, str], int]) -> None:
    for (uuid, name), used_before in before.items():
        stock = state.providers[uuid].stocks.get(name)
        amounts = [on[uuid].get(name, 0) for on in wanted.values() if uuid in on]
        if stock is None or not all(_fits(stock, amount) for amount in amounts if amount):
            raise Refused(409, f"Unable to allocate {name} of {uuid}: inventory constraints")
        used = state.providers[uuid].used(name) + sum(amounts)
        over = used > (stock.total - stock.reserved) * stock.allocation_ratio
        if over and used > used_before:  # less than there was is welcome, even if too much
            raise Refused(409, f"Unable to allocate {name} of {uuid}: capacity exceeded")


def _fits(stock: Stock, amount: int) -> bool:
    return stock.min_unit <= amount <= stock.max_unit and amount % stock.step_size == 0
