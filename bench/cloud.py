"""What a node's passes cost Placement in clouds of several sizes, and how many nodes it bears.

Usage: python bench/cloud.py [NODES …]      (default: 1 1000 4000)

A Placement in processes of its own on PostgreSQL, filled with nodes like the one that makes passes:
8 PFs with 16 VFs each. The pages of the database that a pass lets it look at are the same in every
run, give or take one. CPU is in milliseconds, of the API and of all processes of the database: the
least of RUNS passes of each kind, and where nothing is to do of ROUNDS means over MANY passes.
Tokens are not checked, which Keystone's middleware does.

Then, for a host with CORES of these, how many nodes may make a pass a minute, or look at themselves
each minute and ask Placement every STRETCHED minutes, all with a full read an hour.
"""

import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy
from keystoneauth1 import adapter, session, token_endpoint
from node import Node, each_pass, host, scanning

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.postgres import postgres
from support.served import placements

from pci_placement.placement import Client

T = TypeVar("T")
RUNS, MANY, ROUNDS = 5, 5, 20
CORES, MINUTE, HOUR = 2, 60_000, 60
SHAPE = (8, 16, 0)
STRETCHED = 5
"""Minutes between two questions to Placement, where a node looks at itself in between."""

SIZES = (1, 1000, 4000)
BLOCK, BEYOND = 1000, 100_000_000
"""How far apart the database's ids of two copies are, and from where on those of others are."""

COPIES = (
    """
    CREATE TEMPORARY TABLE copied AS
    SELECT *, n * :block AS further FROM resource_providers, generate_series(:first, :last) n
    WHERE root_provider_id = (SELECT min(id) FROM resource_providers)
    """,
    """
    INSERT INTO resource_providers
        (id, uuid, name, generation, root_provider_id, parent_provider_id, created_at)
    SELECT id + further, gen_random_uuid(), name || '.' || n, generation,
        root_provider_id + further, parent_provider_id + further, now()
    FROM copied ORDER BY n, id
    """,
    """
    INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved,
        min_unit, max_unit, step_size, allocation_ratio, created_at)
    SELECT copied.id + further, resource_class_id, total, reserved,
        min_unit, max_unit, step_size, allocation_ratio, now()
    FROM copied JOIN inventories ON resource_provider_id = copied.id
    """,
    """
    INSERT INTO resource_provider_traits (resource_provider_id, trait_id, created_at)
    SELECT copied.id + further, trait_id, now()
    FROM copied JOIN resource_provider_traits ON resource_provider_id = copied.id
    """,
    "SELECT setval('resource_providers_id_seq', greatest(:beyond, max(id) + 1)) "
    "FROM resource_providers",
    "DROP TABLE copied",
)


PAGES = """
SELECT sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0))
FROM pg_statio_user_tables
"""


class Cloud:
    """A Placement with a database of its own, and the CPU that both have used."""

    def __init__(self, url: str, engine: sqlalchemy.Engine, folder: Path) -> None:
        self.url, self._engine, self._folder = url, engine, folder
        auth = token_endpoint.Token(url, "admin")
        self._client = Client(adapter.Adapter(session.Session(auth), service_type="placement"))
        self._nodes = 0

    def node(self) -> Node:
        """A compute node that has reported nothing yet."""
        name = f"node{self._nodes}"
        self._nodes += 1
        self.create(name)
        return Node(self.url, self._folder / name, name)

    def create(self, name: str) -> None:
        body = {"name": name, "uuid": str(uuid.uuid4())}
        self._client.send("POST", "/resource_providers", body)

    def grow(self, first: int, last: int) -> None:
        """Copy the first node so often."""
        known = {"first": first, "last": last, "block": BLOCK, "beyond": BEYOND}
        with self._engine.begin() as connection:
            for statement in COPIES:
                given = {name: value for name, value in known.items() if f":{name}" in statement}
                connection.execute(sqlalchemy.text(statement), given)
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sqlalchemy.text("VACUUM ANALYZE"))

    def pages(self, what: Callable[[], object]) -> int:
        """How many pages of tables and indexes the database looks at for it."""
        before = self._looked_at()
        what()
        return self._looked_at() - before

    def _looked_at(self) -> int:
        # PostgreSQL tells at the end of a transaction, but for those within a second of the last
        time.sleep(1.2)
        self._client.send("GET", "/resource_providers?name=nobody")
        with self._engine.begin() as connection:
            return int(connection.execute(sqlalchemy.text(PAGES)).scalar_one())

    def cost(self, what: Callable[[], object]) -> float:
        """Milliseconds of CPU at the server."""
        before = _cpu()
        what()
        return _cpu() - before


def _cpu() -> float:
    """Milliseconds that all processes below this one have used, and their ended children."""
    return sum(map(_of_process, _below(os.getpid())))


def _of_process(pid: int) -> float:
    threads = Path("/proc", str(pid), "task").iterdir()
    return sum(int((t / "schedstat").read_text().split()[0]) for t in threads) / 1e6


def _below(pid: int) -> Iterator[int]:
    for task in Path("/proc", str(pid), "task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from _below(child)


@contextmanager
def cloud() -> Iterator[Cloud]:
    with (
        tempfile.TemporaryDirectory() as name,
        postgres() as connection,
        placements(connection, Path(name), processes=1) as (url,),
    ):
        # a connection that is kept would keep the database from ending
        engine = sqlalchemy.create_engine(connection, poolclass=sqlalchemy.NullPool)
        # what the database tidies up by itself would count as what a pass costs
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
            own.execute(sqlalchemy.text("ALTER SYSTEM SET autovacuum = off"))
            own.execute(sqlalchemy.text("SELECT pg_reload_conf()"))
        yield Cloud(url, engine, Path(name))


def measured(one: Cloud) -> dict[str, float]:
    """The least that each kind of pass costs."""
    found = [_passes(one, one.cost) for _ in range(RUNS)]
    least = {kind: min(run[kind] for run in found) for kind in found[0]}
    return least | {"quiet": _quiet(one)}


def _passes(one: Cloud, measure: Callable[[Callable[[], object]], T]) -> dict[str, T]:
    node = one.node()
    with scanning(node):
        return each_pass(node, SHAPE, lambda full: measure(lambda: node.sync(full)))


def _quiet(one: Cloud) -> float:
    """A pass that finds nothing to do: the least mean of several, one after the other."""
    node = _settled(one)
    with scanning(node):
        several = [one.cost(lambda: [node.sync() for _ in range(MANY)]) for _ in range(ROUNDS)]
    return min(several) / MANY


def _settled(one: Cloud) -> Node:
    """A node that has reported all that it has."""
    node = one.node()
    node.devices = host(*SHAPE)
    with scanning(node):
        for _ in range(2):
            node.sync()
    return node


def main() -> None:
    sizes = sorted({int(argument) for argument in sys.argv[1:]} or SIZES)
    with cloud() as one:
        _settled(one)
        costs, pages, there = {}, {}, 1
        for size in sizes:
            if size > there:
                one.grow(there, size - 1)
                there = size
            pages[size] = _passes(one, one.pages)
            costs[size] = measured(one)
    show("pages of the database", pages, ",d")
    show("ms of CPU at the server", costs, ",.1f")
    print(f"nodes that {CORES} cores bear, with a full read an hour:")
    for name, minutes in (("a pass a minute", 1), (f"asked every {STRETCHED} minutes", STRETCHED)):
        print(f"{name:<26}" + "".join(f"{_borne(costs[size], minutes):>9,.0f}" for size in sizes))


def show(title: str, found: dict[int, dict[str, T]], how: str) -> None:
    """A row for each kind of pass, a column for each size of the cloud."""
    print(f"{title:<26}" + "".join(f"{size:>9,}" for size in found) + "  nodes")
    for kind in next(iter(found.values())):
        print(f"{kind:<26}" + "".join(f"{each[kind]:>9{how}}" for each in found.values()))
    print()


def _borne(costs: dict[str, float], minutes: int) -> float:
    """How many nodes cost all that there is."""
    of_one = costs["quiet"] / minutes + costs["full"] / HOUR
    return CORES * MINUTE / of_one


main()
