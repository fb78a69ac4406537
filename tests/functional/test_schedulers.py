"""The scheduler of doc/schedulers.md, as it stands there."""

import re
from pathlib import Path

import pytest
from keystoneauth1 import adapter, session, token_endpoint
from support import hosts
from support.cloud import HOST, LISTS, PLAIN, VFS, configure, uuid
from support.placements import ROOT, consumer_uuid

from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler

PAGE = Path(__file__).parents[2] / "doc" / "schedulers.md"
QAT, NIC = "CUSTOM_PCI_QAT", "CUSTOM_PCI_NIC"


@pytest.fixture
def page() -> dict:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    found: dict = {}
    exec(compile(code, PAGE.name, "exec"), found)  # noqa: S102  it is the page's own
    return found


@pytest.fixture
def asked(placement) -> adapter.Adapter:
    auth = token_endpoint.Token(placement.url, "admin")
    return adapter.Adapter(session.Session(auth), service_type="placement")


@pytest.fixture
def schedule(page, asked, client, placement, tmp_path):
    """A container with such devices; what it got, by provider."""
    placement.create_compute_node(ROOT.name, ROOT.uuid)
    settings = load([ConfigPath(str(configure(tmp_path, LISTS)))])
    Reconciler(settings, lambda: hosts.snapshot(list(HOST)), client, [].append).run_once()

    def schedule(who: str, wish: str) -> dict | None:
        found = page["candidates"](asked, settings.aliases, wish)
        held = page["claim"](asked, consumer_uuid(who), "project", "user", found)
        return held and {u: on["resources"] for u, on in held.items() if u != ROOT.uuid}

    return schedule


def test_it_claims_what_is_wished_for(schedule):
    assert schedule("one", "qat,nic:2@physnet1") == {uuid(PLAIN): {QAT: 1}, uuid(VFS): {NIC: 2}}
    assert schedule("two", "qat|nic") == {uuid(VFS): {NIC: 1}}
    assert schedule("three", "qat") is None
    assert schedule("four", "nic@physnet9") is None
    assert schedule("five", "nic") == {uuid(VFS): {NIC: 1}}


def test_it_takes_the_next_candidate_where_one_is_gone(page, asked, schedule):
    assert schedule("one", "qat")
    gone = {"allocations": {uuid(PLAIN): {"resources": {QAT: 1}}}}
    free = {"allocations": {uuid(VFS): {"resources": {NIC: 1}}}}
    held = page["claim"](asked, consumer_uuid("two"), "project", "user", [gone, free])
    assert held == free["allocations"]
