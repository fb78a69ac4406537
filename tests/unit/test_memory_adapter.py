"""What the Placement in memory can do beyond the real one: fail as asked, and go back."""

import pytest
from support.cloud import CARD, NIC, PLAIN, QAT, VFS, tree, uuid, want
from support.memory import MemoryAdapter, MemoryPlacement, dropped, refusal
from support.placements import ROOT, Real, claim, consumer_uuid

from pci_placement.errors import GenerationConflict, PciPlacementError, Unreachable
from pci_placement.placement import Client, RootWanted
from pci_placement.placement.apply import Result
from pci_placement.plan.planner import make_plan

WANTED = (want(PLAIN, {QAT: 1}), want(CARD), want(VFS, {NIC: 4}))
TREE = f"/resource_providers?in_tree={ROOT.uuid}"
URL = f"/resource_providers/{uuid(VFS)}"
BOX = consumer_uuid("box")


@pytest.fixture
def adapter():
    """Of a Placement in memory alone, after one pass."""
    adapter = MemoryAdapter()
    Real(Client(adapter))
    sync(Client(adapter), *WANTED)
    return adapter


def sync(client: Client, *wanted) -> None:
    observed = client.observe(RootWanted(ROOT.name), [provider.key for provider in WANTED])
    observed = client.with_consumers(observed, observed.providers)
    done = client.apply(make_plan(tree(*wanted), observed)).results
    assert {each.result for each in done} == {Result.DONE}


def test_a_request_that_is_dropped_before_it_arrives_does_nothing(adapter):
    before = adapter.placement.snapshot()
    adapter.on_request = lambda method, _: _raise() if method == "DELETE" else None
    with pytest.raises(Unreachable):
        Client(adapter).send("DELETE", URL)
    assert adapter.placement.state.providers == before.providers


def test_an_answer_that_is_lost_does_not_undo_the_request(adapter):
    adapter.on_answer = lambda method, *_: _raise() if method == "DELETE" else None
    with pytest.raises(Unreachable):
        Client(adapter).send("DELETE", URL)
    assert uuid(VFS) not in adapter.placement.state.providers


def _raise() -> None:
    raise dropped()


@pytest.mark.parametrize(
    ("hook", "there"),
    [
        pytest.param("on_request", True, id="instead of doing it"),
        pytest.param("on_answer", False, id="after doing it"),
    ],
)
def test_an_error_can_be_answered(adapter, hook, there):
    client = Client(adapter)
    assert client.send("GET", URL)
    setattr(adapter, hook, lambda *_: refusal(500, "database is locked"))
    with pytest.raises(Unreachable, match="database is locked"):
        client.send("DELETE", URL)
    assert (uuid(VFS) in adapter.placement.state.providers) is there


def test_somebody_else_can_come_in_between(adapter):
    client, rival = Client(adapter), Client(MemoryAdapter(adapter.placement))
    body = client.send("GET", f"{URL}/inventories")
    adapter.on_request = lambda *_: rival.send("PUT", f"{URL}/inventories", body) and None
    with pytest.raises(GenerationConflict):
        client.send("PUT", f"{URL}/inventories", body)


def test_a_snapshot_brings_everything_back_as_often_as_wanted(adapter):
    client, placement = Client(adapter), adapter.placement
    claim(client.send, BOX, {uuid(VFS): {NIC: 2}})
    snapshot, listed = placement.snapshot(), client.send("GET", TREE)
    for _ in range(2):
        client.send("DELETE", f"/allocations/{BOX}")
        client.send("PUT", "/traits/CUSTOM_LATE")
        sync(client)
        assert client.send("GET", TREE) != listed
        placement.restore(snapshot)
        assert client.send("GET", TREE) == listed
        assert client.send("GET", f"/allocations/{BOX}")["allocations"]
        assert client.unknown_traits(["CUSTOM_LATE"])


def test_an_answer_has_what_the_client_of_an_http_library_reads(adapter):
    found = adapter.request(URL, "GET", microversion="1.39")
    assert (found.status_code, found.reason, found.url) == (
        200,
        "OK",
        f"http://placement.test{URL}",
    )
    assert found.json()["uuid"] == uuid(VFS)
    assert found.text == found.content.decode()
    assert len(found.content) == len(found.text)
    assert found.headers["x-openstack-request-id"]


def test_an_older_placement_offers_less():
    older = MemoryAdapter(MemoryPlacement(newest=(1, 36)))
    assert Client(older).send("GET", "/resource_classes")
    assert older.request("/traits", "GET", microversion="1.37").status_code == 406
    with pytest.raises(PciPlacementError, match=r"1\.30 \(Rocky\)"):
        Client(MemoryAdapter(MemoryPlacement(newest=(1, 29)))).send("GET", "/traits")
