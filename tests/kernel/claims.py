"""Who claims devices of the guest, and a compute service that gives them out; the books of both."""

from __future__ import annotations

import random
import threading
import uuid as uuids
from collections.abc import Iterator

from sequences.judge import Broken, claims_as_they_were, devices_held, foreign_as_is, no_stranger
from sequences.service import Service, offers
from support.database import Row, World

from pci_placement import identity
from pci_placement.errors import PlacementError
from pci_placement.placement import Client

MICROVERSION = "1.38"


def mine(rows: World) -> set[str]:
    """The uuids of our providers: by name, so that one without our mark is seen too."""
    return {uuid for uuid, row in rows.items() if identity.key_in_name(row.name)}


class Claims:
    """Claims and releases; knows at each moment what Placement must have of every consumer."""

    def __init__(self, client: Client, service: Service, foreign: World) -> None:
        self.service = service
        self.faults: list[str] = []
        self.granted = self.refused = self.empty = 0
        self._client, self._foreign = client, foreign
        self._changing: set[str] = set()
        self.lock = threading.Lock()
        """Whoever holds it may read tables and books as of one moment."""

    def offered(self, rows: World) -> Iterator[tuple[str, str, Row]]:
        """Provider, class and row of what can be claimed now."""
        for uuid, name, row in offers(rows, mine(rows)):
            if self.service.room(uuid, name, row):
                yield uuid, name, row

    def claim(self, uuid: str, name: str, row: Row, draw: random.Random) -> str | None:
        """Claim one device; None where Placement refuses, or the service has none to give.

        The service looks at the host it knows: call it after it was shown the one of now.
        """
        consumer = str(uuids.UUID(int=draw.getrandbits(128), version=4))
        body = {
            "allocations": {uuid: {"resources": self.service.resources(uuid, name, row, 1)}},
            "project_id": "lab",
            "user_id": "lab",
            "consumer_type": "CONTAINER",
            "consumer_generation": None,
        }
        with self.lock:
            self._changing.add(consumer)
        try:
            # several consumers in one request, as nova's conductor and blazar send them: here one
            self._client.send("POST", "/allocations", {consumer: body}, MICROVERSION)
        except PlacementError:
            self.refused += 1
            self._settled(consumer)
            return None
        return self._give(consumer, uuid, name, draw)

    def _give(self, consumer: str, uuid: str, name: str, draw: random.Random) -> str | None:
        free = self.service.free(uuid, name)
        if not free:
            self.empty += 1
            self._client.send("DELETE", f"/allocations/{consumer}")
            self._settled(consumer)
            return None
        with self.lock:
            self.service.give(consumer, {draw.choice(free)})
        self._settled(consumer)
        self.granted += 1
        return consumer

    def release(self, consumer: str) -> None:
        """Give back what a consumer has."""
        with self.lock:
            self._changing.add(consumer)
            del self.service.books.given[consumer]
        self._client.send("DELETE", f"/allocations/{consumer}")
        self._settled(consumer)

    def _settled(self, consumer: str) -> None:
        with self.lock:
            self._changing.discard(consumer)

    def judge(self, rows: World) -> None:
        """What must hold at every moment; the lock is held since before the tables were read."""
        held = {c: n for c, n in devices_held(rows).items() if c not in self._changing}
        given = {c: d for c, d in self.service.books.given.items() if c not in self._changing}
        try:
            claims_as_they_were(given, held)
            foreign_as_is(self._foreign, rows)
            no_stranger(self._foreign, rows)
        except Broken as broken:
            self.faults.append(str(broken))
