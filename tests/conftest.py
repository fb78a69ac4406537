from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support.ports import kept_port

from pci_placement.embedded import EmbeddedPlacement

# What decides over a change says the same twice, however busy the machine is: the same examples
# every time, and no example or health check has a time limit. The other profile looks for examples
# that nobody has tried yet: `make search`.
TIMELESS = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("gate", derandomize=True, **TIMELESS)
settings.register_profile("search", **TIMELESS)
settings.load_profile("gate")


@pytest.fixture(scope="session")
def placement_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the embedded Placement keeps its database."""
    return tmp_path_factory.mktemp("placement")


@pytest.fixture(scope="session")
def placement_server(placement_folder: Path) -> Iterator[EmbeddedPlacement]:
    """One for the whole run: its import takes a second, and a process can run only one."""
    # tests stop and start it: meanwhile nobody else may take its port
    with kept_port() as port, EmbeddedPlacement(placement_folder, port=port) as server:
        yield server


@pytest.fixture
def placement(placement_server: EmbeddedPlacement) -> EmbeddedPlacement:
    """A real Placement that holds nothing yet."""
    placement_server.reset()
    placement_server.requests.clear()
    return placement_server
