"""What plan and sync tell of what others did, and of what waits, to whoever has to act on it."""

import pytest
from support.cloud import LISTS, PLAIN, VFS, name, uuid
from support.placements import ROOT, consumer_uuid
from support.seen import on_offer, used

from pci_placement.errors import ReshapeForbidden
from pci_placement.placement import Client

NIC, QAT = "CUSTOM_PCI_NIC", "CUSTOM_PCI_QAT"
RENAMED = LISTS.replace('"name": "qat"', '"name": "crypto"')
CRYPTO = "CUSTOM_PCI_CRYPTO"
PREMIUM = LISTS.replace(
    'device_spec = {"devname"',
    'device_spec = {"address": "0000:81:10.0", "resource_class": "premium",'
    ' "physical_network": "physnet1"}\n'
    'device_spec = {"devname"',
)


@pytest.fixture
def synced(run, real):
    """This host as a first pass leaves it."""
    assert run("sync").code == 0
    return real


def move(real, key: str, parent: str) -> None:
    body = {"name": name(key), "parent_provider_uuid": parent}
    real.send("PUT", f"/resource_providers/{uuid(key)}", body)


def change_total(real) -> None:
    url = f"/resource_providers/{uuid(VFS)}/inventories"
    body = real.send("GET", url)
    body["inventories"][NIC] |= {"total": 9, "allocation_ratio": 2.0}
    real.send("PUT", url, body)


@pytest.mark.parametrize(
    ("act", "action", "reason"),
    [
        (
            lambda real: real.delete(PLAIN),
            "create_provider",
            "somebody deleted it since the last pass",
        ),
        (
            lambda real: real.rename(PLAIN, "mine"),
            "rename_provider",
            "somebody renamed it since the last pass: it is called mine",
        ),
        (
            lambda real: real.add_trait(VFS, "CUSTOM_PCI_ODD"),
            "set_traits",
            "somebody changed its traits since the last pass: +CUSTOM_PCI_ODD",
        ),
        (
            change_total,
            "set_inventories",
            f"somebody changed its inventories since the last pass: {NIC} total 9 instead of 4, "
            f"{NIC} allocation_ratio 2.0 instead of 1.0",
        ),
    ],
)
def test_what_somebody_did_by_hand_is_the_reason(run, synced, act, action, reason):
    act(synced)
    told = {row["action"]: (row["reason"], row["reason_code"]) for row in run("plan -f json").json}
    said, code = told[action]
    assert (said.endswith(f"; {reason}"), code) == (True, "drift")
    assert run("sync").code == 0
    assert run("plan -f json").json == []


def test_what_was_moved_below_another_compute_node_is_brought_back(run, synced, placement):
    move(synced, PLAIN, placement.create_compute_node("other"))
    done = run("sync -f json")
    assert done.code == 0
    assert {"action": "move_provider", "provider": name(PLAIN), "result": "done"} in done.json
    found = synced.send("GET", f"/resource_providers/{uuid(PLAIN)}")
    assert found["parent_provider_uuid"] == ROOT.uuid


def test_claims_that_move_are_told_with_who_has_them(run, synced):
    synced.claim("bob", {PLAIN: {QAT: 1}})
    (row,) = (r for r in run("plan -f json", lists=RENAMED).json if r["action"] == "reshape")
    before, after = row.pop("before"), row.pop("after")
    assert ([*before[name(PLAIN)]["inventories"]], [*after[name(PLAIN)]["inventories"]]) == (
        [QAT],
        [CRYPTO],
    )
    assert row == {
        "action": "reshape",
        "uuid": uuid(PLAIN),
        "reason_code": "claims",
        "provider": name(PLAIN),
        "detail": f"claims of {QAT} become {CRYPTO}",
        "reason": "the devices that its claims may hold are all counted there from now on",
        "consumers": [consumer_uuid("bob")],
    }
    assert run("sync", lists=RENAMED).code == 0
    assert used(synced, PLAIN) == {CRYPTO: 1}


def test_who_may_not_move_claims_is_told_what_helps(run, synced, monkeypatch):
    send = Client.send

    def forbid(self, method, url, body=None, version=None):
        if url == "/reshaper":
            raise ReshapeForbidden(method, url, 403)
        return send(self, method, url, body, version)

    monkeypatch.setattr(Client, "send", forbid)
    synced.claim("bob", {PLAIN: {QAT: 1}})
    for _ in range(2):
        done = run("sync", lists=RENAMED)
        assert done.code == 5
        (warning,) = (line for line in done.err.splitlines() if line.startswith("warning: "))
        assert "the user may not move claims to another class or provider (403" in warning
        assert "give the user the role service on its project, then say sync --full" in warning
    assert on_offer(synced, PLAIN) == {QAT: (1, 1)}
    synced.release("bob")
    done = run("sync", lists=RENAMED)
    assert (done.code, done.err.count("may not move claims")) == (0, 0)
    assert on_offer(synced, PLAIN) == {CRYPTO: (1, 0)}


def test_what_is_held_back_is_told_until_it_is_free(run, synced):
    synced.claim("bob", {VFS: {NIC: 1}})
    for line in ("sync", "sync", "plan"):
        done = run(line, lists=PREMIUM)
        assert done.code == (0 if line == "plan" else 5)
        told = "has claims that may hold 1 of these 1 CUSTOM_PREMIUM: offered as they end"
        assert f"held back: {name(VFS)}: {name(VFS)} {told}" in done.err.splitlines()
    assert done.err.splitlines()[-1] == "nothing else to do"
    synced.release("bob")
    assert run("sync", lists=PREMIUM).code == 0
    assert on_offer(synced, VFS) == {NIC: (3, 0), "CUSTOM_PREMIUM": (1, 0)}
