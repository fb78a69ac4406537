"""Claims that follow their devices, on a real Placement, and what their consumers hold besides."""

import pytest
from support import hosts
from support.cloud import (
    CARD,
    DRAINING,
    HOST,
    LISTS,
    NIC,
    PLAIN,
    QAT,
    QAT_CARD,
    VFS,
    amounts,
    configure,
    name,
    reserved,
    told,
    uuid,
)
from support.losing import losing
from support.placements import ROOT, consumer_uuid

from pci_placement import names
from pci_placement.errors import ReshapeForbidden
from pci_placement.model import LastPass, Reshape
from pci_placement.placement import Client
from pci_placement.settings import ConfigPath, load
from pci_placement.sync import Reconciler

ZUN = "1.31"
"""The microversion that zun speaks: its consumers have no type."""

SECOND = "0000:3c:00.0"
TWO = [*HOST, {**QAT_CARD, "address": SECOND}]
FAST = names.resource_class("PCI_FAST")
RENAMED = LISTS.replace('"name": "qat"', '"name": "fast"')
BLUE_VFS = ("0000:81:10.0", "0000:81:10.2")
BLUE_LINES = "".join(
    f'device_spec = {{"address": "{vf}", "physical_network": "physnet2"}}\n' for vf in BLUE_VFS
)
ONE_NET = LISTS.replace('"devname": "ens1f0"', '"vendor_id": "8086", "product_id": "10ca"')
TWO_NETS = ONE_NET.replace("device_spec", f"{BLUE_LINES}device_spec", 1)


@pytest.fixture
def node(client, tmp_path):
    """A Reconciler of the host with two QAT cards, under a configuration."""

    def node(lists: str = LISTS, sender: Client = client, **own: str) -> Reconciler:
        settings = load([ConfigPath(str(configure(tmp_path, lists, **own)))])
        return Reconciler(settings, lambda: hosts.snapshot(TWO), sender, [].append)

    return node


class Cloud:
    """Consumers as zun makes them, of which the devices are only a part."""

    def __init__(self, real, placement) -> None:
        self.send = real.send
        self.release = real.release
        self._put_inventories(ROOT.uuid, {"VCPU": 32, "MEMORY_MB": 65536})
        self.other = placement.create_compute_node("node01")
        self.storage = placement.create_compute_node("storage")
        self._share_storage()

    def _put_inventories(self, root: str, totals: dict) -> None:
        inventories = {name: {"total": total, "max_unit": total} for name, total in totals.items()}
        body = {"resource_provider_generation": 0, "inventories": inventories}
        self.send("PUT", f"/resource_providers/{root}/inventories", body)

    def _share_storage(self) -> None:
        aggregate = consumer_uuid("an aggregate")
        for sharing in (ROOT.uuid, self.storage):
            body = {"aggregates": [aggregate], "resource_provider_generation": 1}
            self.send("PUT", f"/resource_providers/{sharing}/aggregates", body)
        body = {"traits": ["MISC_SHARES_VIA_AGGREGATE"], "resource_provider_generation": 2}
        self.send("PUT", f"/resource_providers/{self.storage}/traits", body)

    @property
    def besides(self) -> dict:
        """What each consumer holds besides its devices."""
        return {
            ROOT.uuid: {"VCPU": 2, "MEMORY_MB": 512},
            self.other: {"DISK_GB": 3},
            self.storage: {"DISK_GB": 7},
        }

    def claim(self, who: str, devices: dict, **more: int) -> None:
        """Claim devices by provider uuid, and all the rest; again, with another amount of it."""
        held = self.read(who)
        besides = {**self.besides, ROOT.uuid: {**self.besides[ROOT.uuid], **more}}
        body = {
            "allocations": {u: {"resources": r} for u, r in {**besides, **devices}.items()},
            "project_id": "zun-project",
            "user_id": "zun-user",
            "consumer_generation": held.get("consumer_generation"),
        }
        self.send("PUT", f"/allocations/{consumer_uuid(who)}", body, ZUN)

    def read(self, who: str) -> dict:
        return self.send("GET", f"/allocations/{consumer_uuid(who)}", None, ZUN)

    def holds(self, who: str) -> dict:
        """What a consumer holds, by provider; it must be the same consumer still."""
        held = self.read(who)
        if not held["allocations"]:
            return {}
        assert (held["project_id"], held["user_id"]) == ("zun-project", "zun-user")
        return {uuid: on["resources"] for uuid, on in held["allocations"].items()}

    def devices(self, who: str) -> dict:
        """The devices that a consumer holds, by provider, while all the rest is as it was."""
        held = self.holds(who)
        assert {u: held.pop(u) for u in self.besides} == self.besides
        return held


@pytest.fixture
def cloud(real, placement):
    return Cloud(real, placement)


def results(report) -> list[str]:
    lines = told(done.action for done in report.outcome.results)
    both = zip(lines, report.outcome.results, strict=True)
    return [f"{line} {done.result}" for line, done in both if not line.startswith("Ensure")]


def check_clean(report, reconciler) -> None:
    """The pass did all that it meant to, and nothing is left to do, with or without its cache."""
    assert report.outcome.stopped is None
    assert {done.result for done in report.outcome.results} <= {"done"}
    assert reconciler.look(report.last_pass).plan.actions == ()
    known = report.last_pass
    without_cache = LastPass(keys=known.keys, may_reshape=known.may_reshape)
    assert reconciler.look(without_cache).plan.actions == ()


def reshapes(report) -> list[Reshape]:
    actions = (done.action for done in report.outcome.results)
    return [action for action in actions if isinstance(action, Reshape)]


def providers(reconciler) -> dict:
    """Our providers as they are, by key."""
    observed = reconciler.look().observed
    return {observed.keys[uuid]: p for uuid, p in observed.providers.items()}


def vf_provider(reconciler, physnet: str):
    trait = names.physnet_trait(physnet)
    (found,) = (p for p in providers(reconciler).values() if trait in p.traits)
    return found


# --- every consumer keeps what it has


def test_a_class_that_is_renamed_takes_its_claims_along(node, cloud):
    last_pass = node().run_once().last_pass
    cloud.claim("alice", {uuid(PLAIN): {QAT: 1}})
    cloud.claim("bob", {uuid(VFS): {NIC: 2}})
    reconciler = node(RENAMED)
    report = reconciler.run_once(last_pass)
    assert results(report) == [f"SetInventories {SECOND} done", f"Reshape {PLAIN} done"]
    assert cloud.devices("alice") == {uuid(PLAIN): {FAST: 1}}
    assert cloud.devices("bob") == {uuid(VFS): {NIC: 2}}
    assert report.planned.held == {}
    check_clean(report, reconciler)


def test_devices_that_become_a_pool_take_their_claims_along(node, cloud):
    last_pass = node().run_once().last_pass
    cloud.claim("alice", {uuid(PLAIN): {QAT: 1}, uuid(VFS): {NIC: 1}})
    cloud.claim("bob", {uuid(SECOND): {QAT: 1}})
    reconciler = node(pooling="numa")
    report = reconciler.run_once(last_pass)
    (reshape,) = reshapes(report)
    assert cloud.devices("alice") == {reshape.uuid: {QAT: 1}, uuid(VFS): {NIC: 1}}
    assert cloud.devices("bob") == {reshape.uuid: {QAT: 1}}
    assert {PLAIN, SECOND} & set(providers(reconciler)) == set()
    check_clean(report, reconciler)


def test_so_does_a_pool_that_becomes_another_one(node, cloud):
    last_pass = node(pooling="numa").run_once().last_pass
    (pool,) = (p for p in last_pass.providers.values() if QAT in p.inventories)
    cloud.claim("alice", {pool.uuid: {QAT: 2}})
    reconciler = node(RENAMED, pooling="numa")
    report = reconciler.run_once(last_pass)
    ((_, held),) = cloud.devices("alice").items()
    assert held == {FAST: 2}
    assert pool.uuid not in report.last_pass.providers
    check_clean(report, reconciler)


def test_vfs_that_come_under_one_set_of_traits_take_their_claims_along(node, cloud):
    before = node(TWO_NETS)
    last_pass = before.run_once().last_pass
    red, blue = (vf_provider(before, net) for net in ("physnet1", "physnet2"))
    cloud.claim("alice", {red.uuid: {NIC: 1}})
    cloud.claim("bob", {blue.uuid: {NIC: 1}})
    cloud.claim("zoe", {red.uuid: {NIC: 1}, blue.uuid: {NIC: 1}})
    reconciler = node(ONE_NET)
    report = reconciler.run_once(last_pass)
    assert [cloud.devices(who) for who in ("alice", "bob", "zoe")] == [
        {uuid(VFS): {NIC: 1}},
        {uuid(VFS): {NIC: 1}},
        {uuid(VFS): {NIC: 2}},
    ]
    assert set(providers(reconciler)) == {PLAIN, SECOND, CARD, VFS}
    check_clean(report, reconciler)


def test_slots_go_along_with_the_devices(node, cloud):
    exclusive = {"pf_vf_exclusive": "true"}
    last_pass = node(**exclusive).run_once().last_pass
    cloud.claim("alice", {uuid(PLAIN): {QAT: 1, names.SLOT: 1}})
    reconciler = node(pooling="numa", **exclusive)
    report = reconciler.run_once(last_pass)
    (reshape,) = reshapes(report)
    assert cloud.devices("alice") == {reshape.uuid: {QAT: 1, names.SLOT: 1}}
    check_clean(report, reconciler)


def test_what_is_in_use_is_reserved_after_its_claim_moved_which_placement_would_refuse_before(
    node, cloud
):
    def once(lists: str) -> str:
        entry = 'device_spec = {"vendor_id": "8086", "product_id": "0443"'
        return lists.replace(entry, f'{entry}, "one_time_use": true')

    last_pass = node(once(LISTS)).run_once().last_pass
    cloud.claim("alice", {uuid(PLAIN): {QAT: 1}})
    reconciler = node(once(RENAMED))
    report = reconciler.run_once(last_pass)
    assert f"SetInventories {PLAIN} done" == results(report)[-1]
    assert cloud.devices("alice") == {uuid(PLAIN): {FAST: 1}}
    assert providers(reconciler)[PLAIN].inventories == {FAST: reserved(1)}
    assert providers(reconciler)[SECOND].inventories == amounts({FAST: 1})
    check_clean(report, reconciler)


# --- how many requests that takes


def requests(placement) -> list[str]:
    """What was sent, in words that do not name whom."""
    return [_kind(r.method, r.path) for r in placement.requests if r.path != "/"]


def _kind(method: str, path: str) -> str:
    parts = path.partition("?")[0].strip("/").split("/")
    return " ".join([method, parts[0], *parts[2:]])


LOOK = ["GET resource_providers"] * 2  # by name, then the tree
WHO = "GET resource_providers allocations"


def test_claims_that_move_cost_a_request_for_each_consumer_and_two_more(node, cloud, placement):
    last_pass = node(pooling="numa").run_once().last_pass
    placement.requests.clear()
    (pool,) = (p for p in last_pass.providers.values() if QAT in p.inventories)
    for who in ("alice", "bob"):
        cloud.claim(who, {pool.uuid: {QAT: 1}})
    placement.requests.clear()
    report = node(RENAMED, pooling="numa").run_once(last_pass)
    sent = requests(placement)
    writing = sent[sent.index("POST resource_providers") - 1 :]
    assert writing == [
        "PUT resource_classes",
        "POST resource_providers",
        "PUT resource_providers traits",
        *["GET allocations"] * 2,
        "POST reshaper",
        "GET resource_providers",
        "DELETE resource_providers",
    ]
    assert report.outcome.stopped is None


@pytest.mark.parametrize(
    ("lists", "own", "allowed", "sent"),
    [
        pytest.param(RENAMED, {}, True, 11, id="a class is renamed"),
        pytest.param(LISTS, {"pooling": "numa"}, True, 13, id="devices become a pool"),
        pytest.param(RENAMED, {}, False, 18, id="a class is renamed, without the right"),
        pytest.param(LISTS, {"pooling": "numa"}, False, 20, id="a pool, without the right"),
    ],
)
def test_a_pass_that_moves_one_claim_sends_so_many_requests(
    node, claimed, forbid, placement, lists, own, allowed, sent
):
    if not allowed:
        forbid()
    placement.requests.clear()
    node(lists, **own).run_once(claimed)
    assert len(requests(placement)) == sent


def test_a_pass_after_it_sends_no_more_than_ever(node, cloud, placement):
    last_pass = node().run_once().last_pass
    cloud.claim("alice", {uuid(PLAIN): {QAT: 1}})
    last_pass = node(RENAMED).run_once(last_pass).last_pass
    placement.requests.clear()
    node(RENAMED).run_once(last_pass)
    assert requests(placement) == LOOK


# --- other writers in the middle


GET_ALICE = ("GET", f"/allocations/{consumer_uuid('alice')}")
POST = ("POST", "/reshaper")
BETWEEN = pytest.mark.parametrize("when", [GET_ALICE, POST], ids=["before our GET", "after it"])


@pytest.fixture
def intrude(client, monkeypatch):
    """Let somebody act once, right before our next request of a kind."""

    def intrude(act, *what: str) -> None:
        send, left = client.send, iter([act])

        def slow_send(method, url, body=None, version=None):
            if (method, url) == what and version != ZUN:
                next(left, lambda: None)()
            return send(method, url, body, version)

        monkeypatch.setattr(client, "send", slow_send)

    return intrude


@pytest.fixture
def claimed(node, cloud, placement):
    """What the pass remembers that came before alice claimed a device."""
    last_pass = node().run_once().last_pass
    cloud.claim("alice", {uuid(PLAIN): {QAT: 1}})
    placement.requests.clear()
    return last_pass


def tries(placement) -> list[int]:
    """The answers to POST /reshaper."""
    return [r.status for r in placement.requests if (r.method, r.path) == POST]


@BETWEEN
def test_a_consumer_that_changes_meanwhile_keeps_its_change(
    node, cloud, claimed, intrude, placement, when
):
    intrude(lambda: cloud.claim("alice", {uuid(PLAIN): {QAT: 1}}, VCPU=4), *when)
    reconciler = node(RENAMED)
    report = reconciler.run_once(claimed)
    assert tries(placement) == [409, 204]
    assert cloud.holds("alice") == {
        **cloud.besides,
        ROOT.uuid: {"VCPU": 4, "MEMORY_MB": 512},
        uuid(PLAIN): {FAST: 1},
    }
    check_clean(report, reconciler)


@pytest.mark.parametrize(("when", "answers"), [(GET_ALICE, [204]), (POST, [409])])
def test_a_consumer_that_releases_all_meanwhile_is_not_brought_back(
    node, cloud, claimed, intrude, placement, when, answers
):
    intrude(lambda: cloud.release("alice"), *when)
    reconciler = node(RENAMED)
    report = reconciler.run_once(claimed)
    assert tries(placement) == answers
    assert cloud.holds("alice") == {}
    assert providers(reconciler)[PLAIN].inventories == amounts({FAST: 1})
    check_clean(report, reconciler)


@BETWEEN
def test_one_that_releases_only_its_device_keeps_the_rest(node, cloud, claimed, intrude, when):
    intrude(lambda: cloud.claim("alice", {}), *when)
    reconciler = node(RENAMED)
    report = reconciler.run_once(claimed)
    assert cloud.devices("alice") == {}
    check_clean(report, reconciler)


@BETWEEN
def test_a_consumer_that_appears_meanwhile_is_moved_too(node, cloud, intrude, placement, when):
    last_pass = node(pooling="numa").run_once().last_pass
    placement.requests.clear()
    (pool,) = (p for p in last_pass.providers.values() if QAT in p.inventories)
    cloud.claim("alice", {pool.uuid: {QAT: 1}})
    intrude(lambda: cloud.claim("bob", {pool.uuid: {QAT: 1}}), *when)
    reconciler = node(RENAMED, pooling="numa")
    report = reconciler.run_once(last_pass)
    assert tries(placement) == [409, 204]
    assert cloud.devices("alice") == cloud.devices("bob")
    assert list(cloud.devices("bob").values()) == [{FAST: 1}]
    check_clean(report, reconciler)


def test_a_claim_of_something_else_on_the_node_is_nobodys_business(
    node, cloud, claimed, intrude, placement
):
    intrude(lambda: cloud.claim("bob", {uuid(VFS): {NIC: 1}}), *POST)
    reconciler = node(RENAMED)
    report = reconciler.run_once(claimed)
    assert tries(placement) == [204]
    assert cloud.devices("bob") == {uuid(VFS): {NIC: 1}}
    check_clean(report, reconciler)


# --- a connection that drops


def test_a_reshape_whose_answer_was_lost_is_found_done(node, cloud, claimed, placement):
    client = losing(placement, "POST", "reshaper", 1)
    reconciler = node(RENAMED, client)
    placement.requests.clear()
    report = reconciler.run_once(claimed)
    assert tries(placement) == [204, 409]  # keystoneauth repeated it, and it was done already
    assert cloud.devices("alice") == {uuid(PLAIN): {FAST: 1}}
    check_clean(report, reconciler)


def test_one_whose_answers_were_all_lost_is_found_done_by_the_next_pass(
    node, cloud, claimed, placement
):
    report = node(RENAMED, losing(placement, "POST", "reshaper", 9)).run_once(claimed)
    assert report.outcome.stopped is not None
    assert cloud.devices("alice") == {uuid(PLAIN): {FAST: 1}}
    reconciler = node(RENAMED)
    check_clean(reconciler.run_once(report.last_pass), reconciler)


# --- without the right to do it


def test_who_may_not_move_claims_drains_in_the_same_pass(node, cloud, claimed, forbid, placement):
    forbid()
    reconciler = node(pooling="numa")
    report = reconciler.run_once(claimed)
    assert tries(placement) == [403]
    assert not report.last_pass.may_reshape
    assert cloud.devices("alice") == {uuid(PLAIN): {QAT: 1}}
    left = providers(reconciler)
    assert (left[PLAIN].inventories, DRAINING in left[PLAIN].traits) == ({QAT: reserved(1)}, True)
    (pool,) = (p for p in left.values() if p.inventories == amounts({QAT: 1}))
    assert SECOND not in left  # two devices less the one that is in use
    assert report.planned.held == {
        pool.name: f"{name(PLAIN)} has claims that may hold 1 of these 2 {QAT}: offered as they end"
    }
    check_clean(report, reconciler)

    cloud.release("alice")
    report = reconciler.run_once(report.last_pass)
    assert PLAIN not in providers(reconciler)
    assert report.last_pass.providers[pool.uuid].inventories == amounts({QAT: 2})
    assert tries(placement) == [403]
    check_clean(report, reconciler)


def test_that_is_remembered(node, claimed, forbid, placement):
    forbid()
    last_pass = node(RENAMED).run_once(claimed).last_pass
    again = node(RENAMED.replace('"fast"', '"faster"')).run_once(last_pass)
    assert tries(placement) == [403]
    assert not again.last_pass.may_reshape


def test_until_everything_is_read_again(node, cloud, claimed, forbid, placement):
    forbid()
    last_pass = node(RENAMED).run_once(claimed).last_pass
    forbid("admin")
    reconciler = node(RENAMED)
    report = reconciler.run_once(last_pass.to_be_read())
    assert tries(placement) == [403, 204]
    assert report.last_pass.may_reshape
    assert cloud.devices("alice") == {uuid(PLAIN): {FAST: 1}}
    check_clean(report, reconciler)


def test_a_403_is_no_error_of_the_pass(node, claimed, forbid):
    forbid()
    report = node(RENAMED).run_once(claimed)
    assert not isinstance(report.outcome.stopped, ReshapeForbidden)
    assert results(report) == [f"SetInventories {SECOND} done", f"Drain {PLAIN} done"]
