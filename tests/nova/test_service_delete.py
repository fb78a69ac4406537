"""`openstack compute service delete` on a node of which we offer devices."""

from __future__ import annotations

import pytest
from support.cloud import PLAIN

pytest.importorskip("nova.scheduler.utils", reason="nova is not installed")

from support.beside import on
from support.nova.stage import CONTAINER

from pci_placement.errors import RootNotFound
from pci_placement.plan.forsaken import FORSAKEN


def test_nova_takes_all_that_is_free_with_it(stage):
    stage.start()
    stage.nova.delete_service()
    assert stage.everything() == {}
    with pytest.raises(RootNotFound):
        stage.sync()


@pytest.fixture
def left(stage):
    """What nova leaves where one device of ours is claimed, and answers that all is well."""
    stage.start()
    stage.claim()
    stage.nova.delete_service()
    assert set(stage.everything()) == {"node", on(PLAIN)}
    return stage


def test_what_it_leaves_is_told_and_not_built_up_again(left):
    before = left.everything()
    for _ in range(3):
        assert left.sync() == []
        assert left.last.planned.held == {"node": FORSAKEN}
    assert left.everything() == before
    assert left.devices(CONTAINER) == {on(PLAIN): 1}


def test_once_nova_is_back_and_starts_a_server_all_is_offered_again(left):
    left.sync()
    left.nova.restart_compute_service("node")
    left.nova.discover_hosts()
    assert left.sync() == []
    left.nova.create({})
    assert left.sync() != []
    assert left.last.planned.held == {}
    assert len(left.everything()) == 5
