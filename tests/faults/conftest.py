from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.database import Database

from faults.killed import warm_up


@pytest.fixture
def database(placement_folder: Path) -> Iterator[Database]:
    """The tables of the embedded Placement."""
    with Database(placement_folder) as database:
        yield database


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sleeps between two tries."""
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture(autouse=True, scope="session")
def warm() -> None:
    warm_up()
