"""Which device a consumer has: chosen once, written down, and then always the same."""

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.cdi import valid
from support.cloud import CARD, HOST, LISTS, NIC, NIC_CARD, PLAIN, QAT, VFS, configure, uuid
from support.command import SCRIPT, by_token
from support.placements import ROOT, consumer_uuid

from pci_placement.agent import Claims, build, claimed_devices
from pci_placement.errors import ClaimRefused, ClaimUnknown, RequestError
from pci_placement.settings import ConfigPath, load

BOB, EVE, KIM = map(consumer_uuid, ("bob", "eve", "kim"))
VF = [f"0000:81:10.{number}" for number in (0, 2, 4, 6)]
A_QAT = 'device_spec = {"vendor_id": "8086", "product_id": "0443"'
ONCE = LISTS.replace(A_QAT, f'{A_QAT}, "one_time_use": "true"')
OR_GPU = f'{LISTS}device_spec = {{"vendor_id": "10de", "product_id": "20b0"}}'
RENAMED = LISTS.replace('"name": "nic"', '"name": "virt"')
NOWHERE = by_token("http://127.0.0.1:1")

pytestmark = pytest.mark.usefixtures("real")


@pytest.fixture
def synced(run, real):
    assert run("sync").code == 0
    return real


@pytest.fixture
def shown(rows):
    """The addresses of a consumer."""
    return lambda who, **kwargs: [r["address"] for r in rows(f"claim show {who}", **kwargs)]


@pytest.fixture
def record(tmp_path):
    return tmp_path / "state" / f"{ROOT.uuid}.claims"


@pytest.fixture
def file(tmp_path, placement):
    return configure(tmp_path, LISTS, by_token(placement.url))


@pytest.fixture
def listed(rows):
    """Who has which device, and what is known of that."""
    return lambda **kwargs: [
        (row["consumer"], row["address"], row["state"]) for row in rows("claim list", **kwargs)
    ]


class TestShow:
    def test_the_row_says_what_the_device_is(self, rows, synced):
        synced.claim("bob", {VFS: {NIC: 1}})
        assert rows(f"claim show {BOB}") == [
            {
                "consumer": BOB,
                "address": VF[0],
                "provider": f"node:pci:{VFS}",
                "resource_class": NIC,
                "vendor_id": "8086",
                "product_id": "10ca",
                "driver": None,
                "iommu_group": None,
                "devname": "ens1f0v0",
                "cdi": None,
            }
        ]

    def test_another_consumer_has_another_device_and_each_keeps_its_own(self, synced, shown):
        synced.claim("bob", {VFS: {NIC: 2}, PLAIN: {QAT: 1}})
        synced.claim("eve", {VFS: {NIC: 1}})
        assert shown(EVE) == VF[:1]
        assert sorted(shown(BOB)) == [PLAIN, *VF[1:3]]
        assert shown(EVE) == VF[:1]

    def test_without_placement_the_answer_is_the_same(self, synced, shown, run):
        for who in ("bob", "eve"):
            synced.claim(who, {VFS: {NIC: 1}})
        assert shown(EVE) == VF[:1]
        assert shown(EVE, section=NOWHERE) == VF[:1]
        assert run(f"claim show {BOB}", section=NOWHERE).code == 75

    def test_when_the_claim_has_ended_there_is_nothing_and_the_device_is_free(
        self, synced, shown, run
    ):
        synced.claim("bob", {VFS: {NIC: 1}})
        assert shown(BOB) == VF[:1]
        synced.release("bob")
        assert "has claimed no device of this host" in run(f"claim show {BOB}").error
        synced.claim("eve", {VFS: {NIC: 1}})
        assert shown(EVE) == VF[:1]

    def test_what_ended_unnoticed_is_free_as_well(self, synced, shown):
        synced.claim("bob", {VFS: {NIC: 1}})
        assert shown(BOB) == VF[:1]
        synced.release("bob")
        synced.claim("eve", {VFS: {NIC: 1}})
        assert shown(EVE) == VF[:1]

    @pytest.mark.usefixtures("synced")
    def test_who_has_claimed_nothing_here_is_told_so(self, run):
        done = run(f"claim show {BOB}")
        assert (done.code, done.error.count(BOB)) == (1, 1)

    @pytest.mark.usefixtures("synced")
    def test_what_is_no_uuid_is_refused(self, run):
        done = run("claim show bob")
        assert done.code == 2
        assert "'bob' is no uuid of a consumer" in done.error

    def test_before_any_pass_nobody_knows(self, run):
        done = run(f"claim show {BOB}")
        assert (done.code, "say sync" in done.error) == (75, True)

    def test_a_device_that_an_operator_drained_is_not_given(self, synced, run, shown):
        synced.claim("bob", {VFS: {NIC: 1}})
        synced.claim("eve", {VFS: {NIC: 1}})
        assert shown(EVE) == VF[:1]
        assert run(f"device drain {CARD}").code == 0
        done = run(f"claim show {BOB}")
        assert done.code == 1
        assert "out of service: an operator drained it" in done.error
        assert shown(EVE) == VF[:1]

    def test_nor_one_that_was_reserved_by_hand(self, synced, run):
        synced.claim("bob", {PLAIN: {QAT: 1}})
        synced.reserve(PLAIN, QAT, 1)
        assert "reserved by hand" in run(f"claim show {BOB}").error

    def test_nor_one_that_is_no_longer_listed(self, synced, run):
        synced.claim("bob", {PLAIN: {QAT: 1}})
        done = run(f"claim show {BOB}", lists="[pci]\n")
        assert f"{PLAIN}: it is not offered now: no whitelist entry" in done.error

    def test_nor_one_that_is_gone(self, synced, run, become):
        synced.claim("bob", {PLAIN: {QAT: 1}})
        become(NIC_CARD)
        assert f"{PLAIN}: it is not offered now: it is not there" in run(f"claim show {BOB}").error

    def test_other_hardware_in_its_place_is_not_given_for_it(self, synced, run, shown, become):
        synced.claim("bob", {PLAIN: {QAT: 1}})
        synced.claim("eve", {VFS: {NIC: 1}})
        become(NIC_CARD, {**HOST[0], "id": "10de:20b0"})
        done = run(f"claim show {BOB}", lists=OR_GPU)
        assert f"{PLAIN}: another device is there than was counted" in done.error
        assert shown(EVE, lists=OR_GPU) == VF[:1]

    def test_who_has_a_device_that_is_gone_is_told_so_much(self, synced, rows, become):
        synced.claim("bob", {PLAIN: {QAT: 1}})
        before = rows(f"claim show {BOB}")
        become(NIC_CARD)
        assert rows(f"claim show {BOB}") == before

    def test_other_hardware_in_its_place_is_not_told_to_be_the_same(self, synced, run, become):
        synced.claim("bob", {PLAIN: {QAT: 1}})
        assert run(f"claim show {BOB}").code == 0
        become(NIC_CARD, {**HOST[0], "id": "8086:0435"})
        done = run(f"claim show {BOB}")
        assert done.code == 1
        assert f"was given {PLAIN}, which was 8086:0443 and is another device now" in done.error

    def test_a_claim_that_a_pass_moved_keeps_its_device(self, synced, shown, rows, run):
        synced.claim("bob", {VFS: {NIC: 1}})
        synced.claim("eve", {VFS: {NIC: 1}})
        assert shown(EVE) == VF[:1]
        assert run("sync", lists=RENAMED).code == 0
        assert shown(EVE, lists=RENAMED) == VF[:1]
        assert shown(BOB, lists=RENAMED) == VF[1:2]
        (row,) = rows(f"claim show {EVE}", lists=RENAMED)
        assert row["resource_class"] == "CUSTOM_PCI_VIRT"

    def test_a_host_that_was_renamed_still_knows_what_it_gave(self, synced, shown, run):
        synced.claim("bob", {VFS: {NIC: 1}})
        assert shown(BOB) == VF[:1]
        renamed = {"root_provider_name": "renamed"}
        synced.send("POST", "/resource_providers", {"name": "renamed"})
        assert run("sync", **renamed).code == 5
        assert shown(BOB, **renamed) == VF[:1]
        synced.release("bob")
        assert run(f"claim show {BOB}", **renamed).code == 1

    def test_a_device_for_one_time_use_is_given_to_its_first_user(self, synced, run, shown):
        assert run("sync", lists=ONCE).code == 0
        synced.claim("bob", {PLAIN: {QAT: 1}})
        assert run("sync", lists=ONCE).code == 0
        assert shown(BOB, lists=ONCE) == [PLAIN]

    def test_and_to_another_once_an_operator_has_said_that_it_is_clean(self, synced, run, shown):
        assert run("sync", lists=ONCE).code == 0
        synced.claim("bob", {PLAIN: {QAT: 1}})
        assert shown(BOB, lists=ONCE) == [PLAIN]
        synced.release("bob")
        synced.claim("eve", {PLAIN: {QAT: 1}})
        done = run(f"claim show {EVE}", lists=ONCE)
        assert f"it is for one-time use and {BOB} had it" in done.error
        assert run("sync", lists=ONCE).code == 0
        assert run(f"device undrain {PLAIN}", lists=ONCE).code == 0
        assert shown(EVE, lists=ONCE) == [PLAIN]


class TestCdi:
    @pytest.fixture
    def bound(self, become, sysfs, run, real):
        """A device that a driver hands on, with its IOMMU group as the kernel shows it."""
        become({**HOST[0], "driver": "vfio-pci"}, NIC_CARD)
        (sysfs / "kernel/iommu_groups/7").mkdir(parents=True)
        (sysfs / f"bus/pci/devices/{PLAIN}/iommu_group").symlink_to("../../kernel/iommu_groups/7")
        assert run("sync").code == 0
        real.claim("bob", {PLAIN: {QAT: 1}, VFS: {NIC: 1}})

    @pytest.mark.usefixtures("bound")
    def test_a_document_has_what_a_container_needs(self, run, rows):
        document = valid(run(f"claim show {BOB} --format-cdi").json)
        (device,) = document["devices"]
        nodes = [node["path"] for node in device["containerEdits"]["deviceNodes"]]
        assert nodes == ["/dev/vfio/vfio", "/dev/vfio/7"]
        (row, _) = rows(f"claim show {BOB}")
        assert row["cdi"] == f"{document['kind']}={device['name']}"
        assert (row["driver"], row["iommu_group"]) == ("vfio-pci", 7)

    def test_where_there_is_nothing_to_say_that_is_said(self, synced, run):
        synced.claim("bob", {VFS: {NIC: 1}})
        done = run(f"claim show {BOB} --format-cdi")
        assert (done.code, f"{VF[0]} (no driver)" in done.error) == (1, True)


class TestList:
    def test_each_state_is_told(self, synced, shown, listed):
        for who in ("bob", "eve", "kim"):
            synced.claim(who, {VFS: {NIC: 1}})
        shown(BOB), shown(EVE)
        synced.release("eve")
        given = sorted([(BOB, VF[0], "assigned"), (EVE, VF[1], "stale")])
        assert listed() == [*given, (KIM, None, "unassigned")]

    def test_a_claim_of_several_has_a_line_for_each(self, synced, listed):
        synced.claim("bob", {VFS: {NIC: 2}})
        assert listed() == [(BOB, None, "unassigned")] * 2

    def test_where_placement_cannot_be_asked_there_is_no_state(self, synced, shown, run):
        synced.claim("bob", {VFS: {NIC: 1}})
        shown(BOB)
        done = run("claim list -q -f json", section=NOWHERE)
        assert [(row["address"], row["state"]) for row in done.json] == [(VF[0], None)]
        assert "Placement could not be asked" in done.err

    def test_nothing_is_written_by_it(self, synced, shown, listed, record):
        synced.claim("bob", {VFS: {NIC: 1}})
        shown(BOB)
        synced.release("bob")
        before = record.read_bytes()
        assert listed() == [(BOB, VF[0], "stale")]
        assert record.read_bytes() == before


class TestRecord:
    def test_only_its_owner_reads_it(self, synced, shown, record):
        synced.claim("bob", {VFS: {NIC: 1}})
        shown(BOB)
        assert stat.S_IMODE(record.stat().st_mode) == 0o600

    def test_what_is_damaged_is_no_reason_to_guess(self, synced, shown, run, record):
        synced.claim("bob", {VFS: {NIC: 1}})
        shown(BOB)
        record.write_text(record.read_text().replace(VF[0], VF[1]))
        for line in (f"claim show {BOB}", "claim list"):
            done = run(line)
            assert done.code == 75
            assert f"{record} is damaged: it is not as it was written" in done.error

    @pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 2}', "\0"])
    def test_nor_is_anything_else(self, synced, run, record, text):
        synced.claim("bob", {VFS: {NIC: 1}})
        record.write_text(text)
        assert run(f"claim show {BOB}").code == 75

    def test_a_pass_begins_it_anew_and_who_had_a_claim_may_have_any(
        self, synced, shown, run, record
    ):
        synced.claim("bob", {VFS: {NIC: 1}, PLAIN: {QAT: 1}})
        shown(BOB)
        record.write_text("damaged")
        assert run("sync").code == 0
        assert "may hold any of the 4 devices" in run(f"claim show {BOB}").error
        synced.claim("eve", {VFS: {NIC: 1}})
        assert f"{BOB} may have it" in run(f"claim show {EVE}").error
        synced.release("bob")
        assert shown(EVE) == VF[:1]

    def test_an_operator_may_say_what_it_has(self, synced, shown, run, record):
        for who in ("bob", "eve"):
            synced.claim(who, {VFS: {NIC: 1}})
        record.unlink()
        assert run("sync").code == 0
        synced.claim("kim", {VFS: {NIC: 1}})
        assert f"{EVE} may have it" in run(f"claim show {KIM}").error
        assert run(f"claim set {BOB} {VF[2]}").code == 0
        assert f"{BOB} has {VF[2]}" in run(f"claim set {EVE} {VF[2]}").error
        assert run(f"claim set {EVE} {VF[0]} -f value -c address").out == f"{VF[0]}\n"
        assert [shown(who) for who in (BOB, EVE, KIM)] == [[VF[2]], [VF[0]], [VF[1]]]
        assert "say claim show" in run(f"claim set {KIM} {VF[3]}").error
        assert run(f"claim set {KIM} here").code == 2
        nobody = run(f"claim set {consumer_uuid('nobody')} {VF[3]}")
        assert "has claimed no device of this host" in nobody.error

    def test_but_the_only_device_of_a_provider_is_known_without_it(
        self, synced, shown, run, record
    ):
        synced.claim("bob", {PLAIN: {QAT: 1}})
        shown(BOB)
        record.unlink()
        assert run(f"claim show {BOB}").code == 75
        assert run("sync").code == 0
        assert shown(BOB) == [PLAIN]

    def test_after_the_loss_of_the_whole_folder_too(self, synced, shown, run, record):
        synced.claim("bob", {VFS: {NIC: 1}})
        shown(BOB)
        for each in record.parent.iterdir():
            each.unlink()
        assert run(f"claim show {BOB}").code == 75
        assert run("sync").code == 0
        assert run(f"claim show {BOB}").code == 1

    def test_where_it_cannot_be_written_nothing_is_given(self, synced, run, record):
        synced.claim("bob", {VFS: {NIC: 1}})
        record.with_suffix(".claims.new").mkdir()
        done = run(f"claim show {BOB}")
        assert done.code == 1
        assert "so nobody was given any" in done.error

    def test_a_link_in_its_place_is_not_followed(self, synced, run, record, tmp_path):
        (tmp_path / "elsewhere").write_bytes(record.read_bytes())
        record.unlink()
        record.symlink_to(tmp_path / "elsewhere")
        synced.claim("bob", {VFS: {NIC: 1}})
        assert run(f"claim show {BOB}").code == 75


class TestAtOnce:
    def test_processes_that_ask_at_once_get_a_device_each(self, synced, arguments):
        who = [consumer_uuid(str(number)) for number in range(4)]
        for number in range(4):
            synced.claim(str(number), {VFS: {NIC: 1}})
        lines = [
            [SCRIPT, *map(str, arguments), "claim", "show", one, "-f", "json"] for one in who * 2
        ]
        running = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for line in lines]
        answers = [json.loads(one.communicate()[0])[0]["address"] for one in running]
        assert sorted(answers[:4]) == VF
        assert answers[:4] == answers[4:]

    def test_so_do_threads(self, synced, file, sysfs):
        who = [consumer_uuid(str(number)) for number in range(4)]
        for number in range(4):
            synced.claim(str(number), {VFS: {NIC: 1}})

        def ask(one: str) -> str:
            (device,) = claimed_devices(one, [str(file)], sysfs=str(sysfs))
            return str(device.address)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, who * 2))
        assert sorted(answers[:4]) == VF
        assert answers[:4] == answers[4:]

    @pytest.mark.parametrize("before", ["write", "replace", "fsync", "answer"])
    def test_who_is_killed_has_told_nothing_that_is_not_written(
        self, synced, shown, arguments, before
    ):
        for who in ("bob", "eve"):
            synced.claim(who, {VFS: {NIC: 1}})
        line = ["claim", "show", BOB, "-f", "json"]
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, before, *map(str, arguments), *line],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (killed.returncode, killed.stdout) == (-9, ""), killed.stderr
        assert sorted([*shown(EVE), *shown(BOB)]) == VF[:2]
        assert shown(BOB) == shown(BOB)


KILLED = """
import os, sys
from pci_placement.agent import claiming
from pci_placement.cli.main import main
from pci_placement.state import folder
from pci_placement.state.claims import ClaimsFile

def kill(*_args, **_kwargs):
    os.kill(os.getpid(), 9)

def killing(after):
    def write(self, record):
        if before == "replace":
            folder.os.replace = kill
        if before == "fsync":
            folder.os.fsync = kill
        after(self, record)
    return write

before = sys.argv[1]
ClaimsFile.write = kill if before == "write" else killing(ClaimsFile.write)
if before == "answer":
    claiming.Claims._answer = kill
main(sys.argv[2:])
"""


class TestCall:
    def test_one_line_gives_values(self, synced, file, sysfs):
        synced.claim("bob", {PLAIN: {QAT: 1}})
        (device,) = claimed_devices(BOB, [str(file)], sysfs=str(sysfs))
        assert (str(device.address), device.resource_class) == (PLAIN, QAT)
        assert claimed_devices(EVE, [str(file)], sysfs=str(sysfs)) == ()

    def test_errors_say_what_to_do_about_them(self, synced, file, sysfs, record):
        with pytest.raises(RequestError):
            claimed_devices("bob", [str(file)])
        synced.claim("bob", {PLAIN: {QAT: 1}})
        synced.reserve(PLAIN, QAT, 1)
        with pytest.raises(ClaimRefused):
            claimed_devices(BOB, [str(file)], sysfs=str(sysfs))
        record.unlink()
        with pytest.raises(ClaimUnknown):
            claimed_devices(BOB, [str(file)], sysfs=str(sysfs))

    def test_what_is_released_is_free_before_the_claim_has_ended(self, synced, file, sysfs):
        claims = Claims(build(load([ConfigPath(str(file))]), sysfs=str(sysfs)))
        for who in ("bob", "eve"):
            synced.claim(who, {VFS: {NIC: 1}})
        assert [str(d.address) for d in claims.devices_of(BOB)] == VF[:1]
        claims.release(BOB)
        claims.release(BOB)
        assert [str(d.address) for d in claims.devices_of(EVE)] == VF[:1]
        assert [str(d.address) for d in claims.devices_of(BOB)] == VF[1:2]

    def test_it_loads_neither_cliff_nor_a_cloud(self):
        code = "import sys, pci_placement.agent; print({'cliff', 'openstack'} & set(sys.modules))"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout == "set()\n"


PREMIUM = LISTS.replace(
    "device_spec",
    "".join(
        f'device_spec = {{"address": "{each}", "resource_class": "CUSTOM_PREMIUM"}}\n'
        for each in VF[:2]
    )
    + "device_spec",
    1,
)


class TestPasses:
    def test_claims_follow_the_devices_that_were_given(self, synced, shown, run, rows):
        for who in ("bob", "eve"):
            synced.claim(who, {VFS: {NIC: 1}})
            shown(consumer_uuid(who))
        assert run("sync", lists=PREMIUM).code == 0
        found = [rows(f"claim show {who}", lists=PREMIUM)[0] for who in (BOB, EVE)]
        assert [row["address"] for row in found] == VF[:2]
        assert {row["resource_class"] for row in found} == {"CUSTOM_PREMIUM"}
        assert "nothing to do" in run("sync", lists=PREMIUM).err

    def test_one_that_nobody_asked_about_keeps_all_where_they_are(self, synced, shown, run):
        for who in ("bob", "eve"):
            synced.claim(who, {VFS: {NIC: 1}})
        shown(BOB)
        done = run("plan -f json", lists=PREMIUM)
        assert "reshape" not in {row["action"] for row in done.json}
        assert "claims that may hold" in done.err

    def test_what_it_was_told_since_changes_the_next_pass(self, synced, shown, once):
        for who in ("bob", "eve"):
            synced.claim(who, {VFS: {NIC: 1}})
        shown(BOB, lists=PREMIUM)
        for _ in range(3):
            waiting = once(lists=PREMIUM)
        assert (waiting.code, "claims that may hold" in waiting.err) == (5, True)
        assert shown(EVE, lists=PREMIUM) == VF[1:2]
        after = once(lists=PREMIUM)
        assert (after.code, "reshape" in after.err) == (0, True)


class TestRequests:
    def test_a_first_answer_asks_about_one_card_and_a_later_one_whether_it_is_still_so(
        self, synced, shown, placement
    ):
        synced.claim("bob", {VFS: {NIC: 1}})
        placement.requests.clear()
        shown(BOB)
        assert [f"{r.method} {r.path}" for r in placement.requests] == [
            f"GET /allocations/{BOB}",
            f"GET /resource_providers?in_tree={ROOT.uuid}",
            f"GET /resource_providers/{uuid(VFS)}/inventories",
            f"GET /resource_providers/{uuid(VFS)}/traits",
            f"GET /resource_providers/{uuid(VFS)}/allocations",
        ]
        placement.requests.clear()
        shown(BOB)
        assert [f"{r.method} {r.path}" for r in placement.requests] == [f"GET /allocations/{BOB}"]

    def test_a_pass_after_it_is_a_whole_one_and_then_they_are_quiet(self, synced, shown, run):
        synced.claim("bob", {VFS: {NIC: 1}})
        assert run("sync").code == 0
        shown(BOB)
        assert "(1 request)" in run("sync").err


def test_device_show_and_provider_list_know_who_was_given_which(rows, synced, shown):
    synced.claim("bob", {VFS: {NIC: 2}})
    synced.claim("eve", {VFS: {NIC: 1}})
    first, second = shown(BOB)

    def users(address: str) -> set[tuple]:
        found = rows(f"device show {address}")["consumers"]
        return {(who["uuid"], who["amount"], who["address"]) for who in found}

    assert users(first) == {(BOB, 1, first)}
    assert users(second) == {(BOB, 1, second)}
    third, _ = (address for address in VF if address not in (first, second))
    assert users(third) == {(EVE, 1, None)}
    (vfs,) = (row for row in rows("provider list") if row["name"].endswith(":vf"))
    known = {(who["uuid"], who["address"]) for who in vfs["consumers"]}
    assert known == {(BOB, first), (BOB, second), (EVE, None)}
