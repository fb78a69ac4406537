"""Requests of those who claim, release and reshape."""

from collections.abc import Mapping
from typing import Any

from .chance import CONSUMERS, STANDARD_CLASSES, Ask, Chance
from .providers import inventories, inventory


def read(chance: Chance) -> Ask:
    return Ask("GET", f"/allocations/{chance.consumer()}", chance.version)


def claim(chance: Chance) -> Ask:
    consumer = chance.consumer()
    uuids = dict.fromkeys(chance.stocked() for _ in range(chance.random.randint(1, 2)))
    on = {} if chance.one_in(10) else {uuid: _resources_of(chance, uuid) for uuid in uuids}
    return Ask("PUT", f"/allocations/{consumer}", chance.version, _held(chance, consumer, on))


def _resources_of(chance: Chance, uuid: str) -> dict[str, int]:
    row = chance.state.providers.get(uuid)
    has = list(row.stocks) if row and row.stocks and not chance.one_in(15) else STANDARD_CLASSES
    chosen = chance.random.sample(has, chance.random.randint(1, min(2, len(has))))
    return {name: _amount(chance, uuid, name) for name in chosen}


def _amount(chance: Chance, uuid: str, name: str) -> int:
    """Mostly one that can be had."""
    row = chance.state.providers.get(uuid)
    stock = row.stocks.get(name) if row else None
    if row is None or stock is None or chance.one_in(6):
        return chance.random.randint(1, 5)
    most = max(1, min(stock.max_unit, row.free(name)))
    least = max(stock.min_unit, stock.step_size)
    return chance.random.randrange(least, max(most, least) + 1, stock.step_size)


def _held(chance: Chance, consumer: str, on: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """The body of a claim at this version, mostly with the generation that the consumer has."""
    known = chance.state.consumers.get(consumer)
    generation = known.generation if known else None
    body = {
        "allocations": {uuid: _on(chance, amounts) for uuid, amounts in on.items()},
        "project_id": chance.one_of(["lab", "lab", "other"]),
        "user_id": "lab",
        "consumer_generation": chance.one_of([0, 1, None]) if chance.one_in(15) else generation,
    }
    typed = (chance.version >= "1.38") != chance.one_in(30)
    mapped = (chance.version >= "1.34") != chance.one_in(15) and chance.one_in(5)
    return (
        body
        | ({"consumer_type": chance.one_of(["VM", "POD"])} if typed else {})
        | ({"mappings": {"1": [chance.uuid()]}} if mapped else {})
    )


def _on(chance: Chance, amounts: Mapping[str, int]) -> dict[str, Any]:
    """The generation that GET tells may be sent back; Placement does not look at it."""
    told = {"generation": chance.one_of([0, 99])} if chance.one_in(4) else {}
    return {"resources": dict(amounts), **told}


def release(chance: Chance) -> Ask:
    known = list(chance.state.consumers)
    consumer = chance.one_of(known) if known and not chance.one_in(4) else chance.consumer()
    return Ask("DELETE", f"/allocations/{consumer}", chance.version)


def reshape(chance: Chance) -> Ask:
    if not chance.one_in(5):
        chance.version = chance.one_of(["1.30", "1.33", "1.36", "1.37"])
    uuids = list(dict.fromkeys(_reshaped(chance) for _ in range(chance.random.randint(1, 3))))
    after = {
        uuid: {
            "inventories": _inventories_after(chance, uuid),
            "resource_provider_generation": chance.generation(uuid),
        }
        for uuid in uuids
    }
    body = {"inventories": after, "allocations": _moved(chance, uuids)}
    return Ask("POST", "/reshaper", chance.version, body)


def _reshaped(chance: Chance) -> str:
    return chance.stocked() if chance.one_in(2) else chance.uuid()


def _inventories_after(chance: Chance, uuid: str) -> dict[str, Any]:
    """None, other ones, or those that there are and perhaps one more."""
    row = chance.state.providers.get(uuid)
    if not row or chance.one_in(3):
        return {} if chance.one_in(3) else inventories(chance, uuid)
    more = {chance.resource_class(): inventory(chance)} if chance.one_in(2) else {}
    return {name: stock._asdict() for name, stock in row.stocks.items()} | more


def _moved(chance: Chance, uuids: list[str]) -> dict[str, Any]:
    """Consumers as they are, some with what they hold on another provider."""
    if chance.one_in(4):
        return {}
    moved = {}
    for consumer in chance.some(list(chance.state.consumers), 3):
        target = chance.one_of(uuids) if chance.one_in(2) else None
        moved[consumer] = _held(chance, consumer, _followed(chance, consumer, target))
    if chance.one_in(6):
        consumer = chance.one_of(CONSUMERS)
        uuid = chance.stocked()
        moved[consumer] = _held(chance, consumer, {uuid: _resources_of(chance, uuid)})
    return moved


def _followed(chance: Chance, consumer: str, target: str | None) -> dict[str, Mapping[str, int]]:
    on = chance.state.consumers[consumer].on
    held = {uuid: chance.state.providers[uuid].claims[consumer] for uuid in sorted(on)}
    if chance.one_in(12):
        return {}
    return {target if target and chance.one_in(2) else uuid: r for uuid, r in held.items()}
