from __future__ import annotations

from importlib.util import find_spec

import pytest
from support.cloud import LISTS

if find_spec("zun.scheduler"):  # where zun is not installed its tests say so
    import support.zun  # noqa: F401  before a thread is started: it makes them green


@pytest.fixture
def stage(tmp_path, placement_process):
    """A Placement that holds nothing yet, and a zun that can be started beside it."""
    from support.zun.stage import Stage

    placement_process.reset()
    with Stage(tmp_path, placement_process.url) as stage:
        yield stage


@pytest.fixture
def start(stage):
    """Starts a zun on a zun.conf, with nodes that have devices."""
    return stage.start


@pytest.fixture
def machine(stage, tmp_path, monkeypatch):
    """Makes the only node that has devices, with our driver of Docker."""
    from support.zun.docker import daemon
    from support.zun.machine import Machine

    from pci_placement.zun.record import Record

    folder = tmp_path / "host"
    folder.mkdir()
    monkeypatch.setattr(Record, "sysfs", str(folder / "sys"))
    with daemon() as docker:

        def machine(*lines: dict, lists: str = LISTS):
            return Machine(stage, folder, docker, lists, lines)

        yield machine


@pytest.fixture
def stock():
    """zun as it is released; its list of filters lasts as long as the process."""
    from zun.scheduler import request_filter

    before = list(request_filter.ALL_REQUEST_FILTERS)
    ours = [one for one in before if one.__module__.startswith("pci_placement")]
    for one in ours:
        request_filter.ALL_REQUEST_FILTERS.remove(one)
    yield
    request_filter.ALL_REQUEST_FILTERS[:] = before
