"""Looks at Placement's tables whenever somebody has written, and remembers when they were what."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.database import Database, Row, World

from pci_placement import identity

from .claims import Claims

PAUSE = 0.01
"""Seconds from one look to the next: what a latency may be wrong by."""

Wanted = Callable[[Mapping[str, Row]], bool]
"""Whether our providers, by key, are as they are to be."""


@dataclass(frozen=True, slots=True)
class Look:
    """What Placement had from some moment on."""

    at: float
    rows: World

    @property
    def ours(self) -> dict[str, Row]:
        """Our providers by key."""
        keys = ((identity.key_in_name(row.name), row) for row in self.rows.values())
        return {key: row for key, row in keys if key}


class Watch(threading.Thread):
    """Takes a look after each write, and has every look judged at once."""

    def __init__(self, folder: Path, claims: Claims) -> None:
        super().__init__(daemon=True)
        self._folder, self._claims = folder, claims
        self._looks: list[Look] = []
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self.number = 0

    def run(self) -> None:
        """Look until `end`."""
        with Database(self._folder) as database:
            version = None
            while not self._ended.wait(PAUSE):
                version, before = database.version, version
                if version != before:
                    self._look(database)

    def _look(self, database: Database) -> None:
        with self._claims.lock:
            look = Look(time.monotonic(), database.read_beside_requests())
            self._claims.judge(look.rows)
        with self._lock:
            self._looks.append(look)
        self.number += 1

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self.join()

    def since(self, moment: float) -> list[Look]:
        """The look that held at a moment, and all later ones; older ones are forgotten."""
        with self._lock:
            older = sum(look.at <= moment for look in self._looks)
            self._looks = self._looks[max(0, older - 1) :]
            return list(self._looks)

    @property
    def last(self) -> Look:
        """The newest look."""
        with self._lock:
            return self._looks[-1]

    def lasting(self, since: float, wanted: Wanted) -> float | None:
        """The moment from which on Placement is as wanted, up to now; None if it is not."""
        found = None
        for look in self.since(since):
            as_wanted = wanted(look.ours)
            found = (look.at if found is None else found) if as_wanted else None
        return found
