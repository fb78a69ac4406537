from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pci_placement.embedded import EmbeddedPlacement


@pytest.fixture(scope="session")
def placement_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the embedded Placement keeps its database."""
    return tmp_path_factory.mktemp("placement")


@pytest.fixture(scope="session")
def placement_server(placement_folder: Path) -> Iterator[EmbeddedPlacement]:
    """One for the whole run: its import takes a second, and a process can run only one."""
    with EmbeddedPlacement(placement_folder) as server:
        yield server


@pytest.fixture
def placement(placement_server: EmbeddedPlacement) -> EmbeddedPlacement:
    """A real Placement that holds nothing yet."""
    placement_server.reset()
    placement_server.requests.clear()
    return placement_server
