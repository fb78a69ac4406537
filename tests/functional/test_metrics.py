"""What passes at a real Placement mean as numbers."""

from collections import Counter
from dataclasses import dataclass

import pytest
from support.cloud import (
    CARD,
    FILE,
    HOST,
    LISTS,
    NIC,
    NIC_CARD,
    PLAIN,
    QAT,
    QAT_CARD,
    VFS,
    configure,
)
from support.command import by_token
from support.metrics import number, told

from pci_placement.placement.bounds import Bounds
from pci_placement.service.arguments import parse
from pci_placement.service.loop import Wake
from pci_placement.service.metrics.observer import Metrics
from pci_placement.service.pace import Went
from pci_placement.service.report import Report
from pci_placement.service.work import Work

NOBODY = "nobody:nothing"
"""A token that Placement takes and that may do nothing."""


@dataclass
class Clock:
    """Seconds since 1970, as a test has them pass."""

    now: float = 1e9

    def __call__(self) -> float:
        return self.now


class Node:
    """Passes over one host in this process, and the numbers that come of them."""

    def __init__(self, folder, sysfs, url, clock) -> None:
        self.folder, self.sysfs, self.url, self.clock = folder, sysfs, url, clock
        self.ending = False
        self.options: dict[str, str] = {"full_sync_interval": "1e9"}
        self.configure()
        self.start()

    def configure(self, lists: str = LISTS, token: str | None = None, **own: str) -> None:
        self.options |= own
        section = by_token(self.url, token) if token else by_token(self.url)
        configure(self.folder, lists, section, **self.options)

    def start(self) -> None:
        """As a new process that has read the configuration."""
        files = f"--sysfs {self.sysfs} --config-file {self.folder / FILE}"
        self.metrics = Metrics(Report(), now=self.clock, clock=self.clock)
        bounds = Bounds(wait=[].append, stopped=lambda: self.ending)
        self.work = Work(parse(files.split()), Report(), self.metrics, bounds)

    def make_pass(self, **own: str) -> None:
        if own:
            self.configure(**own)
            assert self.work.reload()
        self.work.run()

    def number(self, name: str, *labels: str) -> float | None:
        return number(self.metrics.numbers, name, *labels)

    def told(self, name: str) -> dict:
        return told(self.metrics.numbers, name)


@pytest.fixture
def node(tmp_path, sysfs, placement) -> Node:
    return Node(tmp_path, sysfs, placement.url, Clock())


@pytest.fixture
def registered(request, node) -> Node:
    """A node that its compute service has registered."""
    request.getfixturevalue("real")
    return node


@pytest.fixture
def synced(registered) -> Node:
    """A node whose first pass is over."""
    node = registered
    node.make_pass()
    assert node.told("passes_total") == {"done": 1}
    return node


# --- what is there


def test_devices_and_inventories_are_told_by_class(synced):
    assert synced.told("devices") == {
        (QAT, "offered"): 1,
        (NIC, "offered"): 4,
        ("", "ignored"): 1,
    }
    assert synced.told("inventory_total") == {QAT: 1, NIC: 4}
    assert synced.told("inventory_reserved") == {}
    assert synced.number("providers") == 3
    assert [synced.number(f"{what}_providers") for what in ("draining", "drained")] == [0, 0]


def test_a_class_of_which_nothing_is_left_is_told_no_longer(synced, become):
    become(*HOST[1:])
    synced.make_pass()
    assert synced.told("inventory_total") == {NIC: 4}
    assert synced.number("inventory_total", QAT) is None
    assert synced.number("inventory_used", QAT) is None


def test_slots_are_no_devices(synced):
    synced.make_pass(pf_vf_exclusive="true")
    assert synced.told("inventory_total") == {QAT: 1, NIC: 4}


def test_what_drains_is_counted_until_it_is_free(synced, real, become):
    real.claim("bob", {PLAIN: {QAT: 1}})
    become(*HOST[1:])
    synced.make_pass()
    assert synced.number("draining_providers") == 1
    assert synced.told("inventory_reserved") == {QAT: 1}
    assert synced.told("inventory_used") == {QAT: 1}
    real.release("bob")
    synced.make_pass()
    assert (synced.number("draining_providers"), synced.number("providers")) == (0, 2)


def test_a_card_that_somebody_else_reports_is_not_ours(synced, real):
    real.create_foreign("nova", f"node_{CARD}", "COMPUTE_MANAGED_PCI_DEVICE")
    synced.make_pass()
    assert (synced.number("held_cards"), synced.number("not_ours_cards")) == (0, 1)
    assert synced.told("devices")["", "held"] == 4
    assert synced.told("passes_total") == {"done": 1, "partly": 1}


def test_a_card_on_which_nothing_may_change_is_held(synced, become):
    become({**QAT_CARD, "unreadable": True}, NIC_CARD)
    synced.make_pass()
    assert synced.number("held_cards") == 1
    assert synced.number("devices", "", "unreadable") == 1


def test_removals_that_are_withheld_are_counted(synced, become):
    become({"address": "0000:01:00.0", "id": "1234:5678"})
    synced.make_pass(max_removals="1")
    assert synced.number("withheld_removals") == 3
    assert synced.told("passes_total") == {"done": 1, "withheld": 1}


def test_what_stands_in_the_way_is_counted(node, real):
    real.create_foreign(PLAIN, "somebody's", "HW_CPU_X86_VMX")
    node.make_pass()
    assert node.number("blocked_providers") == 1
    assert node.told("passes_total") == {"partly": 1}


def test_that_a_host_is_retired_or_disabled_is_told(synced):
    assert (synced.number("retired"), synced.number("enabled")) == (0, 1)
    synced.work.agent.retire()
    synced.make_pass()
    assert (synced.number("retired"), synced.number("providers")) == (1, 0)
    then = synced.number("last_success_timestamp_seconds")
    synced.clock.now += 60
    synced.make_pass(enabled="false")
    assert (synced.number("retired"), synced.number("enabled")) == (1, 0)
    assert synced.number("last_success_timestamp_seconds") == then
    assert synced.told("passes_total") == {"done": 2, "disabled": 1}
    assert synced.number("pass_duration_seconds_bucket", "+Inf") == 2


# --- what is used


def test_what_nobody_has_claimed_is_known_at_every_pass(synced):
    synced.clock.now += 60
    synced.make_pass()
    assert [synced.number("inventory_used", name) for name in (QAT, NIC)] == [0, 0]
    assert synced.told("inventory_used_timestamp_seconds") == {QAT: 1e9 + 60, NIC: 1e9 + 60}


def test_what_is_claimed_is_known_once_all_is_read_and_how_old_that_is_is_told(
    synced, real, placement
):
    real.claim("bob", {VFS: {NIC: 3}})
    synced.clock.now += 60
    synced.make_pass()
    assert synced.number("inventory_used", NIC) == 0
    assert synced.told("inventory_used_timestamp_seconds") == {QAT: 1e9 + 60, NIC: 1e9}
    synced.clock.now += 60
    placement.requests.clear()
    synced.make_pass(full_sync_interval="0")
    # no question is asked for it: VCPU, and of the VFs, as where nobody looks at metrics
    assert [r.path.partition("&")[0] for r in placement.requests[1:]] == [
        "/allocation_candidates?resources=VCPU:1",
        f"/allocation_candidates?resources={NIC}:1",
    ]
    assert synced.told("inventory_used") == {NIC: 3}
    assert synced.told("inventory_used_timestamp_seconds") == {QAT: 1e9 + 120, NIC: 1e9 + 120}


def test_a_new_process_says_nothing_of_what_it_was_not_told(synced, real):
    real.claim("bob", {VFS: {NIC: 3}})
    synced.make_pass()
    synced.start()
    synced.make_pass()
    assert synced.number("inventory_used", QAT) == 0
    assert synced.number("inventory_used", NIC) is None
    assert synced.number("inventory_used_timestamp_seconds", NIC) is None


# --- what adds up


def test_every_request_is_counted_by_how_it_was_answered(registered, placement):
    node = registered
    placement.requests.clear()
    node.make_pass()
    seen = Counter((r.method, str(r.status)) for r in placement.requests)
    assert len(seen) > 3
    assert node.told("requests_total") == seen
    placement.requests.clear()
    node.make_pass()
    assert [r.method for r in placement.requests] == ["GET"]
    assert node.number("requests_total", "GET", "200") == seen["GET", "200"] + 1


def test_a_pass_of_the_loop_that_is_spared_is_a_success_with_its_requests(synced, placement):
    synced.make_pass()
    placement.requests.clear()
    before = synced.number("requests_total", "GET", "200")
    synced.clock.now += 60
    assert synced.work.make_pass(Wake.TIME) is Went.WELL
    assert len(placement.requests) == 1
    assert synced.told("passes_total") == {"done": 2, "spared": 1}
    assert synced.number("requests_total", "GET", "200") == before + 1
    assert synced.number("last_success_timestamp_seconds") == 1e9 + 60
    placement.stop()
    synced.work.make_pass(Wake.TIME)
    placement.start()
    assert synced.told("passes_total") == {"done": 2, "spared": 1, "try_again": 1}
    assert synced.number("failing_passes") == 1


def test_what_passes_did_and_what_they_undid_is_counted(synced, real):
    assert synced.number("actions_total", "create_provider", "done") == 3
    assert synced.number("drift_total") == 0
    real.add_trait(PLAIN, "CUSTOM_PCI_NUMA_7")
    synced.make_pass()
    assert synced.number("drift_total") == 1
    assert synced.number("actions_total", "set_traits", "done") == 4


def test_passes_that_fail_leave_what_the_last_good_one_found(synced, placement):
    found = {n: synced.told(n) for n in ("devices", "inventory_total", "requests_total")}
    placement.stop()
    synced.clock.now += 60
    for _ in range(2):
        synced.make_pass()
    placement.start()
    assert synced.told("passes_total") == {"done": 1, "try_again": 2}
    assert synced.number("failing_passes") == 2
    assert synced.number("last_success_timestamp_seconds") == 1e9
    assert synced.told("devices") == found["devices"]
    assert synced.told("inventory_total") == found["inventory_total"]
    assert synced.number("requests_total", "GET", "0") == 6  # each is tried three times
    synced.make_pass()
    assert synced.number("failing_passes") == 0
    assert synced.number("last_success_timestamp_seconds") == 1e9 + 60


def test_a_pass_that_somebody_has_to_look_at_is_an_error(synced):
    synced.make_pass(token=NOBODY)
    assert synced.told("passes_total") == {"done": 1, "error": 1}
    assert synced.number("requests_total", "GET", "403")


def test_a_pass_that_is_cut_short_by_the_end_has_not_failed(node):
    node.ending = True
    node.make_pass()
    assert node.told("passes_total") == {}
    assert node.number("failing_passes") == 0


def test_how_long_a_pass_took_is_told_in_buckets(registered):
    node = registered

    def slow(answered):
        node.clock.now += 0.2
        return heard(answered)

    heard, node.metrics.heard = node.metrics.heard, slow
    node.work.reload()
    node.make_pass()
    seconds = node.number("pass_duration_seconds_sum")
    assert seconds == pytest.approx(0.2 * sum(node.told("requests_total").values()))
    assert node.told("pass_duration_seconds_bucket").keys() >= {"+Inf", "300.0", "10.0"}
    assert node.number("pass_duration_seconds_bucket", "0.05") == 0


def test_a_bad_configuration_is_told_until_there_is_a_good_one(synced):
    synced.configure(lists="[pci]\ndevice_spec = {]\n")
    assert not synced.work.reload()
    assert synced.number("configuration_valid") == 0
    synced.configure(sync_interval="7")
    assert synced.work.reload()
    assert synced.number("configuration_valid") == 1
    assert synced.number("sync_interval_seconds") == 7
