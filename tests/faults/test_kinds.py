"""The faults are what they say: how each of them meets the code that it is to try."""

import signal

import pytest
from requests.adapters import HTTPAdapter
from support import scenarios

from faults import killed
from faults.kinds import FAULTS
from faults.known import Known
from faults.matrix import Matrix
from faults.rival import CONSUMER, Rival
from faults.stage import make_pass, read_cache, stages
from faults.wire import Wire, client_over
from pci_placement.errors import Unreachable

BY_NAME = {fault.name: fault for fault in FAULTS}
GROWS = scenarios.load(next(p for p in scenarios.SCENARIOS if p.stem == "vf-count-grows"))
ENDS_IT = {"cut-off", "500", *(fault.name for fault in FAULTS if fault.name.endswith("-on"))}
"""What keystoneauth does not try again, or in vain; one more try is enough for all others."""


@pytest.fixture
def last(tmp_path, placement, database):
    """The last step of a scenario in which VFs are added, and a client of somebody else."""
    with client_over(HTTPAdapter(), placement.url) as client:
        for stage, clean in stages(GROWS, tmp_path, placement.url, database):
            found = stage, Matrix(stage, clean, client.send)
        stage.reset()
        yield found


@pytest.mark.parametrize("name", BY_NAME)
def test_how_it_meets_a_request(name, placement, database):
    wire = Wire(Known(database), BY_NAME[name], at=2)
    with client_over(wire, placement.url) as client:
        if name in ENDS_IT:
            with pytest.raises(Unreachable):
                client.send("PUT", "/resource_classes/CUSTOM_PCI_QAT")
        else:
            assert client.send("PUT", "/resource_classes/CUSTOM_PCI_QAT") == {}
    assert wire.struck
    acted = "after" in name or name == "cut-off" or name not in ENDS_IT
    assert bool(wire.moments) == acted
    known = Known(database).start.name
    assert ("CUSTOM_PCI_QAT" in known) == acted


def test_a_rival_makes_our_plan_stale(last):
    stage, matrix = last
    at = 1 + next(n for n, a in enumerate(matrix.clean.asked) if a.startswith("PUT /resource_prov"))
    rival = Rival(stage, matrix.guard, matrix.send, at)
    done = make_pass(stage, Wire(stage.known, rival.fault, at))
    assert rival.status == 409
    (held,) = [row.claims for row in stage.known.now.world.values() if row.claims]
    assert set(held) == {CONSUMER}
    assert done.report.outcome.stopped is None


@pytest.mark.parametrize("kind", [*killed.NAMES, *killed.SAVING])
def test_a_killed_pass_is_dead(last, kind):
    stage, matrix = last
    before = dict(stage.cache)
    code = killed.sync(stage, killed.bomb(kind, len(matrix.clean.asked)))
    assert code == -signal.SIGKILL
    with stage.state.lock():
        pass
    left = set(read_cache(stage.state_folder))
    assert before.keys() <= left
    assert (len(left) > len(before)) == (kind in killed.SAVING)
    assert stage.state.load().begun
    acted = stage.known.now.world != stage.known.start.world
    assert acted == (kind != "killed-before")
