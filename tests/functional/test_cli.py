"""The command line as people and programs meet it: rows, exit codes, and one line for an error."""

import importlib.metadata
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support import hosts
from support.cloud import CARD, LISTS, PLAIN, VFS, configure, name, uuid
from support.command import Run
from support.placements import ROOT, consumer_uuid

from pci_placement.errors import GenerationConflict, Unreachable
from pci_placement.placement import Client
from pci_placement.state import StateFile

NIC, QAT = "CUSTOM_PCI_NIC", "CUSTOM_PCI_QAT"
SCRIPT = Path(sys.executable).with_name("pci-placement")
BAD_JSON = '[pci]\ndevice_spec = {"vendor_id": 8086,}\nalias = {"name": "a"}\n'

CONFLICT = """
[pci]
device_spec = {"vendor_id": "8086", "product_id": "10ca"}
device_spec = {"address": "0000:81:00.0", "device_type": "type-PF"}
"""
VF_ADDRESSES = ["0000:81:10.0", "0000:81:10.2", "0000:81:10.4", "0000:81:10.6"]

DEVICE = (
    "address vendor_id product_id class_code dev_type parent_addr numa_node driver devname "
    "physical_network alias resource_class provider state reason"
).split()
PROVIDER = "uuid name parent inventories traits addresses".split()
PLAN = "action provider detail reason consumers".split()
INVENTORY = "total reserved min_unit max_unit step_size allocation_ratio".split()

NEEDS_PLACEMENT = [
    "plan",
    "sync",
    "sync --dry-run",
    "provider list",
    "request candidates qat",
    "request explain qat",
]
NEEDS_NONE = [
    "alias list",
    "config validate",
    "device list",
    f"device show {PLAIN}",
    "provider list --desired",
    "request show qat",
]
ROWS = ["plan", "sync", "provider list", "alias list", "device list", "provider list --desired"]


pytestmark = pytest.mark.usefixtures("nowhere", "logs")


@pytest.fixture
def url() -> str:
    """Where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def by_token(url: str, token: str = "admin") -> str:  # noqa: S107
    return f"auth_type = admin_token\nendpoint = {url}\ntoken = {token}"


@pytest.fixture
def run(call, sysfs, tmp_path, placement):
    """Call the program on this host, with a configuration that has everything."""

    def run(line: str, *more: object, lists=LISTS, sysfs=sysfs, section=None, **own) -> Run:
        section = by_token(placement.url) if section is None else section
        file = configure(tmp_path, lists, section, **own)
        return call("--sysfs", sysfs, "--config-file", file, *line.split(), *more)

    return run


@pytest.fixture
def rows(run):
    """Run a command that must work, and give its rows."""

    def rows(line: str, **kwargs):
        done = run(f"{line} -f json", **kwargs)
        assert done.code == 0, done.err
        return done.json

    return rows


def writes(placement) -> list:
    return [request for request in placement.requests if request.method != "GET"]


# --- rows


def test_device_list(rows):
    offered = rows("device list")
    assert [row["address"] for row in offered] == [PLAIN, *VF_ADDRESSES]
    assert list(offered[1]) == DEVICE
    assert {key: offered[1][key] for key in DEVICE if key != "reason"} == {
        "address": "0000:81:10.0",
        "vendor_id": "8086",
        "product_id": "10ca",
        "class_code": "020000",
        "dev_type": "type-VF",
        "parent_addr": CARD,
        "numa_node": 1,
        "driver": None,
        "devname": "ens1f0v0",
        "physical_network": "physnet1",
        "alias": ["nic"],
        "resource_class": NIC,
        "provider": name(VFS),
        "state": "offered",
    }
    assert "device_spec" in offered[1]["reason"]


def test_device_list_all_says_why_the_others_are_not_offered(rows, sysfs):
    (sysfs / "bus/pci/devices" / PLAIN / "uevent").write_text("PCI_CLASS=x\nPCI_ID=8086:0443\n")
    shown = {row["address"]: row for row in rows("device list --all")}
    assert {address: row["state"] for address, row in shown.items()} == {
        PLAIN: "unreadable",
        CARD: "ignored",
        **dict.fromkeys(VF_ADDRESSES, "offered"),
    }
    assert list(shown[PLAIN]) == DEVICE
    assert shown[PLAIN]["reason"]
    assert "its VFs are offered" in shown[CARD]["reason"]


def test_a_device_that_two_entries_offer_in_two_ways_is_held(rows):
    held = rows("device list", lists=CONFLICT)
    assert {row["state"] for row in held} == {"held"}
    assert {row["provider"] for row in held} == {None}


def test_device_show(rows):
    shown = rows(f"device show {PLAIN}")
    assert list(shown) == DEVICE
    assert (shown["address"], shown["alias"]) == (PLAIN, ["qat"])


@pytest.mark.parametrize(
    ("address", "part"),
    [("0000:99:00.0", "has no PCI device 0000:99:00.0"), ("81:00.0", "is not a PCI address")],
)
def test_a_device_that_is_not_there_cannot_be_shown(run, address, part):
    done = run(f"device show {address}")
    assert done.code == 2
    assert part in done.error


def test_alias_list(rows):
    qat, nic = rows("alias list")
    assert list(qat) == "name resource_class traits matches devices problem".split()
    assert qat == {
        "name": "qat",
        "resource_class": QAT,
        "traits": [],
        "matches": [{"vendor_id": "8086", "product_id": "0443", "device_type": None}],
        "devices": 1,
        "problem": None,
    }
    assert (nic["devices"], nic["matches"][0]["device_type"]) == (4, "type-VF")


def test_provider_list(run, rows, real):
    assert rows("provider list") == []
    assert run("sync").code == 0
    real.claim("bob", {VFS: {NIC: 3}})
    listed = {row["name"]: row for row in rows("provider list")}
    vfs = listed[name(VFS)]
    assert list(vfs) == [*PROVIDER, "generation", "used"]
    assert (vfs["uuid"], vfs["parent"], vfs["used"]) == (uuid(VFS), name(CARD), {NIC: 3})
    assert list(vfs["inventories"][NIC]) == INVENTORY
    assert list(vfs["inventories"][NIC].values()) == [4, 0, 1, 4, 1, 1.0]
    assert vfs["addresses"] == VF_ADDRESSES
    assert "CUSTOM_PHYSNET_PHYSNET1" in vfs["traits"]
    assert (listed[name(CARD)]["parent"], listed[name(CARD)]["inventories"]) == ("node", {})


@pytest.mark.usefixtures("real")
def test_provider_list_desired_has_uuids_as_soon_as_the_root_is_known(rows, run):
    listed = rows("provider list --desired")
    assert [list(row) for row in listed] == [PROVIDER] * 3
    assert [row["uuid"] for row in listed] == [None] * 3
    assert [row["name"] for row in listed] == [name(PLAIN), name(CARD), name(VFS)]
    assert [row["parent"] for row in listed] == ["node", "node", name(CARD)]
    known = rows("provider list --desired", root_provider_uuid=ROOT.uuid)
    assert [row["uuid"] for row in known] == [uuid(PLAIN), uuid(CARD), uuid(VFS)]
    run("sync")
    assert rows("provider list --desired") == known


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("command", ["plan", "sync --dry-run"])
def test_plan(rows, placement, tmp_path, command):
    placement.requests.clear()
    planned = rows(command)
    assert [list(row) for row in planned] == [PLAN] * len(planned)
    assert [(row["action"], row["provider"]) for row in planned if row["provider"]] == [
        ("create_provider", name(PLAIN)),
        ("set_traits", name(PLAIN)),
        ("set_inventories", name(PLAIN)),
        ("create_provider", name(CARD)),
        ("set_traits", name(CARD)),
        ("create_provider", name(VFS)),
        ("set_traits", name(VFS)),
        ("set_inventories", name(VFS)),
    ]
    named = [(row["action"], row["detail"]) for row in planned if not row["provider"]]
    assert ("ensure_resource_class", NIC) in named
    assert ("ensure_trait", "CUSTOM_PCI_PLACEMENT_MANAGED") in named
    assert all(row["reason"] for row in planned)
    assert writes(placement) == []
    assert not (tmp_path / "state").exists()


def test_a_destructive_line_names_its_consumers(rows, run, real):
    run("sync")
    real.claim("bob", {PLAIN: {QAT: 1}})
    nic_only = LISTS.replace('device_spec = {"vendor_id"', '# {"vendor_id"')
    gone = rows("plan", lists=nic_only)
    (drain,) = (row for row in gone if row["action"] == "drain")
    assert (drain["provider"], drain["consumers"]) == (name(PLAIN), [consumer_uuid("bob")])


@pytest.mark.usefixtures("real")
def test_sync(run):
    done = run("sync -f json")
    assert done.code == 0
    assert all(list(row) == ["action", "provider", "result"] for row in done.json)
    assert {row["result"] for row in done.json} == {"done"}
    assert ("create_provider", name(VFS)) in [(r["action"], r["provider"]) for r in done.json]
    (summary,) = done.err.splitlines()
    assert summary.startswith(f"{len(done.json)} done (")


@pytest.mark.usefixtures("real")
def test_a_second_sync_has_nothing_to_do(run, placement):
    run("sync")
    placement.requests.clear()
    done = run("sync -f json")
    assert (done.code, done.json) == (0, [])
    assert done.err == "nothing to do: Placement is true to this host (3 requests)\n"
    assert len(placement.requests) == 3


@pytest.mark.usefixtures("real")
def test_a_full_sync_reads_everything_again(run, placement):
    run("sync")
    placement.requests.clear()
    assert run("sync --full -f json").json == []
    assert len(placement.requests) > 3
    assert writes(placement) == []


def test_request_show(rows):
    shown = rows("request show qat:2,nic@physnet1")
    assert shown == {
        "usage": [{"name": "qat", "count": 2}, {"name": "nic", "count": 1}],
        "query": f"resources1={QAT}:1&resources2={QAT}:1&resources3={NIC}:1"
        "&required3=CUSTOM_PHYSNET_PHYSNET1&group_policy=none",
        "microversion": "1.31",
        "extra_specs": {
            f"resources1:{QAT}": "1",
            f"resources2:{QAT}": "1",
            f"resources3:{NIC}": "1",
            "trait3:CUSTOM_PHYSNET_PHYSNET1": "required",
            "group_policy": "none",
        },
    }


@pytest.mark.parametrize(
    ("dialect", "keys"),
    [("query", ["usage", "query", "microversion"]), ("extra-specs", ["usage", "extra_specs"])],
)
def test_request_show_in_one_dialect(rows, dialect, keys):
    whole = rows("request show qat:2")
    assert rows(f"request show qat:2 --dialect {dialect}") == {key: whole[key] for key in keys}


@pytest.mark.parametrize(
    ("usage", "part"),
    [
        ("gpu", "unknown alias 'gpu'; known: nic, qat"),
        ("qat:0", "the count must be 1 to"),
        ("qat:-1", "the count must be 1 to"),
        ("qat:1_0", "the count must be 1 to"),
        ("qat:", "the count must be 1 to"),
        (":2", "is not a request: write ALIAS:COUNT"),
        ("qat,,nic", "is not a request"),
    ],
)
def test_a_request_that_cannot_be_understood(run, usage, part):
    for command in ("show", "candidates"):
        done = run(f"request {command} {usage}")
        assert done.code == 2
        assert part in done.error


@pytest.mark.usefixtures("real")
def test_request_candidates(run, rows):
    run("sync")
    (found,) = rows("request candidates qat,nic:2")
    assert list(found) == ["root", "provider_uuids", "resources"]
    assert found["root"] == ROOT.uuid
    assert found["provider_uuids"] == sorted([uuid(PLAIN), uuid(VFS)])
    assert found["resources"] == {uuid(PLAIN): {QAT: 1}, uuid(VFS): {NIC: 2}}


@pytest.mark.usefixtures("real")
def test_no_candidates_are_no_error(run):
    run("sync")
    done = run("request candidates qat:2 -f json")
    assert (done.code, done.json) == (0, [])
    assert done.err == "no node has qat:2 free\n"


def test_a_class_that_no_agent_has_reported_yet_is_told(run):
    done = run("request candidates nic@physnet1 -f json")
    assert (done.code, done.json) == (0, [])
    told = "no agent has reported CUSTOM_PCI_NIC, CUSTOM_PHYSNET_PHYSNET1 to this Placement yet"
    assert told in done.err.splitlines()


@pytest.mark.usefixtures("real")
def test_request_explain(run, rows):
    (unknown,) = rows("request explain nic")
    assert list(unknown) == ["wish", "relaxed", "free", "meaning"]
    assert f"no agent of this cloud has reported {NIC}" in unknown["meaning"]
    run("sync")
    (short,) = rows("request explain qat:2")
    assert (short["wish"], short["relaxed"], short["free"]) == ("qat:2", "the count 2", 1)


def test_config_validate(rows):
    assert rows("config validate") == []


def test_config_validate_lists_every_error(run, tmp_path):
    done = run("config validate -f json", lists=BAD_JSON)
    assert done.code == 2
    errors = [row for row in done.json if row["severity"] == "error"]
    keys = "severity source option entry problem suggestion".split()
    assert [list(row) for row in errors] == [keys] * 2
    where = [(row["source"], row["option"], row["entry"]) for row in errors]
    file = str(tmp_path / "zun.conf")
    assert where == [(file, "[pci] device_spec", 1), (file, "[pci] alias", 1)]
    assert "usable" in done.err


def test_config_validate_shows_a_file_that_cannot_be_parsed(run):
    done = run("config validate -f json", lists='[pci]\ndevice_spec = {\n"vendor_id": "8086"\n}\n')
    assert done.code == 2
    (row,) = done.json
    assert "zun.conf" in row["problem"]
    assert "indent the continuation lines" in row["suggestion"]


EIGHT = [{"address": f"0000:1{n}:00.0", "id": "10de:20b0", "numa": n // 4} for n in range(8)]
GPUS = """
[pci]
device_spec = {"vendor_id": "10de"}
alias = {"name": "gpu", "vendor_id": "10de", "product_id": "20b0"}
"""


@pytest.fixture
def wide(run, tmp_path):
    """Run a command on a node with eight devices of a kind."""
    sysfs = hosts.write_tree(tmp_path / "wide", hosts.snapshot(EIGHT))
    return lambda line, **own: run(line, lists=GPUS, sysfs=sysfs, **own)


@pytest.mark.usefixtures("real")
def test_many_devices_of_a_kind_are_a_warning_that_names_the_cure(wide):
    (row,) = wide("config validate -f json").json
    assert (row["severity"], row["source"]) == ("warning", None)
    assert (
        "5 of the 8 CUSTOM_PCI_GPU of this host gives Placement 6,720 candidates" in row["problem"]
    )
    assert row["suggestion"] == "set [pci_placement] pooling = numa"
    assert f"{row['problem']}; {row['suggestion']}" in wide("sync").err
    assert wide("config validate -f json", pooling="numa").json == []
    assert "warning" not in wide("sync", pooling="numa").err


LENT = LISTS.replace('"physical_network": "physnet1"', '"resource_class": "CUSTOM_PCI_QAT"')


@pytest.mark.usefixtures("real")
def test_an_alias_that_may_get_devices_of_another_kind_is_told_everywhere(run):
    (row,) = run("config validate -f json", lists=LENT).json
    assert (row["severity"], row["option"], row["entry"]) == ("warning", "[pci] alias", 1)
    assert "alias 'qat' may get device 0000:81:10.0 of another kind" in row["problem"]
    assert row["problem"] in run("sync", lists=LENT).err
    qat, nic = run("alias list -f json", lists=LENT).json
    assert qat["problem"] == row["problem"]
    assert "of another kind" not in (nic["problem"] or "")
    sent = run("request candidates qat:1 -f json", lists=LENT).json
    assert len(sent) == 2  # it is true: the VFs are one of them


# --- formats


@pytest.mark.parametrize("form", ["table", "json", "yaml", "value", "csv"])
@pytest.mark.parametrize("line", [*ROWS, "request candidates nic", f"device show {PLAIN}"])
@pytest.mark.usefixtures("real")
def test_every_command_speaks_every_format(run, form, line):
    run("sync")
    if "show" in line and form == "csv":  # cliff has none for a single thing
        form = "shell"
    lists = LISTS if line not in ("plan", "sync") else ""
    done = run(f"{line} -f {form}", lists=lists)
    assert done.code == 0
    assert "Cell object" not in done.out
    expected = {"alias list": "qat", "plan": "delete_provider", "sync": "delete_provider"}
    assert expected.get(line, uuid(VFS) if "candidates" in line else "0000:") in done.out


def test_yaml_is_the_same_as_json(run, rows):
    assert yaml.safe_load(run("device list -f yaml").out) == rows("device list")


@pytest.mark.parametrize("form", ["value", "csv"])
def test_a_cell_with_nothing_in_it_is_empty_where_there_is_no_null(run, rows, form):
    columns = "-c address -c parent_addr"
    assert rows(f"device list {columns}")[0] == {"address": PLAIN, "parent_addr": None}
    told = run(f"device list -f {form} {columns}").out
    assert "None" not in told
    assert {"value": f"{PLAIN} \n", "csv": f'"{PLAIN}",""\n'}[form] in told


@pytest.mark.parametrize(("form", "told"), [("value", "\n"), ("shell", 'parent_addr=""\n')])
def test_nothing_in_a_single_thing_is_empty_where_there_is_no_null(run, form, told):
    assert run(f"device show {PLAIN} -f {form} -c parent_addr").out == told


def test_columns_can_be_chosen_and_sorted_by(run):
    chosen = run("device list -f value -c address -c numa_node --sort-column numa_node")
    assert chosen.out.splitlines() == [f"{PLAIN} 0", *(f"{vf} 1" for vf in VF_ADDRESSES)]


# --- exit codes of plan and sync


@pytest.mark.usefixtures("real")
def test_a_plan_with_changes_has_a_code_of_its_own_if_asked_for(run):
    assert run("plan").code == 0
    assert run("plan --detailed-exitcode").code == 3
    run("sync")
    done = run("plan --detailed-exitcode -f json")
    assert (done.code, done.json) == (0, [])
    assert done.err == "nothing to do: Placement is true to this host\n"


@pytest.mark.usefixtures("real")
def test_a_held_card_is_named_and_the_pass_done_in_part(run):
    done = run("sync -f json", lists=CONFLICT)
    assert (done.code, done.json) == (5, [])
    assert done.err.startswith(f"left as it is: {CARD}: the whole card (")
    assert run("plan", lists=CONFLICT).code == 0


def test_a_provider_that_fails_is_told_and_the_pass_done_in_part(run, real, placement):
    other = placement.create_compute_node("node01")
    real.send("POST", "/resource_providers", {"name": name(PLAIN), "parent_provider_uuid": other})
    done = run("sync -f json")
    assert done.code == 5
    failed = [row for row in done.json if row["result"] == "failed"]
    assert failed == [{"action": "create_provider", "provider": name(PLAIN), "result": "failed"}]
    told = [line for line in done.err.splitlines() if "already exists" in line]
    assert [line.split(": ")[0] for line in told] == [f"create_provider {name(PLAIN)}"]
    assert "1 failed, 2 skipped" in done.err.splitlines()[-1]


def test_a_foreign_provider_in_our_place_is_named(run, real):
    real.create_foreign(PLAIN, name(PLAIN), "CUSTOM_OF_SOMEBODY")
    done = run("sync")
    assert done.code == 5
    assert f"left as it is: {name(PLAIN)}: a provider that is not ours" in done.err


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(
    "error",
    [
        GenerationConflict("PUT", "/resource_providers", 409, "placement.concurrent_update"),
        Unreachable("Placement answered 503"),
    ],
)
def test_a_pass_that_was_stopped_shows_how_far_it_came(run, monkeypatch, error):
    send = Client.send

    def stopped(self, method, url, body=None, version=None):
        if method == "POST":
            raise error
        return send(self, method, url, body, version)

    monkeypatch.setattr(Client, "send", stopped)
    done = run("sync -f json")
    assert done.code == 75
    results = [row["result"] for row in done.json]
    assert {"done", "failed", "skipped"} == set(results)
    assert str(error) in done.err
    assert "Traceback" not in done.err


@pytest.mark.usefixtures("placement")
def test_a_lab_may_create_its_root(run, rows):
    assert run("sync", create_root="true").code == 0
    assert {row["parent"] for row in rows("provider list")} == {"node", name(CARD)}


# --- errors: one line, the right code, nothing on stdout


@pytest.mark.parametrize("line", NEEDS_PLACEMENT)
def test_without_a_placement_the_url_is_named(run, url, line):
    done = run(line, section=by_token(url) + "\nconnect_retry_delay = 0.01")
    assert done.code == 75
    assert url in done.error


@pytest.mark.parametrize("line", NEEDS_PLACEMENT)
@pytest.mark.usefixtures("real")
def test_a_wrong_token_is_refused_and_not_repeated(run, placement, line):
    done = run(line, section=by_token(placement.url, "wr0ng"))
    assert done.code == 1
    assert "role service" in done.error
    assert "wr0ng" not in done.err


@pytest.mark.parametrize("line", NEEDS_PLACEMENT)
def test_without_a_section_placement_it_says_where_to_get_one(run, line):
    done = run(line, section="")
    assert done.code == 1
    assert "write the section [placement]" in done.error


@pytest.mark.parametrize("line", ["plan", "sync", "provider list"])
def test_a_missing_root_is_told_with_near_names(run, placement, line):
    placement.create_compute_node("node01")
    done = run(line)
    assert done.code == 75
    assert "'node' is not in Placement; near names: node01" in done.error


@pytest.mark.parametrize(
    "line", ["plan", "sync", "provider list --desired", "device list", f"device show {PLAIN}"]
)
@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_without_pci_devices_the_place_is_named(run, placement, tmp_path, line, folder):
    (tmp_path / "empty/bus/pci/devices").mkdir(parents=True)
    done = run(line, sysfs=tmp_path / folder)
    assert done.code == 1
    assert f"cannot list PCI devices at {tmp_path}/{folder}/bus/pci/devices: " in done.error
    assert writes(placement) == []


@pytest.mark.parametrize("line", ["alias list", "config validate"])
def test_a_host_of_a_scheduler_needs_no_pci_devices(run, tmp_path, line):
    done = run(f"{line} -f json", sysfs=tmp_path / "missing")
    assert done.code == 0
    assert "cannot list PCI devices" in done.err


@pytest.mark.parametrize("line", [*NEEDS_PLACEMENT, *NEEDS_NONE])
def test_with_errors_in_the_lists_all_are_told_and_nothing_is_sent(run, placement, line):
    done = run(line, lists=BAD_JSON)
    assert done.code == 2
    assert placement.requests == []
    if line != "config validate":
        errors = done.err.splitlines()
        assert done.out == ""
        assert any("zun.conf: [pci] device_spec, entry 1: not JSON" in error for error in errors)
        assert any("zun.conf: [pci] alias, entry 1: an alias needs" in error for error in errors)


@pytest.mark.parametrize("line", NEEDS_NONE)
def test_what_needs_no_placement_works_without(run, placement, line):
    assert run(line, section="").code == 0
    assert placement.requests == []


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--config-file", "missing.conf"], "missing.conf"),
        (["--config-file", "."], "use --config-dir for folders"),
        (["--config-dir", "missing"], "missing is not a folder"),
        (["--config-file", "bytes.conf"], "not UTF-8"),
        (["--config-file", "odd.conf"], "odd.conf"),
        (["--config-file", "number.conf"], "settle_time"),
    ],
)
@pytest.mark.parametrize("line", ["plan", "device list"])
def test_a_configuration_that_cannot_be_read_is_named(call, tmp_path, arguments, part, line):
    (tmp_path / "bytes.conf").write_bytes(b"[pci]\nalias = \xff\xfe\n")
    (tmp_path / "odd.conf").write_text("no section\n")
    (tmp_path / "number.conf").write_text("[pci_placement]\nsettle_time = soon\n")
    done = call(*arguments, *line.split())
    assert done.code == 2
    assert part in done.error


@pytest.mark.parametrize("line", ["plan", "sync", "sync --dry-run"])
def test_without_any_configuration_nothing_is_taken_back(call, sysfs, line):
    done = call("--sysfs", sysfs, *line.split())
    assert done.code == 2
    assert "no configuration file: give --config-file FILE" in done.error


def test_the_usual_places_are_read(call, sysfs, tmp_path):
    (tmp_path / ".pci-placement").mkdir()
    configure(tmp_path / ".pci-placement").rename(tmp_path / ".pci-placement/pci-placement.conf")
    assert len(call("--sysfs", sysfs, "device", "list", "-f", "json").json) == 5


def test_files_of_a_folder_are_read_in_order_and_later_ones_win(call, sysfs, tmp_path):
    folder = tmp_path / "conf.d"
    folder.mkdir()
    configure(folder).rename(folder / "10-zun.conf")
    (folder / "20-name.conf").write_text("[pci_placement]\nroot_provider_name = other\n")
    (folder / "30-not.txt").write_text("[pci_placement]\nroot_provider_name = unread\n")
    line = ["provider", "list", "--desired", "-f", "json"]
    assert call("--sysfs", sysfs, "--config-dir", folder, *line).json[0]["parent"] == "other"


@pytest.mark.parametrize(
    "arguments", [["plan", "--force-it"], ["device", "show"], ["request", "show", "a", "b"]]
)
def test_a_wrong_usage_has_the_code_of_its_own(call, arguments):
    done = call(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "usage:" in done.err


def test_a_traceback_is_for_those_who_ask_for_it(run, call, tmp_path):
    run("request show gpu")
    done = call("--debug", "--config-file", tmp_path / "zun.conf", "request", "show", "gpu")
    assert done.code == 2
    assert "Traceback" in done.err
    assert done.err.splitlines()[-1].startswith("pci-placement: unknown alias 'gpu'")


def test_an_error_that_nobody_foresaw_is_one_line_too(run, monkeypatch):
    def odd(*_: object) -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr(Client, "send", odd)
    done = run("plan")
    assert done.code == 1
    assert "RuntimeError: odd" in done.error


@pytest.mark.usefixtures("real")
def test_quiet_is_quiet_but_for_errors(call, run, placement, tmp_path):
    run("sync --dry-run")
    quiet = ["-q", "--sysfs", tmp_path / "sys", "--config-file", tmp_path / "zun.conf"]
    done = call(*quiet, "sync", "-f", "json")
    assert (done.code, done.err) == (0, "")
    assert len(done.json) > 0
    placement.reset()
    done = call(*quiet, "sync", "-f", "json")
    assert (done.code, "is not in Placement" in done.error) == (75, True)


# --- state and lock


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("kind", ["", "-q"])
def test_a_folder_for_state_that_cannot_be_written_is_a_warning(call, run, tmp_path, kind):
    (tmp_path / "a-file").write_text("")
    run("config validate", state_dir=tmp_path / "a-file/below")
    options = [kind] if kind else []
    arguments = ["--sysfs", tmp_path / "sys", "--config-file", tmp_path / "zun.conf", "sync"]
    done = call(*options, *arguments, "-f", "json")
    assert done.code == 0
    assert {row["result"] for row in done.json} == {"done"}
    warnings = [line for line in done.err.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == (0 if kind else 1)
    if warnings:
        assert f"cannot keep state in {tmp_path}/a-file/below" in warnings[0]
        assert "going on without a cache" in warnings[0]


def script(*arguments: object, **environment: str) -> Run:
    """Run the console script as a process of its own."""
    done = subprocess.run(
        [SCRIPT, *map(str, arguments)],
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def arguments(run, sysfs, tmp_path) -> list[object]:
    """The global options of `run`, for a process of its own."""
    assert run("config validate").code == 0
    return ["--sysfs", sysfs, "--config-file", tmp_path / "zun.conf"]


@pytest.mark.usefixtures("real")
def test_a_second_process_has_to_wait_for_the_first(arguments, placement, tmp_path):
    placement.requests.clear()
    with StateFile(tmp_path / "state", "node", None).lock():
        done = script(*arguments, "sync")
        assert done.code == 75
        assert done.error.endswith(f"another pass is running (process {os.getpid()}); try again")
        assert placement.requests == []
        assert script(*arguments, "sync", "--dry-run").code == 0
    assert script(*arguments, "sync").code == 0


# --- the console script


@pytest.mark.usefixtures("real")
def test_end_to_end(arguments, sysfs, placement):
    done = script(*arguments, "sync", "-f", "json")
    assert (done.code, {row["result"] for row in done.json}) == (0, {"done"})
    placement.requests.clear()
    done = script(*arguments, "sync", "-f", "json")
    assert (done.code, done.json) == (0, [])
    assert (writes(placement), len(placement.requests)) == ([], 3)
    (sysfs / f"bus/pci/devices/{PLAIN}").unlink()
    done = script(*arguments, "sync", "-f", "value")
    assert (done.code, done.out) == (0, f"delete_provider {name(PLAIN)} done\n")


def test_the_script_fails_in_one_line_as_well(arguments):
    done = script(*arguments, "sync")
    assert done.code == 75
    assert "'node' is not in Placement" in done.error


def test_without_arguments_it_shows_its_commands():
    done = script()
    assert (done.code, done.err) == (0, "")
    for command in ("sync", "plan", "device list", "request candidates", "config validate"):
        assert command in done.out


def test_a_reader_that_has_seen_enough_is_no_error_worth_a_line(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    command = [SCRIPT, *map(str, arguments), "device", "list"]
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            command, stdout=closed, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (1, "")


# --- clouds.yaml


@pytest.fixture
def cloud(tmp_path, monkeypatch, placement) -> dict[str, str]:
    clouds = {
        "lab": {
            "auth_type": "admin_token",
            "auth": {"endpoint": placement.url, "token": "admin"},
        }
    }
    file = tmp_path / "clouds.yaml"
    file.write_text(yaml.safe_dump({"clouds": clouds}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    return {"OS_CLIENT_CONFIG_FILE": str(file)}


@pytest.mark.usefixtures("real")
def test_a_cloud_serves_instead_of_the_section(arguments, run, cloud):
    run("config validate", section="")
    done = script("--os-cloud", "lab", *arguments, "sync", "-f", "json", **cloud)
    assert (done.code, {row["result"] for row in done.json}) == (0, {"done"})
    done = script("--os-cloud", "lab", *arguments, "plan", "-f", "json", **cloud)
    assert (done.code, done.json) == (0, [])


@pytest.mark.usefixtures("cloud")
def test_a_cloud_that_is_not_there_is_named(arguments, call):
    done = call("--os-cloud", "nosuch", *arguments, "plan")
    assert done.code == 1
    assert "Cloud nosuch was not found" in done.error


# --- openstackclient


def commands(group: str) -> dict[str, str]:
    return {e.name: e.value for e in importlib.metadata.entry_points(group=group)}


def test_openstackclient_has_the_same_commands_below_pci():
    own = {n: value for n, value in commands("pci_placement.cli").items() if n != "demo"}
    assert commands("openstack.pci.v1") == {f"pci_{n}": value for n, value in own.items()}


@pytest.mark.usefixtures("real")
def test_openstack_pci_speaks_for_the_same_host(arguments, placement, tmp_path):
    def openstack(*line: str) -> Run:
        done = subprocess.run(
            [SCRIPT.with_name("openstack"), *line, "-f", "json"],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **placement.environment()},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    host = ["--pci-sysfs", str(arguments[1]), "--pci-config-file", str(arguments[3])]
    done = openstack(*host, "pci", "sync")
    assert (done.code, {row["result"] for row in done.json}) == (0, {"done"})
    done = openstack(*host, "pci", "request", "candidates", "nic:4")
    assert [row["root"] for row in done.json] == [ROOT.uuid]
