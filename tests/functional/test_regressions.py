"""Each of these once failed: double claims, lost settings, wrong words."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from keystoneauth1 import session, token_endpoint
from support import hosts
from support.answers import CHILD, answer
from support.cloud import (
    BLUE,
    CARD,
    DRAINING,
    HOST,
    LISTS,
    NIC,
    OLD,
    PLAIN,
    POOL,
    QAT,
    QAT_CARD,
    RED,
    SLOT,
    SLOTS,
    VF,
    VFS,
    amounts,
    configure,
    have,
    name,
    observe,
    plan,
    reserved,
    the,
    tree,
    uuid,
    want,
    writes,
)
from support.placements import ROOT, Real

from pci_placement import names
from pci_placement.errors import PciPlacementError, PlacementError, Unreachable
from pci_placement.model import DeleteProvider, Drain, LastPass, Plan, SetInventories, Undrain
from pci_placement.model.outcome import Result
from pci_placement.placement import Client, RootWanted, of_session
from pci_placement.placement.apply import carry_out
from pci_placement.placement.transport import Transport
from pci_placement.plan.planner import needs_consumers
from pci_placement.settings import ConfigPath, load
from pci_placement.state.store import StateFile
from pci_placement.sync import Reconciler

URL = "http://placement.example:8778"


def pool(key, inv, *addrs):
    return want(key, inv, at={QAT: addrs})


def test_leaves_go_first_also_where_only_the_parent_gives_something_up():
    made = plan([], [have(CARD, {QAT: 1}), have(VFS)])
    assert writes(made) == [f"DeleteProvider {VFS}", f"DeleteProvider {CARD}"]


def test_an_operators_drain_of_one_class_survives_our_drain_of_another():
    there = have(VFS, {NIC: reserved(2), OLD: 2}, used={"bob": {OLD: 1}})
    wanted = [want(CARD), want(VFS, {NIC: 2})]
    d = the(Drain, plan(wanted, [have(CARD), there]))
    again = replace(there, inventories=d.inventories, traits=d.traits)
    assert plan(wanted, [have(CARD), again]).actions == ()


def test_an_undrain_that_is_limited_does_not_leave_our_reservation_behind():
    there = [
        have(CARD),
        have(RED, {NIC: reserved(4)}, DRAINING, used={"a": {NIC: 2}}),
        have(BLUE, {NIC: 2}, used={"b": {NIC: 2}}),
    ]
    wanted = [want(RED, {NIC: 5}, at={NIC: VF[:5]}), want(BLUE, {NIC: 1}, at={NIC: VF[5:6]})]
    made = plan([want(CARD), *wanted], there)
    u = the(Undrain, made)
    assert u.inventories[NIC].reserved == 0


def test_the_remnant_of_a_drained_pool_stays_drained():
    there = have(POOL, {QAT: reserved(2)}, DRAINING, used={"bob": {QAT: 1}})
    made = plan([], [there], held=["0000:99:00.0", "0000:98:00.0"])
    assert not [a for a in made.actions if isinstance(a, Undrain)]


def test_what_was_withheld_stays_withheld_at_the_next_pass():
    wanted = [want(CARD), want(VFS, {NIC: 1, QAT: 1})]
    there = have(
        VFS, {NIC: 1}, used=None
    )  # NIC 2 -> 1 was written by the pass before; 2 are in use
    assert uuid(VFS) in needs_consumers(tree(*wanted), observe(have(CARD), there))


def test_a_giver_is_moved_after_its_parent_was_created():
    made = plan([want(CARD), want(VFS, {NIC: 3})], [have(VFS, {NIC: 4}, parent=ROOT.uuid)])
    w = writes(made)
    assert w.index(f"CreateProvider {CARD}") < w.index(f"MoveProvider {VFS}")


def test_after_a_rename_all_lines_have_the_new_name():
    made = plan(
        [want(PLAIN, {QAT: 1}, names.numa_trait(0))], [have(PLAIN, {QAT: 1}, name="by hand")]
    )
    assert {a.name for a in made.actions if a.name} == {name(PLAIN)}


def test_a_pf_used_as_part_of_a_pool_keeps_its_vfs_off():
    made = plan([want(CARD), want(VFS, {NIC: 4})], [have(POOL, {QAT: 1}, used={"bob": {QAT: 1}})])
    assert not [a for a in made.actions if isinstance(a, SetInventories)]


def test_a_card_used_whole_before_it_became_exclusive_keeps_its_vfs_off():
    both = want(CARD, {QAT: 1, NIC: 4, SLOT: SLOTS})
    made = plan([both], [have(CARD, {QAT: 1}, used={"bob": {QAT: 1}})])
    for a in made.actions:
        if isinstance(a, SetInventories):
            free = (
                a.inventories[SLOT].total - a.inventories[SLOT].reserved
                if SLOT in a.inventories
                else 0
            )
            assert NIC not in a.inventories or free == 0


def test_a_pf_whose_vfs_are_used_is_one_device_of_its_pool():
    w = pool(POOL, {QAT: 4}, CARD, "0000:82:00.0", "0000:83:00.0", "0000:84:00.0")
    made = plan([w], [have(CARD), have(VFS, {NIC: 4}, used={"bob": {NIC: 3}})])
    assert the(SetInventories, made).inventories == amounts({QAT: 3})


def test_a_cache_with_a_list_for_inventories_is_none(tmp_path):
    f = StateFile(tmp_path, "node")
    f.save(LastPass(providers={"u": have(PLAIN)}))
    (path,) = tmp_path.glob("*.json")
    c = json.loads(path.read_text())
    c["providers"][0]["inventories"] = []
    path.write_text(json.dumps(c))
    assert f.load() == LastPass()


@pytest.fixture
def transport(requests_mock, monkeypatch):
    monkeypatch.setattr("keystoneauth1.session.time.sleep", list)
    requests_mock.get(URL, **answer("versions"))
    return Transport(of_session(session.Session(token_endpoint.Token(URL, "s3cret")), None, None))


@pytest.mark.parametrize("errors", [{"detail": "x"}, 3, "x"])
def test_errors_that_are_no_list(transport, requests_mock, errors):
    requests_mock.get(URL + "/x", status_code=400, json={"errors": errors})
    with pytest.raises(PlacementError):
        transport.send("GET", "/x")


def test_a_page_instead_of_an_answer_is_no_placement(transport, requests_mock):
    requests_mock.get(URL + "/resource_providers", text="<html>login</html>")
    with pytest.raises(PciPlacementError):
        transport.send("GET", "/resource_providers")


def test_a_connection_cut_in_the_middle_of_an_answer_may_succeed_later(transport, requests_mock):
    requests_mock.get(URL + "/x", exc=requests.exceptions.ChunkedEncodingError("IncompleteRead"))
    with pytest.raises(Unreachable):
        transport.send("GET", "/x")


def test_another_service_is_not_taken_for_placement(requests_mock):
    nova = {
        "versions": [
            {
                "id": "v2.1",
                "status": "CURRENT",
                "version": "2.96",
                "min_version": "2.1",
                "links": [{"rel": "self", "href": URL + "/v2.1/"}],
            }
        ]
    }
    requests_mock.get(URL, json=nova)
    requests_mock.get(URL + "/v2.1/", json=nova)
    requests_mock.get(URL + "/x", json={})
    t = Transport(of_session(session.Session(token_endpoint.Token(URL, "s3cret")), None, None))
    with pytest.raises(PciPlacementError):
        t.send("GET", "/x")


def test_a_delete_of_what_is_gone_is_done(transport, requests_mock):
    requests_mock.delete(f"{URL}/resource_providers/{CHILD}", **answer("not_found"))
    out = carry_out(Plan((DeleteProvider(CHILD, "n", ""),)), transport.send)
    assert [d.result for d in out.results] == [Result.DONE]


@pytest.fixture
def client(placement):
    return Client(
        of_session(session.Session(token_endpoint.Token(placement.url, "admin")), None, None)
    )


def rec(client, tmp_path, host=HOST, lists=LISTS):
    s = load([ConfigPath(str(configure(tmp_path, lists)))])
    return Reconciler(s, lambda: hosts.snapshot(host), client, [].append)


TAGGED = LISTS.replace('"physnet1"', '"physnet1", "traits": "CUSTOM_FAST"')


def test_a_trait_of_an_entry_is_remembered_while_its_card_is_held(client, tmp_path):
    Real(client)
    r = rec(client, tmp_path, lists=TAGGED).run_once().last_pass
    conflict = LISTS + 'device_spec = {"address": "0000:81:00.0", "device_type": "type-PF"}\n'
    conflict = conflict.replace('"devname": "ens1f0"', '"vendor_id": "8086", "product_id": "10ca"')
    r = rec(client, tmp_path, lists=conflict).run_once(r).last_pass
    r = rec(client, tmp_path).run_once(r).last_pass
    assert "CUSTOM_FAST" not in r.providers[uuid(VFS)].traits


def test_a_trait_of_an_entry_is_remembered_while_its_device_is_drained(client, tmp_path):
    real = Real(client)
    r = rec(client, tmp_path, lists=TAGGED).run_once().last_pass
    real.claim("bob", {VFS: {"CUSTOM_PCI_NIC": 1}})
    r = rec(client, tmp_path, host=(QAT_CARD,)).run_once(r).last_pass
    r = rec(client, tmp_path).run_once(r).last_pass
    assert "CUSTOM_FAST" not in r.providers[uuid(VFS)].traits


def test_the_uuid_of_a_child_is_not_a_root(client, tmp_path):
    Real(client)
    rec(client, tmp_path).run_once()
    with pytest.raises(PciPlacementError):
        client.observe(RootWanted("x", uuid(PLAIN)), [])


SCRIPT = Path(sys.executable).with_name("pci-placement")


def script(*a):
    return subprocess.run(
        [SCRIPT, *map(str, a)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin", "HOME": "/nonexistent"},
        cwd="/",
    )


def test_an_unknown_command_is_told_on_stderr():
    done = script("frobnicate")
    assert (done.returncode, done.stdout) == (2, "")


def test_provider_list_without_configuration(tmp_path):
    sysfs = hosts.write_tree(tmp_path / "sys", hosts.snapshot(HOST))
    done = script("--sysfs", sysfs, "provider", "list")
    assert done.returncode == 2
    assert "no configuration file" in done.stderr
