"""A cloud of any size in a real Placement: written into its tables, as many requests would be.

Each node has a GPU, and a card with eight VFs; what differs is said of the first nodes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from pci_placement import identity, names

GPU, NIC = names.resource_class("PCI_GPU"), names.resource_class("PCI_NIC")
PLAIN, CARD = "0000:3b:00.0", "0000:81:00.0"
VFS = f"{CARD}:vf"
_IS_ITS_ROOT = "update resource_providers set root_provider_id = id where id = ?"
_DATE = "2026-01-01 00:00:00"
_NAMES = (names.MANAGED, names.DRAINING, names.DRAINED)


@dataclass(frozen=True)
class Shape:
    """What of a node is in use or reserved: of its CPUs, GPUs and VFs."""

    used: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    marks: tuple[str, ...] = ()


FULL = Shape({"VCPU": 4, GPU: 1, NIC: 8})
"""Nothing is free on it."""
BUSY = Shape({"VCPU": 4, GPU: 1, NIC: 3})
"""Of its CPUs nothing is free, of its VFs something."""
DRAINED = Shape(reserved={GPU: 1, NIC: 8}, marks=(names.DRAINING,))
BY_HAND = Shape(reserved={NIC: 2})
PLAIN_ONE = Shape()


def node_name(number: int) -> str:
    return f"node-{number:04}"


def fill(send, folder: Path, nodes: int, first: Iterable[Shape] = ()) -> None:
    """Register so many nodes; the first of them have these shapes."""
    for name in _NAMES:
        send("PUT", f"/traits/{name}")
    for name in (GPU, NIC):
        send("PUT", f"/resource_classes/{name}")
    shapes = [*first]
    shapes += [PLAIN_ONE] * (nodes - len(shapes))
    (file,) = folder.glob("*.sqlite*")
    with closing(sqlite3.connect(file)) as database, database:
        _Writer(database).write(shapes)


class _Writer:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database
        self._classes = self._ids("resource_classes")
        self._traits = self._ids("traits")

    def _ids(self, table: str) -> dict[str, int]:
        return dict(self._db.execute(f"select name, id from {table}"))  # noqa: S608  one of ours

    def write(self, shapes: list[Shape]) -> None:
        for number, shape in enumerate(shapes):
            self._node(node_name(number), shape)

    def _node(self, name: str, shape: Shape) -> None:
        root = str(uuid5(NAMESPACE_URL, name))
        top = self._provider(root, name, None, None)
        self._inventory(top, "VCPU", 4, shape, root)
        keys = {PLAIN: (GPU, 1), CARD: None, VFS: (NIC, 8)}
        ids: dict[str, int] = {}
        for key, has in keys.items():
            parent = ids[CARD] if key == VFS else top
            uuid = identity.provider_uuid(root, key)
            ids[key] = self._provider(uuid, identity.provider_name(name, key), parent, top)
            for mark in (names.MANAGED, *(shape.marks if has else ())):
                self._insert(
                    "resource_provider_traits",
                    resource_provider_id=ids[key],
                    trait_id=self._traits[mark],
                )
            if has:
                self._inventory(ids[key], *has, shape, uuid)

    def _provider(self, uuid: str, name: str, parent: int | None, root: int | None) -> int:
        made = self._insert(
            "resource_providers",
            uuid=uuid,
            name=name,
            generation=1,
            parent_provider_id=parent,
            root_provider_id=root,
        )
        if root is None:
            self._db.execute(
                "update resource_providers set root_provider_id = id where id = ?", [made]
            )
        return made

    def _inventory(self, provider: int, name: str, total: int, shape: Shape, uuid: str) -> None:
        fields = {"resource_provider_id": provider, "resource_class_id": self._classes[name]}
        numbers = {"min_unit": 1, "max_unit": total, "step_size": 1, "allocation_ratio": 1.0}
        kept = shape.reserved.get(name, 0)
        self._insert("inventories", **fields, total=total, reserved=kept, **numbers)
        if used := shape.used.get(name):
            self._insert("allocations", **fields, consumer_id=uuid, used=used)

    def _insert(self, table: str, **values: object) -> int:
        values |= {"created_at": _DATE, "updated_at": _DATE}
        marks = ", ".join("?" * len(values))
        sql = f"insert into {table} ({', '.join(values)}) values ({marks})"  # noqa: S608  ours, too
        return int(self._db.execute(sql, list(values.values())).lastrowid or 0)
