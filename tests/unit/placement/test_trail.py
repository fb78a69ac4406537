"""Every request goes under an id, and somebody may hear what became of it."""

import pytest
import requests
from support.answers import answer

from pci_placement.errors import PlacementError, Unreachable
from pci_placement.placement.bounds import Bounds
from pci_placement.placement.trail import HEADER, Answered, Trail, new_request_id
from pci_placement.placement.transport import Transport

URL = "http://placement.example:8778"
TREE = f"{URL}/resource_providers"
OURS, THEIRS = new_request_id(), new_request_id()


@pytest.fixture
def heard() -> list[Answered]:
    return []


@pytest.fixture
def transport(adapter, requests_mock, heard) -> Transport:
    """A way to a Placement on a clock of its own: a second passes whenever it is looked at."""
    requests_mock.get(URL, **answer("versions"))
    ticks = iter(map(float, range(1000)))
    bounds = Bounds(now=lambda: next(ticks), wait=lambda _: None)
    return Transport(adapter, bounds, trail=Trail(lambda: OURS, heard.append))


def test_a_request_is_told_with_both_of_its_ids_and_how_long_it_took(
    transport, requests_mock, heard
):
    told = answer("tree")
    told["headers"] = {**told["headers"], HEADER.lower(): THEIRS}
    requests_mock.get(TREE, **told)
    transport.send("GET", "/resource_providers")
    assert requests_mock.last_request.headers[HEADER] == OURS
    (one,) = heard
    assert one._replace(seconds=0) == Answered("GET", TREE, 200, 0, THEIRS, OURS)
    assert one.seconds > 0


def test_an_error_is_an_answer_too(transport, requests_mock, heard):
    requests_mock.get(TREE, status_code=404)
    with pytest.raises(PlacementError):
        transport.send("GET", "/resource_providers")
    assert [one.status for one in heard if one.url == TREE] == [404, 404]


def test_each_try_is_told_and_0_is_no_answer(transport, requests_mock, heard):
    requests_mock.get(TREE, exc=requests.ConnectionError)
    with pytest.raises(Unreachable):
        transport.send("GET", "/resource_providers")
    assert [one.status for one in heard] == [0, 0, 0]


def test_several_may_hear_and_the_id_stays_the_same(adapter, requests_mock, heard):
    requests_mock.get(TREE, **answer("tree"))
    also: list[Answered] = []
    trail = Trail(lambda: OURS, heard.append).also(also.append)
    Transport(adapter, trail=trail).send("GET", "/resource_providers")
    assert heard == also
    assert [one.global_request_id for one in heard if one.url == TREE] == [OURS]


def test_without_a_trail_all_goes_under_one_id(adapter, requests_mock):
    requests_mock.get(URL, **answer("versions"))
    requests_mock.get(TREE, **answer("tree"))
    for _ in range(2):
        alone = Transport(adapter)
        for _ in range(2):
            alone.send("GET", "/resource_providers")
    ids = [request.headers[HEADER] for request in requests_mock.request_history]
    assert len(set(ids)) == 2
    assert all(one.startswith("req-") for one in ids)
