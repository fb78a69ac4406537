"""Whole passes against a real Placement, with other writers and a host that does not keep still."""

from dataclasses import replace
from functools import partial
from itertools import chain, repeat

import os_resource_classes
import pytest
from support import hosts
from support.cloud import (
    CARD,
    DRAINING,
    HOST,
    LISTS,
    MARK,
    PLAIN,
    QAT_CARD,
    VFS,
    amounts,
    configure,
    name,
    reserved,
    told,
    uuid,
    with_vfs,
    writes,
)
from support.placements import ROOT

from pci_placement import names
from pci_placement.errors import (
    AuthError,
    ConfigError,
    GenerationConflict,
    PlacementError,
    RootNotFound,
    Unreachable,
    Unsettled,
)
from pci_placement.mapping.match import match_devices
from pci_placement.mapping.tree import UNKNOWN_CLASS
from pci_placement.model import LastPass
from pci_placement.model.last_pass import REREAD
from pci_placement.placement import RootWanted, supported
from pci_placement.settings import ConfigPath, load
from pci_placement.state.versions import pack
from pci_placement.sync import Reconciler

NIC = names.resource_class("PCI_NIC")
QAT = names.resource_class("PCI_QAT")
CLAIM = {VFS: {NIC: 1}}
WHOLE = LISTS.replace('"devname": "ens1f0"', '"address": "0000:81:00.0", "device_type": "type-PF"')


@pytest.fixture
def waits() -> list[float]:
    """How long passes waited between two scans."""
    return []


@pytest.fixture
def node(client, tmp_path, waits):
    """A Reconciler of a host that looks as given: one host for good, or one for each scan."""

    def node(*scans, lists: str = LISTS, force: bool = False, **own: str) -> Reconciler:
        settings = load([ConfigPath(str(configure(tmp_path, lists, **own)))])
        scans = [hosts.snapshot(scan) for scan in scans or [HOST]]
        seen = chain(scans, repeat(scans[-1]))
        return Reconciler(settings, lambda: next(seen), client, waits.append, force)

    return node


@pytest.fixture
def synced(node, real, placement):
    """What a first pass leaves to the next one; its requests are forgotten."""
    last_pass = node().run_once().last_pass
    placement.requests.clear()
    real.last_pass = last_pass
    return real


def requests(placement) -> list[tuple[str, str]]:
    return [(r.method, r.path) for r in placement.requests if r.path != "/"]


def writing(placement) -> list[tuple[str, str]]:
    return [request for request in requests(placement) if request[0] != "GET"]


def results(report) -> list[str]:
    lines = told(done.action for done in report.outcome.results)
    both = zip(lines, report.outcome.results, strict=True)
    return [f"{line} {done.result}" for line, done in both if not line.startswith("Ensure")]


def undone(report) -> list[str]:
    return [line for line in results(report) if not line.endswith(" done")]


def intrude(client, monkeypatch, act, *what: str, times: int = 1) -> None:
    """Let somebody act right before the next requests of a kind, as far as its method and path."""
    send, left = client.send, iter(range(times))

    def slow_send(method, url, body=None, version=None):
        if (method, url) == what and next(left, None) is not None:
            act()
        return send(method, url, body, version)

    monkeypatch.setattr(client, "send", slow_send)


def inventories_of(key: str) -> tuple[str, str]:
    return "PUT", f"/resource_providers/{uuid(key)}/inventories"


# --- the everyday


@pytest.mark.usefixtures("real")
def test_a_first_pass_writes_everything_once(node, placement):
    report = node().run_once()
    assert results(report) == [
        f"CreateProvider {PLAIN} done",
        f"SetTraits {PLAIN} done",
        f"CreateProvider {CARD} done",
        f"SetTraits {CARD} done",
        f"CreateProvider {VFS} done",
        f"SetTraits {VFS} done",
        f"SetInventories {PLAIN} done",
        f"SetInventories {VFS} done",
    ]
    assert (report.outcome.stopped, report.planned.held) == (None, {})
    # the inventories are one request, and the root of this test is another
    assert len(writing(placement)) == len(report.outcome.results)


def test_a_second_pass_writes_nothing_and_sends_two_requests(node, synced, placement):
    sent = node().client.sent
    report = node().run_once(synced.last_pass)
    assert report.outcome.results == ()
    assert requests(placement) == [
        ("GET", "/resource_providers?name=node"),
        ("GET", f"/resource_providers?in_tree={ROOT.uuid}"),
    ]
    assert node().client.sent - sent == 2
    assert pack(report.last_pass) == pack(synced.last_pass)


def test_with_the_uuid_of_the_root_one_request_is_enough(node, synced, placement):
    node(root_provider_uuid=ROOT.uuid).run_once(synced.last_pass)
    assert requests(placement) == [("GET", f"/resource_providers?in_tree={ROOT.uuid}")]


def test_without_a_memory_everything_is_read_and_nothing_written(node, synced, placement):
    report = node().run_once()
    assert (report.outcome.results, writing(placement)) == ((), [])
    assert report.last_pass == synced.last_pass


@pytest.mark.usefixtures("real")
def test_a_look_writes_nothing(node, placement):
    placement.requests.clear()
    assert f"CreateProvider {PLAIN}" in writes(node().look().plan)
    assert writing(placement) == []


def test_what_a_pass_remembers_is_what_a_full_read_finds(node, synced):
    synced.claim("bob", {VFS: {NIC: 1}})
    report = node(with_vfs(2)).run_once(synced.last_pass)
    found = node().client.observe(RootWanted("node"), report.last_pass.keys).providers
    known = report.last_pass.providers
    seen = {u: replace(p, consumers=None, unused=False) for u, p in known.items()}
    assert seen == {u: replace(p, consumers=None, unused=False) for u, p in found.items()}
    assert report.last_pass.root == ROOT


def test_a_release_is_seen_though_no_generation_moved(node, synced):
    synced.claim("bob", {PLAIN: {QAT: 1}})
    gone = node(HOST[1:])
    drained = gone.run_once(synced.last_pass)
    assert results(drained) == [f"Drain {PLAIN} done"]
    assert gone.run_once(drained.last_pass).outcome.results == ()
    synced.release("bob")
    assert results(gone.run_once(drained.last_pass)) == [f"DeleteProvider {PLAIN} done"]


def test_a_provider_that_somebody_deleted_is_made_again(node, synced):
    synced.delete(PLAIN)
    report = node().run_once(synced.last_pass)
    assert results(report)[0] == f"CreateProvider {PLAIN} done"
    assert undone(report) == []


def test_a_trait_that_an_entry_no_longer_gives_goes(node, real):
    tagged = LISTS.replace('"physnet1"', '"physnet1", "traits": "CUSTOM_FAST, CUSTOM_LOUD"')
    last_pass = node(lists=tagged).run_once().last_pass
    assert last_pass.traits == {"CUSTOM_FAST", "CUSTOM_LOUD"}
    real.add_trait(VFS, "CUSTOM_OF_SOMEBODY")
    node().run_once(last_pass)
    left = node().look().observed.providers[uuid(VFS)].traits
    assert {"CUSTOM_FAST", "CUSTOM_LOUD", "CUSTOM_OF_SOMEBODY"} & left == {"CUSTOM_OF_SOMEBODY"}


@pytest.mark.usefixtures("real")
def test_a_standard_trait_that_placement_is_too_old_for_is_left_out(node, monkeypatch):
    reconciler = node()
    monkeypatch.setattr(supported, "OLD_TRAITS", frozenset())
    monkeypatch.setattr(
        reconciler.client, "unknown_traits", lambda traits: frozenset(traits) & {names.NIC_SRIOV}
    )
    report = reconciler.run_once()
    assert undone(report) == []
    assert names.NIC_SRIOV not in report.last_pass.providers[uuid(VFS)].traits
    (warning,) = report.planned.warnings
    assert "does not know the trait HW_NIC_SRIOV; it is left out" in str(warning)


@pytest.mark.usefixtures("real")
def test_a_device_of_a_standard_class_that_placement_is_too_old_for_is_held(node, monkeypatch):
    newer = frozenset({*os_resource_classes.STANDARDS, "PGPU2"})
    monkeypatch.setattr(names, "_standard_classes", lambda: newer)
    listed = 'device_spec = {"vendor_id": "8086", "product_id": "0443"'
    lists = LISTS.replace(listed, f'{listed}, "resource_class": "pgpu2"')
    report = node(lists=lists).run_once()
    assert undone(report) == []
    assert report.planned.held == {PLAIN: UNKNOWN_CLASS.format("PGPU2")}
    assert set(report.last_pass.keys) == {CARD, VFS}
    assert node(lists=lists).look(report.last_pass).plan.actions == ()


# --- the root


def test_a_node_that_is_not_registered_yet_has_to_wait(node, placement):
    with pytest.raises(RootNotFound):
        node().run_once()
    assert writing(placement) == []


def test_a_root_is_created_where_it_is_missing_and_only_there(node, placement):
    for _ in range(2):
        node().ensure_root()
    assert writing(placement) == [("POST", "/resource_providers")]
    assert undone(node().run_once()) == []


@pytest.mark.usefixtures("placement")
def test_a_root_is_created_under_the_uuid_that_is_asked_for(node):
    reconciler = node(root_provider_uuid=ROOT.uuid)
    reconciler.ensure_root()
    assert reconciler.run_once().last_pass.root == ROOT


# --- other writers


def test_a_claim_between_observing_and_writing_is_planned_anew(node, synced, client, monkeypatch):
    intrude(client, monkeypatch, partial(synced.claim, "bob", CLAIM), *inventories_of(VFS))
    report = node(with_vfs(6)).run_once(synced.last_pass)
    assert results(report) == [f"SetInventories {VFS} done"]
    assert report.outcome.stopped is None
    assert report.last_pass.providers[uuid(VFS)].inventories == amounts({NIC: 6})


def test_what_the_first_try_did_is_told_once_and_not_done_again(
    node, synced, client, monkeypatch, placement
):
    synced.delete(PLAIN)
    intrude(client, monkeypatch, partial(synced.claim, "bob", CLAIM), *inventories_of(VFS))
    report = node(with_vfs(6)).run_once(synced.last_pass)
    assert results(report) == [
        f"CreateProvider {PLAIN} done",
        f"SetTraits {PLAIN} done",
        f"SetInventories {PLAIN} done",
        f"SetInventories {VFS} done",
    ]
    posts = [r for r in placement.requests if (r.method, r.path) == ("POST", "/resource_providers")]
    assert len(posts) == 1


def rewrite(real) -> None:
    """Write the inventories of the VFs as they are: the generation moves."""
    url = f"/resource_providers/{uuid(VFS)}/inventories"
    real.send("PUT", url, real.send("GET", url))


def test_four_conflicts_in_a_row_end_the_pass(node, synced, client, monkeypatch, placement):
    intrude(client, monkeypatch, partial(rewrite, synced), *inventories_of(VFS), times=9)
    report = node(with_vfs(6)).run_once(synced.last_pass)
    assert isinstance(report.outcome.stopped, GenerationConflict)
    assert undone(report) == [f"SetInventories {VFS} failed"]
    looks = [path for _, path in requests(placement) if "in_tree" in path]
    assert len(looks) == 4
    assert report.last_pass.providers[uuid(VFS)].generation == REREAD  # it is to be read again


def test_after_three_conflicts_the_fourth_try_may_succeed(node, synced, client, monkeypatch):
    intrude(client, monkeypatch, partial(rewrite, synced), *inventories_of(VFS), times=3)
    report = node(with_vfs(6)).run_once(synced.last_pass)
    assert (undone(report), report.outcome.stopped) == ([], None)


def test_the_next_pass_finishes_what_conflicts_stopped(node, synced, client, monkeypatch):
    with monkeypatch.context() as busy:
        intrude(client, busy, partial(rewrite, synced), *inventories_of(VFS), times=4)
        stopped = node(with_vfs(6)).run_once(synced.last_pass)
    report = node(with_vfs(6)).run_once(stopped.last_pass)
    assert results(report) == [f"SetInventories {VFS} done"]


def test_a_claim_on_what_is_to_be_deleted_keeps_it_and_holds_back_all_that_rests_on_it(
    node, synced, client, monkeypatch
):
    intrude(client, monkeypatch, partial(synced.claim, "bob", CLAIM), *inventories_of(VFS))
    reconciler = node(with_vfs(0), lists=WHOLE)
    report = reconciler.run_once(synced.last_pass)
    assert results(report) == [f"Drain {VFS} done", f"SetTraits {CARD} done"]
    assert report.outcome.stopped is None
    vfs = report.last_pass.providers[uuid(VFS)]
    assert (vfs.inventories, DRAINING in vfs.traits) == ({NIC: reserved(4)}, True)
    assert set(report.planned.held) == {name(CARD)}

    synced.release("bob")
    assert undone(reconciler.run_once(report.last_pass)) == []
    left = reconciler.look().observed.providers
    assert set(left) == {uuid(PLAIN), uuid(CARD)}
    assert list(left[uuid(CARD)].inventories) == ["CUSTOM_PCI_8086_10C9"]


def test_in_the_moment_before_a_deletion_nothing_of_it_can_be_claimed(
    node, synced, client, monkeypatch
):
    refused = []

    def claim():
        with pytest.raises(PlacementError) as caught:
            synced.claim("bob", CLAIM)
        refused.append(caught.value.status)

    intrude(client, monkeypatch, claim, "DELETE", f"/resource_providers/{uuid(VFS)}")
    report = node(with_vfs(0), lists=WHOLE).run_once(synced.last_pass)
    assert (undone(report), len(refused)) == ([], 1)
    assert uuid(VFS) not in report.last_pass.providers


def test_a_provider_that_fails_blocks_only_itself_and_its_children(node, real, placement):
    other = placement.create_compute_node("node01")
    body = {"name": name(CARD), "parent_provider_uuid": other}
    real.send("POST", "/resource_providers", body)
    report = node().run_once()
    assert undone(report) == [
        f"CreateProvider {CARD} failed",
        f"SetTraits {CARD} skipped",
        f"CreateProvider {VFS} skipped",
        f"SetTraits {VFS} skipped",
        f"SetInventories {VFS} skipped",
    ]
    assert f"Conflicting resource provider name: {name(CARD)}" in report.outcome.failed[0].why
    assert set(report.last_pass.providers) == {uuid(PLAIN)}


def test_a_foreign_provider_in_our_place_is_reported_and_the_rest_goes_on(node, real):
    real.create_foreign(CARD, name(CARD), "CUSTOM_OF_SOMEBODY")
    report = node().run_once()
    assert (undone(report), set(report.planned.held)) == ([], {name(CARD), name(VFS)})
    assert uuid(PLAIN) in report.last_pass.providers


@pytest.mark.usefixtures("real")
def test_a_placement_that_goes_away_in_the_middle_stops_the_pass(node, client, monkeypatch):
    def gone():
        raise Unreachable("no answer")

    intrude(client, monkeypatch, gone, "POST", "/reshaper")
    report = node().run_once()
    assert isinstance(report.outcome.stopped, Unreachable)
    assert undone(report) == [f"SetInventories {key} failed" for key in (PLAIN, VFS)]
    assert undone(node().run_once(report.last_pass)) == []


@pytest.mark.usefixtures("real")
def test_a_login_that_expires_in_the_middle_stops_the_pass(node, client, monkeypatch):
    def expired():
        raise AuthError("expired")

    intrude(client, monkeypatch, expired, "PUT", f"/resource_providers/{uuid(PLAIN)}/traits")
    report = node().run_once()
    assert isinstance(report.outcome.stopped, AuthError)
    assert undone(report)[0] == f"SetTraits {PLAIN} failed"
    assert {done.why for done in report.outcome.results[-6:]} == {"not tried"}


@pytest.mark.usefixtures("real")
def test_traits_of_entries_are_remembered_until_they_were_taken_off(node, client, monkeypatch):
    tagged = LISTS.replace('"physnet1"', '"physnet1", "traits": "CUSTOM_FAST"')
    last_pass = node(lists=tagged).run_once().last_pass

    def gone():
        raise Unreachable("no answer")

    with monkeypatch.context() as away:
        put = ("PUT", f"/resource_providers/{uuid(VFS)}/traits")
        intrude(client, away, gone, *put)
        stopped = node().run_once(last_pass)
    assert stopped.last_pass.traits == {"CUSTOM_FAST"}
    report = node().run_once(stopped.last_pass)
    assert "CUSTOM_FAST" not in report.last_pass.providers[uuid(VFS)].traits
    assert report.last_pass.traits == frozenset()


# --- a host that does not keep still


def test_what_is_only_added_is_added_at_once(node, synced, waits):
    report = node(with_vfs(8)).run_once(synced.last_pass)
    assert (results(report), waits) == ([f"SetInventories {VFS} done"], [])


def test_before_anything_is_taken_away_a_second_scan_must_agree(node, synced, waits):
    report = node(with_vfs(2)).run_once(synced.last_pass)
    assert (results(report), waits) == ([f"SetInventories {VFS} done"], [0.2])
    assert report.last_pass.providers[uuid(VFS)].inventories == amounts({NIC: 2})


def counted(monkeypatch, where: str, what) -> list:
    """A line for each call of a function, which does what it does."""
    calls = []

    def called(*given, **named):
        calls.append(given)
        return what(*given, **named)

    monkeypatch.setattr(where, called)
    return calls


@pytest.mark.parametrize("change", [with_vfs(4), with_vfs(8)], ids=["nothing", "more"])
def test_what_takes_nothing_away_costs_one_scan_and_one_mapping(node, synced, monkeypatch, change):
    mapped = counted(monkeypatch, "pci_placement.desired.match_devices", match_devices)
    reconciler, scans = node(change), []
    looked_at = replace(reconciler, scan=lambda: scans.append(None) or reconciler.scan())
    report = looked_at.run_once(synced.last_pass)
    assert (len(scans), len(mapped)) == (1, 1)
    assert report.last_pass.kinds is report.planned.host.kinds


def test_where_the_second_scan_differs_its_host_is_planned_for(node, synced, waits):
    report = node(with_vfs(2), with_vfs(6)).run_once(synced.last_pass)
    assert report.last_pass.providers[uuid(VFS)].inventories == amounts({NIC: 6})
    assert waits == [0.2]


def test_a_card_that_is_missing_for_a_moment_is_not_missed(node, synced, waits, placement):
    report = node([QAT_CARD], HOST).run_once(synced.last_pass)
    assert (report.outcome.results, writing(placement)) == ((), [])
    assert waits == [0.2]


def test_a_resize_is_waited_for_until_two_scans_agree(node, synced, waits):
    scans = [with_vfs(1), with_vfs(2), with_vfs(3), with_vfs(3)]
    report = node(*scans).run_once(synced.last_pass)
    assert report.last_pass.providers[uuid(VFS)].inventories == amounts({NIC: 3})
    assert waits == [0.2] * 3


def test_a_host_that_never_settles_is_left_for_later(node, synced, waits, placement):
    scans = [with_vfs(number % 2 + 1) for number in range(20)]
    with pytest.raises(Unsettled, match="changed during 5 scans in a row"):
        node(*scans).run_once(synced.last_pass)
    assert (writing(placement), len(waits)) == ([], 5)


def test_a_card_that_became_another_kind_must_stay_so_for_a_while(node, synced, waits):
    report = node(with_vfs(0), lists=WHOLE, settle_time="7").run_once(synced.last_pass)
    assert (undone(report), waits) == ([], [7.0])
    assert report.last_pass.kinds[CARD] == "type-PF"


def test_vfs_that_look_like_plain_devices_for_a_moment_are_not_taken_for_such(
    node, synced, waits, placement
):
    half_made = [{**HOST[1], "vfs": {}}, *plain_devices()]
    report = node([QAT_CARD, *half_made], HOST, lists=WITH_PLAIN).run_once(synced.last_pass)
    assert report.planned.plan.actions == ()
    assert (writing(placement), waits) == ([], [5.0])


def plain_devices() -> list[dict]:
    """VFs as they look while they are made: without the link to their PF."""
    return [{"address": f"0000:81:10.{n}", "id": "8086:10ca", "class": "020000"} for n in (0, 2)]


WITH_PLAIN = LISTS + 'device_spec = {"product_id": "10ca"}\n'


@pytest.mark.usefixtures("real")
def test_a_first_pass_waits_for_nothing(node, waits):
    node().run_once(LastPass())
    assert waits == []


# --- what is configured


def test_a_card_with_a_conflict_is_held_and_the_rest_goes_on(node, synced):
    both = LISTS + 'device_spec = {"address": "0000:81:00.0", "device_type": "type-PF"}\n'
    swapped = both.replace('"devname": "ens1f0"', '"vendor_id": "8086", "product_id": "10ca"')
    report = node(HOST[1:], lists=swapped).run_once(synced.last_pass)
    assert results(report) == [f"DeleteProvider {PLAIN} done"]
    assert list(report.planned.held) == [CARD]
    assert "both offered" in report.planned.held[CARD]
    assert MARK in report.last_pass.providers[uuid(VFS)].traits


def test_with_an_error_in_the_lists_nothing_is_even_asked(node, placement):
    with pytest.raises(ConfigError):
        node(lists="[pci]\ndevice_spec = {")
    assert placement.requests == []


def test_an_empty_whitelist_takes_everything_off_the_offer_and_deletes_nothing_unforced(
    node, synced
):
    report = node(lists="").run_once(synced.last_pass)
    assert results(report) == [f"Drain {PLAIN} done", f"Drain {VFS} done"]
    assert set(report.planned.plan.withheld) == {name(key) for key in (PLAIN, CARD, VFS)}
    assert node(lists="").run_once(report.last_pass).outcome.results == ()


def test_forced_it_takes_everything_back(node, synced):
    report = node(lists="", force=True).run_once(synced.last_pass)
    assert results(report) == [
        f"DeleteProvider {PLAIN} done",
        f"DeleteProvider {VFS} done",
        f"DeleteProvider {CARD} done",
    ]
    assert report.last_pass.providers == {}
    assert node(lists="").run_once(report.last_pass).last_pass.keys == frozenset()
