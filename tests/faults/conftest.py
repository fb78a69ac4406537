from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.database import Database

from faults.killed import warm_up
from faults.tally import TALLY


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many faults were tried and survived."""
    if TALLY.tried:
        terminalreporter.section("faults")
        for line in TALLY.lines():
            terminalreporter.write_line(line)
