"""`device drain` and `device undrain`: at an operator's word, and kept whatever passes find."""

import shutil
from dataclasses import dataclass

import pytest
from support import hosts
from support.cloud import (
    CARD,
    LISTS,
    NIC_CARD,
    PLAIN,
    QAT_CARD,
    SLOTS,
    VFS,
    configure,
    name,
    with_vfs,
)
from support.placements import consumer_uuid
from support.seen import is_there, on_offer, traits, used

from pci_placement.desired import make_desired
from pci_placement.mapping.claims import addresses
from pci_placement.model import LastPass, PciAddress
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler

DRAINED, DRAINING = "CUSTOM_PCI_DRAINED", "CUSTOM_PCI_DRAINING"
NIC, QAT, SLOT = "CUSTOM_PCI_NIC", "CUSTOM_PCI_QAT", "CUSTOM_PCI_SLOT"
WHOLE_CARD = "CUSTOM_PCI_8086_10C9"
WHOLE = LISTS.replace('"devname": "ens1f0"', '"address": "0000:81:00.0", "device_type": "type-PF"')
EXCLUSIVE = """
[pci]
alias = {"name": "card", "vendor_id": "8086", "product_id": "10c9", "device_type": "type-PF"}
alias = {"name": "vf", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}
alias = {"name": "qat", "vendor_id": "8086", "product_id": "0443"}
device_spec = {"vendor_id": "8086", "product_id": "10c9", "device_type": "type-PF"}
device_spec = {"vendor_id": "8086", "product_id": "10ca"}
device_spec = {"vendor_id": "8086", "product_id": "0443"}
"""


@dataclass(frozen=True)
class Kind:
    """Something that can be drained by itself: by which address, and what counts it."""

    address: str
    key: str
    resource_class: str
    total: int = 1
    lists: str = LISTS

    @property
    def all_reserved(self) -> dict:
        return {self.resource_class: (self.total, self.total)}

    @property
    def all_free(self) -> dict:
        return {self.resource_class: (self.total, 0)}


PLAIN_DEVICE = Kind(PLAIN, PLAIN, QAT)
VFS_OF_A_PF = Kind(CARD, VFS, NIC, 4)
WHOLE_PF = Kind(CARD, CARD, WHOLE_CARD, lists=WHOLE)
WITHOUT = {PLAIN: (NIC_CARD,), CARD: (QAT_CARD,)}
"""The host without the device of an address."""

every_kind = pytest.mark.parametrize(
    "kind", [PLAIN_DEVICE, WHOLE_PF, VFS_OF_A_PF], ids=["plain", "whole", "vfs"]
)


@pytest.fixture
def do(run):
    """Run commands that must work, for a kind of device."""

    def do(kind: Kind, *lines: str) -> None:
        for line in lines:
            done = run(line, lists=kind.lists)
            assert done.code == 0, done.err

    return do


@pytest.fixture
def drained(do, real):
    """Let a first pass offer all, and drain a device."""

    def drained(kind: Kind) -> None:
        do(kind, "sync")
        assert on_offer(real, kind.key) == kind.all_free
        do(kind, f"device drain {kind.address}")

    return drained


@every_kind
def test_a_drained_device_is_not_on_offer_until_it_is_taken_back(drained, do, real, kind):
    drained(kind)
    assert on_offer(real, kind.key) == kind.all_reserved
    assert {DRAINED} == {DRAINED, DRAINING} & traits(real, kind.key)
    do(kind, f"device undrain {kind.address}")
    assert on_offer(real, kind.key) == kind.all_free
    assert DRAINED not in traits(real, kind.key)


@every_kind
def test_nothing_else_is_touched(drained, real, kind):
    drained(kind)
    (other,) = {PLAIN_DEVICE.key, VFS_OF_A_PF.key if kind.lists == LISTS else CARD} - {kind.key}
    assert [reserved for _, reserved in on_offer(real, other).values()] == [0]
    assert DRAINED not in traits(real, other)


@every_kind
def test_later_passes_keep_it(drained, run, do, real, tmp_path, kind):
    drained(kind)
    for line in ("sync", "sync --full", "plan --detailed-exitcode"):
        done = run(f"{line} -f json", lists=kind.lists)
        assert (done.code, done.json) == (0, [])
    shutil.rmtree(tmp_path / "state")
    assert run("sync -f json", lists=kind.lists).json == []
    assert on_offer(real, kind.key) == kind.all_reserved
    do(kind, f"device undrain {kind.address}", "sync")
    assert on_offer(real, kind.key) == kind.all_free


@every_kind
@pytest.mark.parametrize("used_by", [None, "bob"])
@pytest.mark.parametrize("cache", ["kept", "lost"])
def test_it_is_kept_while_the_device_is_away(do, real, become, tmp_path, kind, used_by, cache):
    do(kind, "sync")
    if used_by:
        real.claim(used_by, {kind.key: {kind.resource_class: 1}})
    do(kind, f"device drain {kind.address}")
    become(*WITHOUT[kind.address])
    do(kind, "sync", "sync")
    assert on_offer(real, kind.key) == kind.all_reserved
    if used_by:
        real.release(used_by)
        do(kind, "sync")
    if cache == "lost":
        shutil.rmtree(tmp_path / "state")
    become(QAT_CARD, NIC_CARD)
    do(kind, "sync --full", "sync")
    assert on_offer(real, kind.key) == kind.all_reserved
    assert {DRAINED} == {DRAINED, DRAINING} & traits(real, kind.key)
    do(kind, f"device undrain {kind.address}", "sync")
    assert on_offer(real, kind.key) == kind.all_free


@every_kind
def test_taken_back_while_the_device_is_away_it_goes(drained, do, real, become, kind):
    drained(kind)
    become(*WITHOUT[kind.address])
    do(kind, "sync", f"device undrain {kind.address}")
    assert on_offer(real, kind.key) == kind.all_reserved  # for it is not there
    do(kind, "sync")
    assert not is_there(real, kind.key)


def test_vfs_that_are_added_are_drained_too(drained, do, real, become):
    drained(VFS_OF_A_PF)
    become(*with_vfs(6))
    do(VFS_OF_A_PF, "sync")
    assert on_offer(real, VFS) == {NIC: (6, 6)}
    do(VFS_OF_A_PF, f"device undrain {CARD}")
    assert on_offer(real, VFS) == {NIC: (6, 0)}


@every_kind
def test_it_can_be_lifted_through_the_api_too(drained, do, real, kind):
    drained(kind)
    real.reserve(kind.key, kind.resource_class, 0)
    do(kind, "sync")
    assert on_offer(real, kind.key) == kind.all_free
    assert DRAINED not in traits(real, kind.key)


def test_reserved_in_part_is_not_out_of_service(run, do, real):
    do(VFS_OF_A_PF, "sync")
    real.reserve(VFS, NIC, 2)
    done = run(f"device undrain {CARD} -f json")
    assert (done.code, done.json) == (0, [])
    assert done.err.startswith("nothing to do: no operator took it out of service")
    assert on_offer(real, VFS) == {NIC: (4, 2)}


# --- who has it


@every_kind
def test_who_has_it_is_named_and_keeps_it(run, do, real, kind):
    do(kind, "sync")
    real.claim("bob", {kind.key: {kind.resource_class: 1}})
    for rows in (2, 0):  # once more it is named again
        done = run(f"device drain {kind.address} -f json", lists=kind.lists)
        assert (done.code, len(done.json)) == (0, rows)
        told = f"{name(kind.key)} stays with those who have it: {consumer_uuid('bob')}"
        assert done.err.splitlines()[0] == told
    do(kind, "sync")
    assert used(real, kind.key) == {kind.resource_class: 1}
    real.release("bob")
    done = run(f"device drain {kind.address}", lists=kind.lists)
    assert done.err == "nothing to do: it is out of service already (2 requests)\n"
    do(kind, "sync")
    assert on_offer(real, kind.key) == kind.all_reserved


def test_no_scheduler_is_given_a_drained_device(drained, run):
    drained(PLAIN_DEVICE)
    done = run("request candidates qat -f json")
    assert (done.json, done.err) == ([], "no node has qat free\n")


def test_the_lists_say_what_is_out_of_service(drained, run):
    drained(PLAIN_DEVICE)
    state = "out of service: an operator drained it"
    shown = run(f"device show {PLAIN} -f json").json
    assert shown["reason"].endswith(f"; {state}")
    listed = {row["address"]: row["reason"] for row in run("device list -f json").json}
    assert [address for address, why in listed.items() if state in why] == [PLAIN]
    providers = {row["name"]: row["state"] for row in run("provider list -f json").json}
    assert providers == {name(PLAIN): state, name(CARD): "", name(VFS): ""}
    assert f"| {state} |" in run("provider list").out


# --- when the device is to be something else meanwhile


RENAMED = LISTS.replace('"name": "qat"', '"name": "crypto"')


@pytest.mark.parametrize("used_by", [None, "bob"])
def test_it_is_kept_under_another_class(run, real, used_by):
    assert run("sync").code == 0
    if used_by:
        real.claim(used_by, {PLAIN: {QAT: 1}})
    assert run(f"device drain {PLAIN}").code == 0
    assert run("sync", lists=RENAMED).code == (5 if used_by else 0)
    if used_by:
        assert on_offer(real, PLAIN) == {QAT: (1, 1)}
        real.release(used_by)
        assert run("sync", lists=RENAMED).code == 0
    assert on_offer(real, PLAIN) == {"CUSTOM_PCI_CRYPTO": (1, 1)}
    assert run(f"device undrain {PLAIN}", lists=RENAMED).code == 0
    assert on_offer(real, PLAIN) == {"CUSTOM_PCI_CRYPTO": (1, 0)}


def test_a_card_stays_out_of_service_when_its_vfs_are_to_be_offered_instead(run, real):
    assert run("sync", lists=WHOLE).code == 0
    assert run(f"device drain {CARD}", lists=WHOLE).code == 0
    own = {"settle_time": "0"}
    assert run("sync", **own).code == 5
    assert (on_offer(real, CARD), on_offer(real, VFS)) == ({WHOLE_CARD: (1, 1)}, {})
    assert run(f"device undrain {CARD}", **own).code == 0
    assert run("sync", **own).code == 0
    assert (on_offer(real, CARD), on_offer(real, VFS)) == ({}, {NIC: (4, 0)})


# --- with pf_vf_exclusive


def test_both_kinds_of_a_card_are_drained_together(run, real):
    def do(line: str) -> None:
        assert run(line, lists=EXCLUSIVE, pf_vf_exclusive="true").code == 0

    card, vf = "CUSTOM_PCI_CARD", "CUSTOM_PCI_VF"
    free = {card: (1, 0), vf: (4, 0), SLOT: (SLOTS, 0)}
    # as many slots as VFs, so that they keep the whole card from being claimed
    reserved = {card: (1, 1), vf: (4, 4), SLOT: (SLOTS, 4)}
    do("sync")
    assert on_offer(real, CARD) == free
    do(f"device drain {CARD}")
    do("sync")
    assert on_offer(real, CARD) == reserved
    for wish in ("card", "vf"):
        asked = f"request candidates {wish} -f json"
        assert run(asked, lists=EXCLUSIVE, pf_vf_exclusive="true").json == []
    do(f"device undrain {CARD}")
    assert on_offer(real, CARD) == free


def test_a_plain_device_with_slots_can_be_drained_too(run, real):
    exclusive = {"lists": EXCLUSIVE, "pf_vf_exclusive": "true"}
    for line in ("sync", f"device drain {PLAIN}", "sync"):
        assert run(line, **exclusive).code == 0
    assert on_offer(real, PLAIN)[QAT] == (1, 1)
    assert run("request candidates qat -f json", **exclusive).json == []


# --- what cannot be drained by itself


@pytest.mark.parametrize("called", ["81:00.0", "ens1f0"])
def test_it_is_found_by_less_than_its_address(run, real, called):
    run("sync")
    assert run(f"device drain {called}").code == 0
    assert on_offer(real, VFS) == {NIC: (4, 4)}
    assert run(f"device undrain {called}").code == 0
    assert on_offer(real, VFS) == {NIC: (4, 0)}


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("verb", ["drain", "undrain"])
@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("0000:81:10.2", f"drain all of them by the address of their PF, {CARD}"),
        ("0000:99:00.0", "Placement has nothing of 0000:99:00.0 that could be claimed"),
        ("82:00.0", "this host has no PCI device 82:00.0; see device list --all"),
    ],
)
def test_it_says_what_cannot_be_drained_and_what_can(run, placement, verb, address, part):
    run("sync")
    placement.requests.clear()
    done = run(f"device {verb} {address}")
    assert done.code == 2
    assert part in done.error
    assert [r for r in placement.requests if r.method != "GET"] == []


@pytest.mark.usefixtures("real")
def test_a_device_of_a_pool_cannot_be_drained(run):
    assert run("sync", pooling="numa").code == 0
    done = run(f"device drain {PLAIN}", pooling="numa")
    assert done.code == 2
    assert f"{PLAIN} belongs to the pool {QAT}:numa0:" in done.error
    assert "set pooling = device" in done.error


def test_what_was_drained_before_it_was_to_be_pooled_can_be_taken_back(drained, run, real):
    drained(PLAIN_DEVICE)
    assert run("sync", pooling="numa").code == 5
    assert on_offer(real, PLAIN) == PLAIN_DEVICE.all_reserved
    assert run(f"device undrain {PLAIN}", pooling="numa").code == 0
    assert run("sync", pooling="numa").code == 0
    assert not is_there(real, PLAIN)


@pytest.mark.usefixtures("real")
def test_what_was_never_synced_cannot_be_drained(run):
    done = run(f"device drain {PLAIN}")
    assert done.code == 2
    assert "sync first" in done.error


# --- the right number is not enough


PLAINS = [{"address": f"0000:{bus}:00.0", "id": "8086:0443", "numa": 0} for bus in ("3b", "3c")]


def test_a_drained_device_is_named_where_it_stays_when_its_kind_becomes_a_pool(
    run, rows, real, tmp_path
):
    sysfs = hosts.write_tree(tmp_path / "plain", hosts.snapshot(PLAINS))
    run("sync", sysfs=sysfs)
    run(f"device drain {PLAIN}", sysfs=sysfs)
    assert run("sync", sysfs=sysfs, pooling="numa").code == 5
    counted = {
        row["name"]: (row["addresses"], row["inventories"][QAT]["total"])
        for row in rows("provider list", sysfs=sysfs, pooling="numa")
    }
    (pool,) = (each for each in counted if "numa0" in each)
    assert counted == {name(PLAIN): ([PLAIN], 1), pool: (["0000:3c:00.0"], 1)}
    listed = {r["address"]: r for r in rows("device list", sysfs=sysfs, pooling="numa")}
    assert listed[PLAIN]["provider"] == name(PLAIN)
    assert "an operator drained it" in listed[PLAIN]["reason"]
    assert listed["0000:3c:00.0"]["provider"] == pool
    assert "drained" not in listed["0000:3c:00.0"]["reason"]
    assert on_offer(real, PLAIN) == {QAT: (1, 1)}


def test_and_no_claim_is_told_that_it_may_have_it(client, tmp_path, real):
    def sync(last, **own):
        settings = load([ConfigPath(str(configure(tmp_path, LISTS, **own)))])
        host = hosts.snapshot(PLAINS)
        reconciler = Reconciler(settings, lambda: host, client, [].append)
        return reconciler, make_desired(settings, host), last

    reconciler, _, last = sync(LastPass())
    last = reconciler.run_once(last).last_pass
    last = reconciler.set_drained(PciAddress.parse(PLAIN), True, last).last_pass
    reconciler, desired, last = sync(last, pooling="numa")
    last = reconciler.run_once(last).last_pass
    (pool,) = (provider.key for provider in desired.tree.providers)
    real.claim("bob", {pool: {QAT: 1}})
    held = client.send("GET", f"/allocations/{consumer_uuid('bob')}")["allocations"]
    found = addresses(held, desired.tree, last.root.uuid, last.ledger)
    assert [str(address) for of in found.values() for address in of] == ["0000:3c:00.0"]
    without = addresses(held, desired.tree, last.root.uuid)
    assert [len(of) for of in without.values()] == [2]
