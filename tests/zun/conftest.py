from __future__ import annotations

from importlib.util import find_spec

import pytest

if find_spec("zun.scheduler"):  # where zun is not installed its tests say so
    import support.zun  # noqa: F401  before a thread is started: it makes them green


@pytest.fixture(scope="session")
def placement_process(tmp_path_factory):
    """A real Placement in a process of its own, whose threads are none of zun's."""
    from support.zun.placement import Placement

    folder = tmp_path_factory.mktemp("placement")
    with Placement(folder) as placement:
        yield placement


@pytest.fixture
def start(tmp_path, placement_process):
    """Starts a zun on a zun.conf, with nodes that have devices."""
    from support.zun.stage import Stage

    placement_process.reset()
    with Stage(tmp_path, placement_process.url) as stage:
        yield stage.start
