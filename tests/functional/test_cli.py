"""The command line as people and programs meet it: rows, formats and exit codes."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest
import yaml
from support import hosts
from support.cloud import CARD, FILE, LISTS, OF_ZUN, PLAIN, VFS, name, uuid
from support.command import SCRIPT, writes
from support.daemons import PATIENCE
from support.placements import ROOT, consumer_uuid

from pci_placement.errors import GenerationConflict, Unreachable
from pci_placement.placement import Client
from pci_placement.plan.drift import DELETED
from pci_placement.plan.provider import NEW

NIC, QAT = "CUSTOM_PCI_NIC", "CUSTOM_PCI_QAT"
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
PLAN = "action provider detail reason consumers uuid reason_code before after".split()
INVENTORY = "total reserved min_unit max_unit step_size allocation_ratio".split()

ROWS = ["plan", "sync", "provider list", "alias list", "device list", "provider list --desired"]


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


def test_a_person_sees_a_row_a_card(run):
    lines = [line for line in run("device list --all").out.splitlines() if "0000:" in line]
    assert [line.split("|")[1].strip() for line in lines] == [PLAIN, CARD]
    assert "4 VFs" in lines[1]
    flat = run("device list --flat").out
    assert all(address in flat for address in VF_ADDRESSES)
    assert run("device list -c address -c state").out.count("offered") == 5


def test_at_80_columns_a_row_is_a_line(arguments):
    """On a real terminal, and without words that colour it."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    line = [SCRIPT, *map(str, arguments), "device", "list"]
    with subprocess.Popen(line, stdout=its, stderr=subprocess.DEVNULL) as listing:
        listing.wait(PATIENCE)
    lines = os.read(ours, 8192).decode().splitlines()
    os.close(ours)
    os.close(its)
    assert all(len(line) <= 80 for line in lines)
    assert len([line for line in lines if line.startswith("|")]) == 3  # a heading and two cards


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


def test_device_show_names_the_nearest_entry_and_its_line_and_what_to_write(rows):
    lists = '\n[pci]\ndevice_spec = {"vendor_id": "8086", "product_id": "0442"}\n'
    hint = rows(f"device show {PLAIN}", lists=lists)["hint"]
    assert re.search(r"nearest is .*pci-placement\.conf:\d+: .* asks for product_id 0442", hint)
    more = f"{lists}{hint.rpartition('offers it: ')[2]}\n"
    shown = rows(f"device show {PLAIN}", lists=more)
    assert (shown["state"], shown["hint"]) == ("offered", None)


def test_a_device_that_two_entries_offer_in_two_ways_is_held(rows):
    held = rows("device list", lists=CONFLICT)
    assert {row["state"] for row in held} == {"held"}
    assert {row["provider"] for row in held} == {None}


def test_device_show(rows):
    shown = rows(f"device show {PLAIN}")
    assert list(shown) == [*DEVICE, "consumers", "hint"]
    assert (shown["address"], shown["alias"]) == (PLAIN, ["qat"])


@pytest.mark.parametrize(
    ("address", "part"),
    [("0000:99:00.0", "has no PCI device 0000:99:00.0"), ("82:00.0", "has no PCI device 82:00.0")],
)
def test_a_device_that_is_not_there_cannot_be_shown(run, address, part):
    done = run(f"device show {address}")
    assert done.code == 2
    assert part in done.error


def test_who_uses_a_device_is_named(run, rows, real):
    run("sync")
    real.claim("bob", {VFS: {NIC: 3}})
    real.claim("alice", {PLAIN: {QAT: 1}})
    (alice,) = rows(f"device show {PLAIN}")["consumers"]
    assert (alice["uuid"], alice["address"]) == (consumer_uuid("alice"), PLAIN)
    (bob,) = rows("device show 81:10.0")["consumers"]
    assert (bob["uuid"], bob["amount"], bob["address"]) == (consumer_uuid("bob"), 3, None)
    assert rows(f"device show {CARD}")["consumers"] == []
    shown = run("provider list").out
    assert f"{consumer_uuid('bob')} (3)" in shown


def test_where_placement_cannot_be_asked_that_alone_is_missing(run):
    done = run(f"device show {PLAIN} -f json", section="")
    assert (done.code, done.json["consumers"]) == (0, None)
    assert "who uses it is not known: it is not said how to reach Placement" in done.err


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
    assert list(vfs) == [*PROVIDER, "generation", "used", "state", "consumers", "root"]
    assert (vfs["uuid"], vfs["parent"], vfs["used"]) == (uuid(VFS), name(CARD), {NIC: 3})
    assert list(vfs["inventories"][NIC]) == INVENTORY
    assert list(vfs["inventories"][NIC].values()) == [4, 0, 1, 4, 1, 1.0]
    assert vfs["addresses"] == VF_ADDRESSES
    (bob,) = vfs["consumers"]
    assert (bob["uuid"], bob["type"]) == (consumer_uuid("bob"), "CONTAINER")
    assert (bob["resource_class"], bob["amount"], bob["address"]) == (NIC, 3, None)
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
        ("create_provider", name(CARD)),
        ("set_traits", name(CARD)),
        ("create_provider", name(VFS)),
        ("set_traits", name(VFS)),
        ("set_inventories", name(PLAIN)),
        ("set_inventories", name(VFS)),
    ]
    named = [(row["action"], row["detail"]) for row in planned if not row["provider"]]
    assert ("ensure_resource_class", NIC) in named
    assert ("ensure_trait", "CUSTOM_PCI_PLACEMENT_MANAGED") in named
    assert all(row["reason"] for row in planned)
    assert writes(placement) == []
    assert not (tmp_path / "state").exists()


def test_a_line_of_a_plan_tells_programs_what_becomes_of_what(rows, run, real):
    first = {(row["action"], row["provider"]): row for row in rows("plan")}
    created = first["create_provider", name(VFS)]
    assert (created["before"], created["reason_code"]) == (None, "new")
    assert created["after"] == {
        "name": name(VFS),
        "parent": name(CARD),
        "inventories": {},
        "traits": [],
    }
    offered = first["set_inventories", name(VFS)]
    assert offered["before"]["inventories"] == {}
    assert offered["after"]["inventories"][NIC]["total"] == 4
    assert offered["after"]["traits"] == offered["before"]["traits"] != []
    assert all(row["before"] is row["after"] is None for row in first.values() if not row["uuid"])
    run("sync")
    real.delete(PLAIN)
    (again, *_) = [row for row in rows("plan") if row["action"] == "create_provider"]
    assert (again["reason_code"], again["uuid"]) == ("drift", uuid(PLAIN))
    assert again["reason"] == f"{NEW}; {DELETED}"


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
    assert done.err == "nothing to do: Placement is true to this host (1 request)\n"
    assert len(placement.requests) == 1


@pytest.mark.usefixtures("real")
def test_a_full_sync_reads_everything_again(run, placement):
    run("sync")
    placement.requests.clear()
    assert run("sync --full -f json").json == []
    assert any("/allocation_candidates" in r.path for r in placement.requests)
    assert writes(placement) == []


def test_request_show(rows):
    shown = rows("request show qat:2,nic@physnet1")
    assert shown.pop("queries")[1]["query"] == shown["query"]
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
        "number": 2,
    }


@pytest.mark.parametrize(
    ("dialect", "keys", "key"),
    [
        ("query", ["usage", "query", "microversion", "number"], "query"),
        ("extra-specs", ["usage", "extra_specs", "number"], "extra_specs"),
    ],
)
def test_request_show_in_one_dialect(rows, dialect, keys, key):
    whole, shown = rows("request show qat:2"), rows(f"request show qat:2 --dialect {dialect}")
    queries = shown.pop("queries")
    assert shown == {key: whole[key] for key in keys}
    assert [list(query) for query in queries] == [["number", "wishes", "split", key]] * 2


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
    assert list(found) == [
        *("root", "provider_uuids", "resources", "number", "wishes", "node", "providers"),
    ]
    assert found["node"] == ROOT.name
    assert found["providers"] == {name(PLAIN): {QAT: 1}, name(VFS): {NIC: 2}}
    assert found["root"] == ROOT.uuid
    assert found["provider_uuids"] == sorted([uuid(PLAIN), uuid(VFS)])
    assert found["resources"] == {uuid(PLAIN): {QAT: 1}, uuid(VFS): {NIC: 2}}
    assert (found["number"], found["wishes"]) == (1, ["qat:1", "nic:2"])


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
    (told,) = rows("config validate", lists=OF_ZUN)
    assert told["severity"] == "warning"
    assert told["text"] == '{"devname": "ens1f0", "physical_network": "physnet1"}'
    assert told["suggestion"].startswith("give pci-placement a list of its own")


def test_config_validate_lists_every_error(run, tmp_path):
    done = run("config validate -f json", lists=BAD_JSON)
    assert done.code == 2
    errors = [row for row in done.json if row["severity"] == "error"]
    keys = "severity source line option entry text problem suggestion".split()
    assert [list(row) for row in errors] == [keys] * 2
    where = [(row["source"], row["option"], row["entry"]) for row in errors]
    file = str(tmp_path / FILE)
    assert where == [(file, "[pci] device_spec", 1), (file, "[pci] alias", 1)]
    assert "usable" in done.err


def test_config_validate_shows_a_file_that_cannot_be_parsed(run):
    done = run("config validate -f json", lists='[pci]\ndevice_spec = {\n"vendor_id": "8086"\n}\n')
    assert done.code == 2
    (row,) = done.json
    assert FILE in row["problem"]
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
        "5 of the 8 CUSTOM_PCI_GPU of this host gives Placement 6,720 possible candidates"
        in row["problem"]
    )
    assert row["suggestion"].startswith("set [pci_placement] pooling = numa")
    assert f"{row['problem']}; {row['suggestion']}" in wide("sync").err
    assert wide("config validate -f json", pooling="numa").json == []
    assert "warning" not in wide("sync", pooling="numa").err


LENT = LISTS.replace('"physical_network": "physnet1"', '"resource_class": "CUSTOM_PCI_QAT"')


@pytest.mark.usefixtures("real")
def test_an_alias_that_may_get_devices_of_another_kind_is_told_everywhere(run):
    row, unserved = run("config validate -f json", lists=LENT).json
    assert (row["severity"], row["option"], row["entry"]) == ("warning", "[pci] alias", 1)
    assert unserved["problem"].startswith("no request for alias 'nic' finds a device here")
    assert "alias 'qat' may get device 0000:81:10.0 of another kind" in row["problem"]
    assert row["problem"] in run("sync", lists=LENT).err
    qat, nic = run("alias list -f json", lists=LENT).json
    assert qat["problem"] == row["problem"]
    assert nic["problem"] == unserved["problem"]
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
    done = run(f"{line} -f {form}", lists=lists, max_removals="3")
    assert done.code == 0
    assert "Cell object" not in done.out
    expected = {"alias list": "qat", "plan": "delete_provider", "sync": "delete_provider"}
    assert expected.get(line, VFS if "candidates" in line else "0000:") in done.out


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
    assert f"held back: {name(PLAIN)}: a provider that is not ours" in done.err


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


@pytest.mark.parametrize("line", ["retire --yes", f"device drain {PLAIN}"])
def test_but_only_for_a_sync(run, placement, line):
    assert run(line, create_root="true").code == 75
    assert [r for r in placement.requests if r.method == "POST"] == []
