"""`doctor` says whether this node can do its job, and changes nothing."""

import os
from dataclasses import replace

import pytest
from support.cloud import CARD, FILE, LISTS, OF_ZUN
from support.command import by_token, writes
from support.ports import kept_port

from pci_placement.agent import build
from pci_placement.agent.checkup import SEE_PLACEMENT, Check, Checkup, Health, examine
from pci_placement.model import Snapshot
from pci_placement.settings import ConfigPath, load

OK, WARNING, PROBLEM = "ok", "warning", "problem"
BAD_JSON = '[pci]\ndevice_spec = {"vendor_id": 8086,}\n'
PLAIN_LISTS = '[pci]\ndevice_spec = {"vendor_id": "8086", "product_id": "0443"}\n'
LOGIN = "\nconnect_retries = 0\nconnect_retry_delay = 0.01"


@pytest.fixture
def asked(run):
    """The state and the whole row of each check, and the exit code."""

    def asked(line: str = "doctor", code: int = 0, **more) -> dict[str, dict]:
        done = run(f"{line} -f json", **more)
        assert done.code == code, done.err + done.out
        return {row["check"]: row for row in done.json}

    return asked


def states(rows: dict[str, dict]) -> dict[str, str]:
    return {check: row["state"] for check, row in rows.items()}


@pytest.mark.usefixtures("real")
def test_a_node_in_order_is_in_order(run, asked):
    assert run("sync", lists=PLAIN_LISTS).code == 0
    rows = asked(lists=PLAIN_LISTS)
    assert set(states(rows).values()) == {OK}
    here, there = ["config", "host", "state", "enabled", "last pass"], ["login", "role", "reshaper"]
    assert list(rows) == [*here, *there, "root", "plan"]
    assert all(row["cure"] == "" for row in rows.values())


@pytest.mark.usefixtures("real")
def test_it_writes_nothing_that_placement_takes(asked, placement, real):
    before = real.send("GET", "/resource_providers")
    placement.requests.clear()
    asked()
    sent = writes(placement)
    assert [(r.method, r.path, r.status) for r in sent] == [
        ("POST", "/resource_providers", 400),
        ("POST", "/reshaper", 400),
    ]
    assert real.send("GET", "/resource_providers") == before


@pytest.mark.usefixtures("real")
def test_what_a_pass_would_do_waits(asked):
    rows = asked()
    assert (rows["plan"]["state"], " wait" in rows["plan"]["detail"]) == (WARNING, True)
    assert rows["last pass"]["cure"] == "start pci-placement-agent"


@pytest.mark.usefixtures("real")
def test_who_else_gives_the_devices_of_a_file_is_told(asked):
    assert "zun-compute gives" in asked(lists=OF_ZUN)["neighbours"]["detail"]


def test_a_root_that_is_missing_is_a_problem_with_its_near_names(asked, placement):
    placement.create_compute_node("NODE.example.org")
    rows = asked(code=1)
    assert rows["root"]["state"] == PROBLEM
    assert "near names: NODE.example.org" in rows["root"]["detail"]
    assert "plan" not in rows


def test_without_a_placement_the_rest_is_told_and_it_may_be_tried_again(asked):
    with kept_port() as port:
        rows = asked(code=75, section=by_token(f"http://127.0.0.1:{port}") + LOGIN)
    assert rows["placement"]["state"] == PROBLEM
    assert rows["placement"]["detail"].endswith(": Connection refused")
    assert rows["placement"]["cure"].startswith("nothing listens there: check the port")
    assert rows["host"]["state"] == OK


@pytest.mark.usefixtures("real")
def test_a_wrong_login_is_a_problem(asked, placement):
    rows = asked(code=1, section=by_token(placement.url, "wr0ng"))
    assert (rows["login"]["state"], "role" in rows) == (PROBLEM, False)
    login = asked(code=1, section="")["login"]
    assert login["detail"] == "it is not said how to reach Placement"
    assert login["cure"].startswith("write the section [placement]")
    unknown = asked(code=1, section="[placement]\nauth_type = nosuch\n")["login"]
    assert unknown["cure"].startswith("check auth_type")
    nowhere = asked(code=1, section="[placement]\nauth_type = password\nauth_url = x\n")["login"]
    assert nowhere["cure"] == SEE_PLACEMENT


@pytest.mark.usefixtures("real")
def test_mistakes_of_the_configuration_are_a_problem(asked):
    row = asked(code=1, lists=BAD_JSON)["config"]
    assert (row["state"], row["detail"]) == (PROBLEM, "1 error: nothing is written")
    assert "config validate" in row["cure"]
    assert asked(lists="")["config"]["detail"] == "no device is listed"
    mild = asked(lists=LISTS.replace("alias =", "aliases =", 1))["config"]
    assert (mild["state"], "1 warning" in mild["detail"]) == (WARNING, True)


@pytest.mark.usefixtures("real")
def test_a_host_without_devices_is_a_problem(asked, tmp_path):
    assert asked(code=1, sysfs=tmp_path / "none")["host"]["state"] == PROBLEM


@pytest.mark.usefixtures("real")
def test_a_folder_that_cannot_be_written_is_a_problem(asked, tmp_path):
    (tmp_path / "file").write_text("")
    row = asked(code=1, state_dir=tmp_path / "file/below")["state"]
    assert (row["state"], row["detail"]) == (PROBLEM, f"{tmp_path}/file is no folder")


@pytest.mark.usefixtures("real")
def test_a_pipe_in_the_place_of_a_file_is_a_problem(asked, tmp_path):
    folder = tmp_path / "odd"
    (folder / "lost+found").mkdir(parents=True)
    assert asked(state_dir=folder)["state"]["state"] == OK
    os.mkfifo(folder / "one.json")
    row = asked(code=1, state_dir=folder)["state"]
    assert (row["state"], row["detail"]) == (PROBLEM, f"{folder}/one.json is a pipe")
    assert row["cure"].startswith("take it away")


@pytest.mark.usefixtures("real")
def test_a_node_that_offers_nothing_on_purpose_is_a_warning(run, asked):
    assert asked(enabled="false")["enabled"]["state"] == WARNING
    run("retire --yes")
    assert "this node was retired" in asked()["enabled"]["detail"]


@pytest.mark.usefixtures("real")
def test_a_card_that_is_kept_back_is_named(asked):
    both = """
[pci]
device_spec = {"devname": "ens1f0", "device_type": "type-PF"}
device_spec = {"devname": "ens1f0", "device_type": "type-VF"}
"""
    assert CARD in asked(lists=both)["kept back"]["detail"]


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(
    ("minutes", "state", "cure"),
    [(90, OK, ""), (150, WARNING, "start pci-placement-agent"), (-60, OK, "")],
)
def test_a_pass_that_was_long_ago_is_a_warning(run, tmp_path, minutes, state, cure):
    run("sync")
    agent = build(load([ConfigPath(str(tmp_path / FILE))]))
    read_at = agent.last_pass().read_at
    late = replace(agent, now=lambda: read_at + minutes * 60)
    checks = examine(late, lambda: Snapshot(()), "", []).checks
    (check,) = [check for check in checks if check.check == "last pass"]
    assert (check.state, check.cure) == (state, cure)
    assert check.detail == f"everything was read {max(0, minutes)} minutes ago"


@pytest.mark.parametrize(
    ("found", "reached", "code", "upgrade"),
    [
        ([], True, 0, 0),
        ([Health.OK], True, 0, 0),
        ([Health.OK, Health.WARNING], True, 0, 1),
        ([Health.WARNING, Health.PROBLEM], True, 1, 2),
        ([Health.PROBLEM], False, 75, 75),
    ],
)
def test_it_ends_as_the_worst_answer_says(found, reached, code, upgrade):
    checkup = Checkup(tuple(Check("x", state, "") for state in found), reached)
    assert (checkup.exit_code, checkup.upgrade_code) == (code, upgrade)


@pytest.mark.usefixtures("real")
def test_upgrade_has_codes_of_its_own(run, asked):
    asked("doctor --upgrade", code=1)
    run("sync", lists=PLAIN_LISTS)
    asked("doctor --upgrade", code=0, lists=PLAIN_LISTS)


@pytest.mark.usefixtures("real")
def test_every_cure_that_is_a_command_is_one(run, asked):
    for row in asked(code=1, lists=BAD_JSON).values():
        for command in row["cure"].split("`pci-placement ")[1:]:
            words = command.partition("`")[0].split()
            assert run(f"help {' '.join(w for w in words if not w.startswith('-'))}").code == 0
