"""Containers with devices on a real zun, as far as its scheduler decides."""

from __future__ import annotations

import logging

import pytest
from support.cloud import HOST, LISTS, NIC_CARD, PLAIN, QAT_CARD, VFS

pytest.importorskip("zun.scheduler.utils", reason="zun is not installed")

from support.zun.cloud import SCHEDULER
from support.zun.stage import NOT_ENOUGH, create, on, refused
from zun.common import exception
from zun.scheduler import request_filter

SECOND = "0000:3c:00.0"
TWO_QATS = (QAT_CARD, {**QAT_CARD, "address": SECOND, "numa": 1})
QAT, NIC = "CUSTOM_PCI_QAT", "CUSTOM_PCI_NIC"


@pytest.mark.usefixtures("stock")
def test_without_us_zun_starts_a_container_without_its_device(start):
    stage = start(scheduler="")
    uuid = create(stage, "qat:1")
    assert set(stage.allocated(uuid)) == {"node"}
    assert stage.zun.nodes["node"].driver.created == [uuid]


def test_a_container_gets_its_device(start):
    stage = start()
    uuid = create(stage, "qat:1")
    assert stage.allocated(uuid) == {
        "node": {"VCPU": 1, "MEMORY_MB": 512},
        on(PLAIN): {QAT: 1},
    }
    assert stage.zun.nodes["node"].driver.created == [uuid]


@pytest.mark.parametrize("hints", [None, {}, {"group": "a"}])
def test_a_container_without_the_hint_gets_none(start, hints):
    stage = start()
    answer = stage.zun.create(hints=hints)
    assert answer.status == 202
    assert set(stage.allocated(answer.body["uuid"])) == {"node"}


def test_two_containers_get_a_device_each(start):
    stage = start(node=TWO_QATS)
    held = [stage.devices(create(stage, "qat")) for _ in range(2)]
    assert sorted(map(list, held)) == [[on(PLAIN)], [on(SECOND)]]


def test_where_none_is_free_there_are_not_enough_hosts(start):
    stage = start()
    create(stage, "qat")
    assert refused(stage, create(stage, "qat")) == NOT_ENOUGH


@pytest.mark.parametrize(
    ("pci", "held"),
    [
        ("qat:2", {QAT: 2}),
        ("nic:2@physnet1", {NIC: 2}),
        ("nic:4", {NIC: 4}),
        ("qat,nic:2", {QAT: 1, NIC: 2}),
        ("qat:2,nic:3", {QAT: 2, NIC: 3}),
    ],
)
def test_a_container_gets_all_that_it_asks_for(start, pci, held):
    stage = start(node=(*TWO_QATS, NIC_CARD))
    assert stage.classes(create(stage, pci)) == held


@pytest.mark.parametrize("pci", ["qat:3", "nic:5", "qat:3|nic:5", "qat:2,nic:5"])
def test_or_else_nothing(start, pci):
    stage = start(node=(*TWO_QATS, NIC_CARD))
    assert refused(stage, create(stage, pci)) == NOT_ENOUGH


def test_what_is_preferred_is_taken_first_and_then_the_alternative(start):
    stage = start()
    assert stage.devices(create(stage, "qat|nic:2")) == {on(PLAIN): 1}
    assert stage.devices(create(stage, "qat|nic:2")) == {on(VFS): 2}
    assert stage.devices(create(stage, "qat|nic:2")) == {on(VFS): 2}
    assert refused(stage, create(stage, "qat|nic:2")) == NOT_ENOUGH


def test_delete_frees_the_device(start):
    stage = start()
    uuid = create(stage, "qat")
    assert stage.zun.delete(uuid).status == 204
    assert stage.allocated(uuid) == {}
    assert stage.devices(create(stage, "qat")) == {on(PLAIN): 1}


@pytest.mark.parametrize(
    ("pci", "told"),
    [
        ("gpu:1", "unknown alias 'gpu'; known: nic, qat"),
        ("qat:0", "write, for example, qat:2"),
        ("", "is not a request"),
        (7, "is text, such as pci=QuickAssist:1, and not a number"),
        (True, "and not a truth value"),
        (["qat"], "and not a list"),
        ({"qat": 1}, "and not an object"),
        ("q" * 10_000, "has 10000 characters"),
        ("qat:17", "asks for 17 devices"),
        ("100%s", "unknown alias '100%s'"),
        ("100%(code)s", "unknown alias '100%(code)s'"),
        ("resources1:CUSTOM_PCI_QAT", "the count must be"),
        ("qat:1&resources9=VCPU:1", "is not a request"),
        ("nic@physnet9", "no node has ever offered 'nic@physnet9'"),
        ("nic@physnet1&limit=1", "no node has ever offered"),
        ("nic@physnet8|nic@physnet9", "no node has ever offered"),
    ],
)
def test_a_hint_that_is_no_good_is_answered_with_what_to_write(start, pci, told):
    stage = start()
    answer = stage.zun.create(pci)
    assert answer.status == 400, answer
    assert told in answer.body["errors"][0]["detail"]
    refused(stage, stage.zun.newest().uuid)


def test_a_hint_under_nearly_our_name_is_not_ignored(start):
    answer = start().zun.create(hints={"PCI": "qat"})
    assert answer.status == 400
    assert "write pci=" in answer.body["errors"][0]["detail"]


RAW = {"resources1:CUSTOM_PCI_QAT": "1", "trait1:CUSTOM_X": "required", "group_policy": "isolate"}


@pytest.mark.parametrize("more", [{}, {"pci": "nic"}])
def test_nobody_writes_groups_of_his_own(start, more):
    stage = start()
    answer = stage.zun.create(hints={**RAW, **more})
    assert answer.status == 202
    assert set(stage.devices(answer.body["uuid"])) == ({on(VFS)} if more else set())
    assert stage.zun.create("nic", **RAW).status == 400  # zun's own schema


@pytest.fixture
def another_filter():
    """A request filter of somebody else, before ours."""

    def one_vf(_context, specs) -> None:
        specs["resources1:CUSTOM_PCI_NIC"] = "1"

    filters = list(request_filter.ALL_REQUEST_FILTERS)
    request_filter.ALL_REQUEST_FILTERS.insert(0, one_vf)
    yield
    request_filter.ALL_REQUEST_FILTERS[:] = filters


@pytest.mark.usefixtures("another_filter")
@pytest.mark.parametrize(("pci", "held"), [("qat", {on(PLAIN): 1}), ("nic:2", {})])
def test_groups_of_other_filters_stay(start, pci, held):
    stage = start()
    vfs = 3 if pci.startswith("nic") else 1
    assert stage.devices(create(stage, pci)) == {**held, on(VFS): vfs}


WHOLE_OR_VFS = """
[pci]
alias = {"name": "card", "vendor_id": "8086", "product_id": "10c9", "device_type": "type-PF"}
alias = {"name": "vf", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}
device_spec = {"address": "0000:41:00.0", "device_type": "type-PF"}
device_spec = {"devname": "ens1f0", "physical_network": "physnet1"}
"""
WHOLE_CARD = {
    "address": "0000:41:00.0", "id": "8086:10c9", "class": "020000",
    "totalvfs": 8, "vf_device": "10ca", "numa": 0,
}  # fmt: skip


def test_a_whole_card_and_vfs_are_told_apart(start):
    stage = start(WHOLE_OR_VFS, node=(WHOLE_CARD, NIC_CARD))
    assert stage.devices(create(stage, "card")) == {on("0000:41:00.0"): 1}
    assert stage.devices(create(stage, "vf")) == {on(VFS): 1}
    assert refused(stage, create(stage, "card")) == NOT_ENOUGH


EXCLUSIVE = """
[pci_placement]
pf_vf_exclusive = true
[pci]
alias = {"name": "card", "vendor_id": "8086", "product_id": "10c9", "device_type": "type-PF"}
alias = {"name": "vf", "vendor_id": "8086", "product_id": "10ca", "device_type": "type-VF"}
device_spec = {"vendor_id": "8086", "product_id": "10c9", "device_type": "type-PF"}
device_spec = {"vendor_id": "8086", "product_id": "10ca"}
"""


@pytest.mark.parametrize(("first", "second"), [("card", "vf"), ("vf", "card")])
def test_a_card_is_given_whole_or_through_its_vfs(start, first, second):
    stage = start(EXCLUSIVE, node=(NIC_CARD,))
    uuid = create(stage, first)
    assert stage.devices(uuid)
    assert refused(stage, create(stage, second)) == NOT_ENOUGH
    stage.zun.delete(uuid)
    assert stage.devices(create(stage, second))


def test_of_two_nodes_the_one_with_the_device_is_taken(start):
    stage = start(bare=(NIC_CARD,), full=HOST)
    uuid = create(stage, "qat")
    assert stage.devices(uuid) == {on(PLAIN, "full"): 1}
    assert stage.zun.nodes["full"].driver.created == [uuid]
    assert refused(stage, create(stage, "qat")) == NOT_ENOUGH


def test_two_nodes_serve_two_containers(start):
    stage = start(one=HOST, two=HOST)
    held = {name for _ in range(2) for name in stage.devices(create(stage, "qat"))}
    assert held == {on(PLAIN, "one"), on(PLAIN, "two")}


def test_a_node_without_room_is_passed_over(start):
    stage = start(
        scheduler=f"{SCHEDULER}[compute]\ncpu_allocation_ratio = 1.0\n", one=HOST, two=HOST
    )
    uuids = [create(stage, pci, cpu=8) for pci in ("nic", "qat")]
    roots = [set(stage.allocated(uuid)) & {"one", "two"} for uuid in uuids]
    assert sorted(map(list, roots)) == [["one"], ["two"]]


def test_a_physical_network_is_asked_for(start):
    stage = start(LISTS, node=HOST)
    assert stage.devices(create(stage, "nic@physnet1")) == {on(VFS): 1}


POOLS = LISTS.replace("[pci]", "[pci_placement]\npooling = numa\n[pci]", 1)


def test_pools_by_numa_node_are_drawn_from(start):
    stage = start(POOLS, node=TWO_QATS)
    held = stage.devices(create(stage, "qat:2"))
    assert sorted(held.values()) == [1, 1]
    assert all("numa" in name for name in held)


NUMA = LISTS.replace(
    '"product_id": "0443"}\nalias', '"product_id": "0443", "traits": "CUSTOM_PCI_NUMA_1"}\nalias', 1
)


def test_a_numa_node_that_the_alias_names_is_kept(start):
    stage = start(NUMA, node=TWO_QATS)
    assert stage.devices(create(stage, "qat")) == {on(SECOND): 1}
    assert refused(stage, create(stage, "qat")) == NOT_ENOUGH


ONCE = LISTS.replace('"0443"}\ndevice_spec', '"0443", "one_time_use": true}\ndevice_spec')


def test_a_device_for_one_time_use_is_used_once(start):
    stage = start(ONCE, node=HOST)
    uuid = create(stage, "qat")
    stage.sync()
    stage.zun.delete(uuid)
    stage.sync()
    assert refused(stage, create(stage, "qat")) == NOT_ENOUGH


def test_a_device_out_of_service_is_given_to_nobody(start):
    stage = start()
    stage.reserve(on(PLAIN))
    stage.sync()
    assert refused(stage, create(stage, "qat")) == NOT_ENOUGH
    stage.reserve(on(PLAIN), 0)
    assert stage.devices(create(stage, "qat")) == {on(PLAIN): 1}


RENAMED = LISTS.replace('"name": "qat"', '"name": "fast"')


def test_a_container_is_moved_by_us_while_it_runs(start):
    stage = start()
    uuid = create(stage, "qat")
    before = stage.zun.show(uuid)
    stage.zun.configure(stage.zun.file.read_text().replace('"name": "qat"', '"name": "fast"'))
    stage.sync(lists=RENAMED)
    assert stage.allocated(uuid) == {
        "node": {"VCPU": 1, "MEMORY_MB": 512},
        on(PLAIN): {"CUSTOM_PCI_FAST": 1},
    }
    assert stage.zun.show(uuid).status == before.status
    assert refused(stage, create(stage, "fast")) == NOT_ENOUGH
    assert stage.zun.delete(uuid).status == 204
    assert stage.devices(create(stage, "fast")) == {on(PLAIN): 1}


def test_no_hint_writes_lines_of_its_own_into_the_log(start, caplog):
    stage = start()
    with caplog.at_level(logging.INFO):
        assert stage.devices(create(stage, " qat \n")) == {on(PLAIN): 1}
        assert stage.zun.create("nic@phys\nnet9").status == 400
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("pci_placement")]
    assert len(ours) == 2
    assert not any("\n" in line for line in ours)


def test_an_alias_that_is_written_while_zun_runs_can_be_asked_for(start):
    stage = start()
    assert stage.zun.create("fast").status == 400
    line = next(line for line in LISTS.splitlines() if '"qat"' in line)
    both = f"{line}\n{line.replace('qat', 'fast')}"
    stage.zun.configure(stage.zun.file.read_text().replace(line, both))
    stage.sync()
    assert stage.devices(create(stage, "fast")) == {on(PLAIN): 1}


def test_an_error_in_the_lists_does_not_end_what_could_be_asked_for(start, caplog):
    stage = start()
    uuid = create(stage, "qat")
    stage.zun.delete(uuid)
    stage.zun.configure(stage.zun.file.read_text().replace('"name": "nic"', '"nome": "nic"'))
    with caplog.at_level(logging.ERROR):
        assert stage.devices(create(stage, "qat")) == {on(PLAIN): 1}
    assert "nome" in caplog.text


def test_lists_with_errors_from_the_start_are_no_fault_of_the_user(start, caplog, monkeypatch):
    from pci_placement.zun import files, lists, scheduler

    stage = start()
    monkeypatch.setattr(scheduler, "_lists", lists.Lists(files.zun_paths))
    stage.zun.configure(stage.zun.file.read_text().replace('"name": "nic"', '"nome": "nic"'))
    with caplog.at_level(logging.ERROR):
        assert stage.zun.create("qat").status == 500
    assert "nome" in caplog.text


def test_a_process_that_missed_our_filter_starts_nothing_without_its_device(start, caplog):
    stage = start()
    create(stage, "nic")
    ours = request_filter.ALL_REQUEST_FILTERS.pop()
    try:
        with caplog.at_level(logging.ERROR):
            uuid = create(stage, "qat")
    finally:
        request_filter.ALL_REQUEST_FILTERS.append(ours)
    assert refused(stage, uuid) == NOT_ENOUGH
    (said,) = [r.getMessage() for r in caplog.records if r.name.startswith("pci_placement")]
    assert f"container {uuid} asks for devices ('qat') and Placement was not asked" in said


def test_enabled_but_not_available_zun_does_not_start(start):
    """Nor does zun-compute, which makes a scheduler of its own from the same options."""
    with pytest.raises(exception.SchedulerHostFilterNotFound, match="PciPlacementFilter"):
        start(scheduler="[scheduler]\nenabled_filters = ComputeFilter,PciPlacementFilter\n")


def test_available_and_not_enabled_the_query_has_the_device(start):
    stage = start(scheduler=SCHEDULER.replace(",PciPlacementFilter", ""))
    assert stage.devices(create(stage, "qat")) == {on(PLAIN): 1}


def test_imported_twice_the_filter_is_one():
    import importlib

    from pci_placement.zun import scheduler

    before = len(request_filter.ALL_REQUEST_FILTERS)
    importlib.reload(scheduler)
    assert len(request_filter.ALL_REQUEST_FILTERS) == before
    assert request_filter.ALL_REQUEST_FILTERS[-1] is scheduler.add_devices
