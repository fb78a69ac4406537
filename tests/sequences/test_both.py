"""The same sequences against a real Placement beside the one in memory: all answers are alike."""

import pytest
from keystoneauth1 import session, token_endpoint
from support.database import Database
from support.memory import MemoryAdapter
from support.side_by_side import SideBySide

from pci_placement.placement import of_session

from .run import play_in
from .steps import sequence
from .world import World

LENGTH = 40


@pytest.fixture
def both(placement, placement_folder):
    real = of_session(session.Session(token_endpoint.Token(placement.url, "admin")), None, None)
    with Database(placement_folder) as database:
        yield SideBySide(real, MemoryAdapter(), database)


@pytest.mark.parametrize("seed", range(3))
def test_answers_alike(seed, both):
    world = World(both=both)
    steps = [step for step in sequence(seed, LENGTH) if step[0] != "fault"]
    assert play_in(world, steps) is None
    assert world.counts["sync"] > 1
