"""Requests about providers and what they have."""

from typing import Any

from .chance import AGGREGATES, NAMES, ODD_UUIDS, PROVIDERS, Ask, Chance

_ASPECTS = ["inventories", "traits", "aggregates", "usages", "allocations"]


def create(chance: Chance) -> Ask:
    known = list(chance.state.providers)
    body = {"name": _name(chance), "uuid": chance.one_of(PROVIDERS)}
    if chance.one_in(30):
        body["uuid"] = chance.one_of(ODD_UUIDS)
    if known and not chance.one_in(4):
        body["parent_provider_uuid"] = chance.uuid()
    return Ask("POST", "/resource_providers", chance.version, body)


def _name(chance: Chance) -> str:
    odd = ["", "n" * 201, "n" * 200, "ünï #1/&?"]
    return chance.one_of(odd if chance.one_in(25) else NAMES)


def update(chance: Chance) -> Ask:
    uuid = chance.uuid()
    row = chance.state.providers.get(uuid)
    body: dict[str, Any] = {"name": row.name if row and chance.one_in(2) else _name(chance)}
    if not chance.one_in(3):
        body["parent_provider_uuid"] = None if chance.one_in(4) else chance.uuid()
    return Ask("PUT", f"/resource_providers/{uuid}", chance.version, body)


def delete(chance: Chance) -> Ask:
    return Ask("DELETE", f"/resource_providers/{chance.uuid()}", chance.version)


def read(chance: Chance) -> Ask:
    aspect = chance.one_of(["", "", *(f"/{aspect}" for aspect in _ASPECTS)])
    return Ask("GET", f"/resource_providers/{chance.uuid()}{aspect}", chance.version)


def listing(chance: Chance) -> Ask:
    filters = {
        f"in_tree={chance.uuid()}": 4,
        f"name={chance.one_of(NAMES).replace(' ', '%20')}": 1,
        f"uuid={chance.uuid()}": 1,
        required(chance): 2,
        f"resources={resources(chance)}": 1,
        "odd=1": 0.05,
    }
    chosen = chance.random.choices(list(filters), list(filters.values()), k=2)
    query = "&".join(dict.fromkeys(chosen[: chance.random.randint(0, 2)]))
    return Ask("GET", "/resource_providers" + (f"?{query}" if query else ""), chance.version)


def required(chance: Chance, suffix: str = "") -> str:
    """Traits that must, or must not, be there."""
    traits = [chance.trait() for _ in range(chance.random.randint(1, 2))]
    traits += [""] if chance.one_in(30) else []
    if chance.one_in(5):
        return f"required{suffix}=in:{','.join(traits)}"
    signed = ["!" + trait if chance.one_in(4) else trait for trait in traits]
    once = f"required{suffix}={','.join(signed)}"
    return f"{once}&required{suffix}={chance.trait()}" if chance.one_in(6) else once


def resources(chance: Chance, classes: list[str] | None = None) -> str:
    """How much must be there of which classes."""
    chosen = classes or [chance.resource_class() for _ in range(chance.random.randint(1, 2))]
    amounts = [1, 1, 1, 2, 2, 3, 4] + (["x", 0, -1, ""] if chance.one_in(20) else [])
    return ",".join(f"{name}:{chance.one_of(amounts)}" for name in chosen)


def put_inventories(chance: Chance) -> Ask:
    uuid = chance.uuid()
    return _put(chance, uuid, "inventories", inventories(chance, uuid))


def _put(chance: Chance, uuid: str, what: str, content: Any) -> Ask:
    body = {what: content, "resource_provider_generation": chance.generation(uuid)}
    return Ask("PUT", f"/resource_providers/{uuid}/{what}", chance.version, body)


def inventories(chance: Chance, uuid: str) -> dict[str, Any]:
    """Other inventories for a provider, mostly with the classes that it has."""
    row = chance.state.providers.get(uuid)
    kept = list(row.stocks) if row and not chance.one_in(4) else []
    classes = dict.fromkeys([*kept, *(chance.resource_class() for _ in range(2))])
    return {name: inventory(chance) for name in classes if not chance.one_in(6)}


def inventory(chance: Chance) -> dict[str, Any]:
    """An inventory in which much is left to the defaults."""
    total = chance.random.randint(1, 8)
    optional = {
        "reserved": chance.one_of([0, 1, 1, total, total + chance.one_in(3)]),
        "min_unit": chance.one_of([1, 1, 2]),
        "max_unit": chance.one_of([total, total, 1, 3]),
        "step_size": chance.one_of([1, 1, 2]),
        "allocation_ratio": chance.one_of([1.0, 1, 0.5, 2, 1.3, 0 - 1.5 * chance.one_in(4)]),
        "resource_provider_generation": 0,
    }
    return {"total": total} | {key: optional[key] for key in chance.some(list(optional), 3)}


def put_traits(chance: Chance) -> Ask:
    uuid = chance.uuid()
    row = chance.state.providers.get(uuid)
    if row and chance.one_in(5):
        return _put(chance, uuid, "traits", list(row.traits))
    traits = [chance.trait() for _ in range(chance.random.randint(0, 3))]
    return _put(chance, uuid, "traits", traits)


def put_aggregates(chance: Chance) -> Ask:
    return _put(chance, chance.uuid(), "aggregates", chance.some(AGGREGATES))
