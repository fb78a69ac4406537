"""Names, kinds, neighbours and servers of other ages: whole passes against a real Placement."""

from itertools import chain, repeat

import pytest
import sqlalchemy
from support import hosts
from support.cloud import (
    CARD,
    HOST,
    LISTS,
    NIC_CARD,
    PLAIN,
    QAT_CARD,
    VFS,
    configure,
    reserved,
    told,
    uuid,
    with_vfs,
    writes,
)
from support.placements import ROOT

from pci_placement import identity, names
from pci_placement.errors import Unsettled
from pci_placement.mapping import request
from pci_placement.model import LastPass
from pci_placement.placement import RootWanted
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler

NIC = names.resource_class("PCI_NIC")
QAT = names.resource_class("PCI_QAT")
WHOLE = LISTS.replace('"devname": "ens1f0"', '"address": "0000:81:00.0", "device_type": "type-PF"')
LONG = "n" * 190
SETTLE = 5.0


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def node(client, tmp_path, waits):
    """A Reconciler of a host that looks as given: one host for good, or one for each scan."""

    def node(*scans, lists: str = LISTS, **own: str) -> Reconciler:
        settings = load([ConfigPath(str(configure(tmp_path, lists, **own)))])
        scans = [hosts.snapshot(scan) for scan in scans or [HOST]]
        seen = chain(scans, repeat(scans[-1]))
        return Reconciler(settings, lambda: next(seen), client, waits.append)

    return node


@pytest.fixture
def synced(node, real):
    real.last_pass = node().run_once().last_pass
    return real


def listed(client, root: str = ROOT.uuid) -> dict[str, str]:
    """The providers below a root: uuid and name."""
    found = client.send("GET", f"/resource_providers?in_tree={root}")["resource_providers"]
    return {p["uuid"]: p["name"] for p in found if p["uuid"] != root}


def done(report) -> list[str]:
    """What was carried out, which must be all of it."""
    assert report.outcome.stopped is None
    assert {result.result for result in report.outcome.results} <= {"done"}
    lines = told(result.action for result in report.outcome.results)
    return [line for line in lines if not line.startswith("Ensure")]


# --- names


def rename_root(client, name: str) -> None:
    client.send("PUT", f"/resource_providers/{ROOT.uuid}", {"name": name})


@pytest.mark.parametrize(
    "own", [{"root_provider_uuid": ROOT.uuid}, {"root_provider_name": "moved"}], ids=str
)
def test_when_the_host_is_renamed_our_providers_follow_under_their_uuids(node, synced, client, own):
    before = listed(client)
    synced.claim("alice", {VFS: {NIC: 1}})
    rename_root(client, "moved")
    report = node(**own).run_once(synced.last_pass)
    assert done(report) == [f"RenameProvider {key}" for key in (PLAIN, CARD, VFS)]
    assert listed(client) == {
        uuid: name.replace("node:pci:", "moved:pci:") for uuid, name in before.items()
    }
    assert writes(node(**own).look(report.last_pass).plan) == []


def test_a_renamed_host_needs_no_memory(node, synced, client):
    rename_root(client, "moved")
    report = node(root_provider_name="moved").run_once()
    assert done(report) == [f"RenameProvider {key}" for key in (PLAIN, CARD, VFS)]
    assert report.last_pass.keys == synced.last_pass.keys


def test_another_host_may_take_the_name_that_became_free(node, synced, client, placement):
    rename_root(client, "moved")
    node(root_provider_name="moved").run_once(synced.last_pass)
    other = placement.create_compute_node("node")
    done(node().run_once())
    assert sorted(listed(client, other).values()) == sorted(
        name.replace("moved:pci:", "node:pci:") for name in listed(client).values()
    )


@pytest.mark.usefixtures("placement")
def test_names_below_a_long_name_fit_and_are_told_apart(node, client, placement):
    roots = {end: placement.create_compute_node(LONG + end) for end in ("-a", "-b")}
    for end in roots:
        done(node(root_provider_name=LONG + end).run_once())
    found = [name for root in roots.values() for name in listed(client, root).values()]
    assert len(set(found)) == 6
    assert max(map(len, found)) <= 200
    assert {identity.key_in_name(name) for name in found} == {PLAIN, CARD, VFS}


def test_providers_with_shortened_names_are_known_without_a_memory(node, client, placement):
    root = placement.create_compute_node(LONG)
    done(node(root_provider_name=LONG).run_once())
    assert writes(node(root_provider_name=LONG).look().plan) == []
    done(node(root_provider_name=LONG, lists="", max_removals="3").run_once())
    assert listed(client, root) == {}


def test_a_pool_of_a_class_with_a_long_name_has_one_that_fits(node, client, placement):
    root = placement.create_compute_node("long")
    lists = LISTS.replace('"0443"}\ndevice', f'"0443", "resource_class": "{"C" * 240}"}}\ndevice')
    own = {"root_provider_name": "long", "pooling": "numa", "lists": lists}
    report = node([QAT_CARD], **own).run_once()
    assert done(report)
    (name,) = listed(client, root).values()
    assert len(name) <= 200
    assert writes(node([QAT_CARD], **own).look(report.last_pass).plan) == []


# --- cards that change their kind


def one_function(**fields) -> list[dict]:
    return [{**QAT_CARD, **fields}]


PF = {"totalvfs": 8, "vf_device": "0442"}


@pytest.mark.parametrize(
    ("before", "after", "lists"),
    [
        (with_vfs(0), with_vfs(4), (WHOLE, LISTS)),
        (with_vfs(4), with_vfs(0), (LISTS, WHOLE)),
        (one_function(), one_function(**PF), (LISTS, LISTS)),
        (one_function(**PF), one_function(), (LISTS, LISTS)),
    ],
    ids=["PF to VFs", "VFs to PF", "plain to PF", "PF to plain"],
)
@pytest.mark.usefixtures("real")
def test_a_card_of_another_kind_must_stay_so_for_a_while(node, waits, before, after, lists):
    last_pass = node(before, lists=lists[0]).run_once().last_pass
    waits.clear()
    report = node(after, lists=lists[1]).run_once(last_pass)
    assert done(report)
    assert waits == [SETTLE]
    assert writes(node(after, lists=lists[1]).look(report.last_pass).plan) == []
    assert waits == [SETTLE]


@pytest.mark.parametrize(("settle_time", "waited"), [("30", 30.0), ("0", 0.2)])
def test_for_how_long_is_configured(node, synced, waits, settle_time, waited):
    node(with_vfs(0), lists=WHOLE, settle_time=settle_time).run_once(synced.last_pass)
    assert waits == [waited]


def test_a_kind_that_was_seen_for_a_moment_is_never_offered(node, synced, waits, placement):
    placement.requests.clear()
    report = node([QAT_CARD, as_plain(NIC_CARD)], HOST).run_once(synced.last_pass)
    assert report.outcome.results == ()
    assert {r.method for r in placement.requests} == {"GET"}
    assert len(waits) == 1


def as_plain(card: dict) -> dict:
    """A card before its driver is there: nothing of SR-IOV is seen."""
    return {key: card[key] for key in ("address", "id", "class", "numa", "net")}


def test_a_card_that_flaps_between_two_kinds_is_left_for_later(node, synced, waits, placement):
    placement.requests.clear()
    scans = [[QAT_CARD, as_plain(NIC_CARD)], [QAT_CARD]] * 5
    with pytest.raises(Unsettled):
        node(*scans).run_once(synced.last_pass)
    assert {r.method for r in placement.requests} == {"GET"}
    assert set(waits) == {SETTLE, 0.2}


# --- a Placement that is older than a trait


OLD_SERVER = "HW_PCI_LIVE_MIGRATABLE"


@pytest.fixture
def without_the_trait(placement):
    """A Placement from before a standard trait was invented."""
    engine = placement._running.engine  # noqa: SLF001  no API deletes a standard trait
    with engine.begin() as database:
        select = sqlalchemy.text("SELECT * FROM traits WHERE name = :name")
        row = dict(database.execute(select, {"name": OLD_SERVER}).mappings().one())
        delete = sqlalchemy.text("DELETE FROM traits WHERE name = :name")
        database.execute(delete, {"name": OLD_SERVER})
    yield
    columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    with engine.begin() as database:
        # the names come from the table itself
        insert = f"INSERT INTO traits ({columns}) VALUES ({values})"  # noqa: S608  see above
        database.execute(sqlalchemy.text(insert), row)


LIVE = LISTS.replace('"physnet1"', '"physnet1", "live_migratable": true')


@pytest.mark.usefixtures("without_the_trait")
def test_a_trait_that_the_server_does_not_know_is_left_out_with_a_warning(node, synced):
    report = node(lists=LIVE).run_once(synced.last_pass)
    assert done(report) == []
    (warning,) = report.planned.warnings
    assert OLD_SERVER in str(warning)
    assert OLD_SERVER not in report.last_pass.providers[uuid(VFS)].traits


@pytest.mark.usefixtures("without_the_trait", "real")
def test_everything_else_is_reported_to_a_server_that_does_not_know_it(node):
    report = node(lists=LIVE).run_once()
    assert f"SetInventories {VFS}" in done(report)
    assert names.NIC_SRIOV in report.last_pass.providers[uuid(VFS)].traits


def test_once_the_server_knows_the_trait_it_is_there_and_nothing_is_warned_of(node, synced):
    report = node(lists=LIVE).run_once(synced.last_pass)
    assert done(report) == [f"SetTraits {VFS}"]
    assert report.planned.warnings == ()
    assert OLD_SERVER in report.last_pass.providers[uuid(VFS)].traits


# --- several devices from one provider


SECOND = {
    **NIC_CARD,
    "address": "0000:82:00.0",
    "net": ["ens2f0"],
    "vfs": {"count": 2, "first": "0000:82:10.0", "step": 2},
}
TWO = LISTS + 'device_spec = {"devname": "ens2f0", "physical_network": "physnet1"}\n'


def candidates(reconciler, usage: str, together: bool):
    usages = request.parse_usage(usage)
    groups = request.translate(usages, reconciler.settings.aliases, together)
    found = reconciler.client.allocation_candidates(request.query(groups), request.MICROVERSION)
    return [dict(candidate.allocations) for candidate in found]


@pytest.fixture
def two_cards(node, real):  # noqa: ARG001  the compute node must be there
    """Four VFs on one card and two on another."""
    reconciler = node([*HOST, SECOND], lists=TWO)
    done(reconciler.run_once())
    return reconciler


def test_together_all_devices_come_from_one_card(two_cards):
    assert candidates(two_cards, "nic:3", together=True) == [{uuid(VFS): {NIC: 3}}]
    assert len(candidates(two_cards, "nic:2", together=True)) == 2
    assert candidates(two_cards, "nic:5", together=True) == []


def test_without_together_they_may_come_from_both(two_cards):
    found = candidates(two_cards, "nic:5", together=False)
    assert {uuid(VFS): {NIC: 4}, uuid("0000:82:00.0:vf"): {NIC: 1}} in found


def test_together_is_about_each_wish_by_itself(two_cards):
    found = candidates(two_cards, "nic:4,qat", together=True)
    assert found == [{uuid(VFS): {NIC: 4}, uuid(PLAIN): {QAT: 1}}]


# --- neighbours in the tree


@pytest.fixture
def nova(real):
    """What nova reports of our card: a provider named after the PF, with all its VFs."""
    uuid = "2f0e4a4e-7c1b-5f43-9a57-7d0c2f1b9d35"
    body = {"name": f"{ROOT.name}_0000:81:00.0", "uuid": uuid, "parent_provider_uuid": ROOT.uuid}
    real.send("POST", "/resource_providers", body)
    real.send("PUT", "/resource_classes/CUSTOM_PCI_8086_10CA")
    inventory = {"CUSTOM_PCI_8086_10CA": {"total": 4}}
    body = {"resource_provider_generation": 0, "inventories": inventory}
    real.send("PUT", f"/resource_providers/{uuid}/inventories", body)
    return uuid


def test_a_card_that_nova_reports_is_held_and_the_rest_is_reported(node, nova, client):
    report = node().run_once()
    assert done(report) == [f"{verb} {PLAIN}" for verb in CREATED]
    assert list(report.planned.held) == [CARD]
    assert set(listed(client)) == {nova, uuid(PLAIN)}


CREATED = ("CreateProvider", "SetTraits", "SetInventories")


def test_what_nova_has_is_neither_read_nor_written(node, nova, placement):
    placement.requests.clear()
    node().run_once()
    assert [r.path for r in placement.requests if nova in r.path] == []


def test_when_nova_lets_a_card_go_it_is_reported(node, nova, client):
    last_pass = node().run_once().last_pass
    client.send("DELETE", f"/resource_providers/{nova}")
    report = node().run_once(last_pass)
    assert f"SetInventories {VFS}" in done(report)
    assert report.planned.held == {}


def test_of_a_card_that_nova_takes_over_nothing_new_is_given(node, synced, nova):
    synced.claim("alice", {VFS: {NIC: 1}})
    report = node(with_vfs(2)).run_once(synced.last_pass)
    assert (done(report)[-1], list(report.planned.held)) == (f"Drain {VFS}", [CARD])
    found = node().client.observe(RootWanted(ROOT.name), report.last_pass.keys).providers
    assert found[uuid(VFS)].inventories == {NIC: reserved(4)}
    again = node(with_vfs(2)).run_once(report.last_pass)
    assert done(again) == []
    assert nova not in found


# --- a root of our own, in a lab


@pytest.mark.usefixtures("placement")
def test_a_root_that_was_created_has_nothing_of_ours_on_it(node, client):
    reconciler = node(root_provider_name=LONG, root_provider_uuid=ROOT.uuid)
    reconciler.ensure_root()
    report = reconciler.run_once(LastPass())
    assert done(report)
    for what in ("inventories", "traits"):
        assert not client.send("GET", f"/resource_providers/{ROOT.uuid}/{what}")[what]
    assert report.last_pass.root.name == LONG
