from __future__ import annotations

from importlib.util import find_spec

import pytest

if find_spec("nova.scheduler"):  # where nova is not installed its tests say so
    import support.nova  # noqa: F401  before anything of nova: it says how nova makes threads


@pytest.fixture
def stage(tmp_path, placement_process):
    """A Placement that holds nothing yet, and a nova that can be started beside it."""
    from support.nova.stage import Stage

    placement_process.reset()
    with Stage(tmp_path, placement_process.url) as stage:
        yield stage
