"""The embedded Placement's tables from below: save them, bring them back, read all at one moment.

Reading through the API would take a request or three for each provider, thousands of times.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

PROVIDERS = """
SELECT own.uuid, own.name, parent.uuid, own.generation FROM resource_providers AS own
LEFT JOIN resource_providers AS parent ON parent.id = own.parent_provider_id
"""
STOCKS = """
SELECT uuid, resource_classes.name, total, reserved, min_unit, max_unit, step_size, allocation_ratio
FROM inventories JOIN resource_providers ON resource_providers.id = resource_provider_id
JOIN resource_classes ON resource_classes.id = resource_class_id ORDER BY 1, 2, 3
"""
TRAITS = """
SELECT uuid, traits.name FROM resource_provider_traits
JOIN resource_providers ON resource_providers.id = resource_provider_id
JOIN traits ON traits.id = trait_id ORDER BY 1, 2
"""
AGGREGATES = """
SELECT resource_providers.uuid, placement_aggregates.uuid FROM resource_provider_aggregates
JOIN resource_providers ON resource_providers.id = resource_provider_id
JOIN placement_aggregates ON placement_aggregates.id = aggregate_id ORDER BY 1, 2
"""
CLAIMS = """
SELECT uuid, consumer_id, resource_classes.name, used FROM allocations
JOIN resource_providers ON resource_providers.id = resource_provider_id
JOIN resource_classes ON resource_classes.id = resource_class_id ORDER BY 1, 2, 3
"""
CONSUMERS = """
SELECT consumers.uuid, projects.external_id, users.external_id, consumer_types.name, generation
FROM consumers JOIN projects ON projects.id = project_id JOIN users ON users.id = user_id
LEFT JOIN consumer_types ON consumer_types.id = consumer_type_id
"""
BESIDE = (
    "SELECT name FROM traits WHERE name LIKE 'CUSTOM%' ORDER BY name",
    "SELECT name FROM resource_classes WHERE name LIKE 'CUSTOM%' ORDER BY name",
    "SELECT name FROM consumer_types ORDER BY name",
    "SELECT uuid, project_id, user_id, generation, consumer_type_id FROM consumers ORDER BY uuid",
)


class Stock(NamedTuple):
    """How much a provider has of a resource class."""

    total: int
    reserved: int
    min_unit: int
    max_unit: int
    step_size: int
    allocation_ratio: float


@dataclass(frozen=True, slots=True)
class Row:
    """A provider, and what each consumer holds of it; equal rows print alike."""

    name: str
    parent: str | None
    generation: int
    stocks: Mapping[str, Stock] = field(default_factory=dict)
    traits: tuple[str, ...] = ()
    aggregates: tuple[str, ...] = ()
    claims: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def used(self, resource_class: str) -> int:
        return sum(held.get(resource_class, 0) for held in self.claims.values())

    def free(self, resource_class: str) -> int:
        """How much of a class can be claimed now."""
        stock = self.stocks.get(resource_class)
        if stock is None:
            return 0
        capacity = int((stock.total - stock.reserved) * stock.allocation_ratio)
        return max(0, capacity - self.used(resource_class))


World = Mapping[str, Row]
"""Every provider in Placement by uuid."""


class Database:
    """The SQLite file of an embedded Placement; use it only while no request is under way."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "placement.sqlite")
        self._connection.execute("PRAGMA synchronous = OFF")  # it need not outlive a power cut

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def save(self) -> bytes:
        return self._connection.serialize()

    def restore(self, saved: bytes) -> None:
        memory = sqlite3.connect(":memory:")
        try:
            memory.deserialize(saved)
            memory.backup(self._connection)
        finally:
            memory.close()

    @property
    def version(self) -> int:
        """A number that is another one once somebody else has written."""
        return self._connection.execute("PRAGMA data_version").fetchone()[0]

    def read_beside_requests(self) -> dict[str, Row]:
        """Every provider at one moment, also while requests are under way."""
        self._connection.execute("BEGIN")
        try:
            return self.read()
        finally:
            self._connection.rollback()

    def read(self) -> dict[str, Row]:
        """Every provider."""
        stocks, claims = defaultdict(dict), defaultdict(lambda: defaultdict(dict))
        traits, aggregates = defaultdict(list), defaultdict(list)
        for uuid, resource_class, *fields in self._connection.execute(STOCKS):
            stocks[uuid][resource_class] = Stock(*fields)
        for uuid, consumer, resource_class, used in self._connection.execute(CLAIMS):
            claims[uuid][consumer][resource_class] = used
        for uuid, trait in self._connection.execute(TRAITS):
            traits[uuid].append(trait)
        for uuid, aggregate in self._connection.execute(AGGREGATES):
            aggregates[uuid].append(aggregate)
        return {
            uuid: Row(
                name,
                parent,
                generation,
                stocks.get(uuid, {}),
                tuple(traits[uuid]),
                tuple(aggregates[uuid]),
                {consumer: dict(held) for consumer, held in claims.get(uuid, {}).items()},
            )
            for uuid, name, parent, generation in self._connection.execute(PROVIDERS)
        }

    def read_consumers(self) -> dict[str, tuple]:
        """Project, user, type and generation of each consumer."""
        return {uuid: tuple(about) for uuid, *about in self._connection.execute(CONSUMERS)}

    def read_beside(self) -> list[list[tuple]]:
        """The rest of what an answer can depend on: the names that are known, and the consumers."""
        return [self._connection.execute(query).fetchall() for query in BESIDE]
