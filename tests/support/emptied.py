"""A real Placement in a process of its own, on a SQLite file that is emptied between tests."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Self

from support.served import placements

NAMES = ("resource_classes", "traits")
"""Tables that keep the standard names, which Placement writes only once."""


class Placement:
    """The server, from when it is entered on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "placement.sqlite"
        self._undo = contextlib.ExitStack()
        self.url = ""

    def __enter__(self) -> Self:
        served = placements(f"sqlite:///{self._file}", self._folder, processes=1)
        (self.url,) = self._undo.enter_context(served)
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def reset(self) -> None:
        """Forget everything but the standard names."""
        with contextlib.closing(sqlite3.connect(self._file)) as database, database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables.fetchall():
                if table != "alembic_version":
                    # the names are those of Placement's own tables
                    rest = " WHERE name LIKE 'CUSTOM$_%' ESCAPE '$'" if table in NAMES else ""
                    database.execute(f"DELETE FROM {table}{rest}")  # noqa: S608  of Placement's own tables
