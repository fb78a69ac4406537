"""One pass outside of the command line: alone, remembered, and answered with values."""

import contextlib
import subprocess
import sys
from dataclasses import replace

import pytest
from keystoneauth1 import session, token_endpoint
from support.cloud import CARD, HOST, LISTS, PLAIN, VFS, address, configure, name
from support.command import by_token, writes
from support.placements import ROOT, consumer_uuid
from support.seen import is_there, on_offer, used

from pci_placement.agent import Standing, build
from pci_placement.agent.one_pass import INSECURE
from pci_placement.errors import (
    AuthError,
    ConfigError,
    ExitCode,
    Locked,
    PciPlacementError,
    RootNotFound,
    Unreachable,
)
from pci_placement.model import Problem
from pci_placement.model.outcome import Result
from pci_placement.placement import Client, of_session
from pci_placement.plan.left_over import LeftOver
from pci_placement.settings import ConfigPath, load

NIC, QAT = "CUSTOM_PCI_NIC", "CUSTOM_PCI_QAT"
OURS = (PLAIN, CARD, VFS)
UNCHANGED = 1
"""How many requests a pass takes that finds all as it left it, once the version is agreed."""
CONFLICT = """
[pci]
device_spec = {"vendor_id": "8086", "product_id": "10ca"}
device_spec = {"address": "0000:81:00.0", "device_type": "type-PF"}
"""
MAKES_A_PASS = """
import sys
from pci_placement.agent import build
from pci_placement.settings import ConfigPath, load
answer = build(load([ConfigPath(sys.argv[1])]), sysfs=sys.argv[2]).sync()
print(answer.exit_code, *sys.modules)
"""


class Killed(BaseException):
    """The process is gone: nobody catches this on the way."""


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def heard() -> list:
    """What agents told while their passes ran."""
    return []


@pytest.fixture
def agent(client, sysfs, tmp_path, clock, heard):
    """An agent of this host, with a client of the test."""

    def agent(lists: str = LISTS, client=client, **own):
        settings = load([ConfigPath(str(configure(tmp_path, lists, **own)))])
        made = build(settings, sysfs=str(sysfs), client=lambda: client, tell=heard.append)
        return replace(made, now=clock)

    return agent


@pytest.fixture
def synced(agent, real, placement, heard):
    """This host as a first pass leaves it."""
    assert agent().sync().exit_code is ExitCode.DONE
    placement.requests.clear()
    heard.clear()
    return real


def held(agent):
    """What another pass over this root holds."""
    return agent().roots.of(ROOT.uuid).lock()


def left(real) -> list[str]:
    return [key for key in OURS if is_there(real, key)]


def unsavable(tmp_path) -> str:
    """A folder for state that nobody can make."""
    (tmp_path / "a-file").write_text("")
    return str(tmp_path / "a-file/below")


# --- who starts one


@pytest.mark.usefixtures("nowhere", "real")
def test_a_configuration_file_is_all_that_a_pass_needs(tmp_path, sysfs, placement, real):
    file = configure(tmp_path, placement=by_token(placement.url))
    answer = build(load([ConfigPath(str(file))]), sysfs=str(sysfs)).sync()
    assert answer.exit_code is ExitCode.DONE
    assert answer.standing == Standing(enabled=True, retired_since=None)
    assert {done.result for done in answer.made.report.outcome.results} == {Result.DONE}
    assert left(real) == list(OURS)


@pytest.mark.usefixtures("nowhere", "real")
def test_a_whole_pass_loads_nothing_of_the_command_line(tmp_path, sysfs, placement):
    file = configure(tmp_path, placement=by_token(placement.url))
    done = subprocess.run(
        [sys.executable, "-c", MAKES_A_PASS, str(file), str(sysfs)],
        capture_output=True,
        text=True,
        check=True,
    )
    code, *modules = done.stdout.split()
    assert code == "0"
    assert "pci_placement.placement.write" in modules
    loaded = {module.partition(".")[0] for module in modules}
    assert loaded & {"cliff", "openstack", "osc_lib", "openstackclient"} == set()
    assert [module for module in modules if module.startswith("pci_placement.cli")] == []


@pytest.mark.usefixtures("synced")
def test_an_answer_counts_the_requests_of_its_own_pass(agent):
    one = agent()
    answers = [one.sync(), one.sync()]
    assert [answer.made.requests for answer in answers] == [UNCHANGED] * 2


def test_no_configuration_is_not_taken_for_an_empty_one(agent):
    without = agent()
    without = build(replace(without.settings, files=()), sysfs="/nowhere")
    with pytest.raises(ConfigError, match="no configuration file"):
        without.sync()
    assert without.last_pass().providers == {}


@pytest.mark.usefixtures("nowhere")
def test_credentials_are_asked_for_only_by_who_makes_a_pass(tmp_path, sysfs):
    settings = load([ConfigPath(str(configure(tmp_path)))])
    one = build(settings, sysfs=str(sysfs))
    assert one.standing().enabled
    assert one.undo_retirement() is None
    for attempt in (one.sync, one.preview, one.retire, one.preview_retirement):
        with pytest.raises(AuthError):
            attempt()
    assert one.standing().retired_since is None
    disabled = build(replace(settings, enabled=False), sysfs=str(sysfs))
    assert disabled.sync().exit_code is ExitCode.DONE


# --- alone


WRITES = {
    "sync": lambda one: one.sync(),
    "retire": lambda one: one.retire(),
    "drain": lambda one: one.set_drained(address(PLAIN), True),
}


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize("attempt", WRITES.values(), ids=WRITES)
def test_while_another_pass_runs_none_is_made(agent, placement, attempt):
    with held(agent), pytest.raises(Locked) as caught:
        attempt(agent())
    assert caught.value.exit_code is ExitCode.TRY_AGAIN
    assert placement.requests == []


@pytest.mark.usefixtures("synced")
def test_who_only_looks_need_not_be_alone(agent, placement):
    with held(agent):
        assert agent().preview().planned.plan.actions == ()
        assert agent().preview_retirement().planned.plan.actions != ()
        assert agent().last_pass().providers != {}
    assert writes(placement) == []


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize("attempt", WRITES.values(), ids=WRITES)
def test_afterwards_the_next_may_come_however_it_ended(agent, placement, attempt):
    attempt(agent())
    placement.reset()
    # nothing of ours is left where the root is gone, which is all that who retires wants
    refused = (
        contextlib.nullcontext() if attempt is WRITES["retire"] else pytest.raises(RootNotFound)
    )
    with refused:
        attempt(agent())
    with held(agent):
        assert agent().last_pass().root == ROOT


# --- disabled, retired


@pytest.mark.usefixtures("synced")
def test_a_disabled_host_is_left_alone(agent, placement, heard):
    answer = agent(enabled="false").sync()
    assert (answer.made, answer.exit_code) == (None, ExitCode.DONE)
    assert answer.standing == Standing(enabled=False, retired_since=None)
    assert heard == [answer.standing]
    assert placement.requests == []


def test_what_sync_would_do_is_shown_of_a_disabled_host_too(agent, real):
    preview = agent(enabled="false").preview()
    assert preview.standing == Standing(enabled=False, retired_since=None)
    assert not preview.retires
    assert preview.planned.plan.actions
    assert left(real) == []


def test_a_retired_host_says_since_when_and_what_stays_for_now(agent, synced, clock, heard):
    synced.claim("bob", {VFS: {NIC: 1}})
    clock.time = 1_700_000_000.0
    stays = (LeftOver(name(VFS), consumers=(consumer_uuid("bob"),)),)
    retired = Standing(enabled=True, retired_since="2023-11-14T22:13:20Z")
    answers = [agent().retire()]
    clock.time += 3600
    answers += [agent().retire(), agent().sync()]
    for answer in answers:
        assert (answer.standing, answer.retires, answer.left) == (retired, True, stays)
        assert answer.exit_code is ExitCode.PARTLY
    assert heard == [retired]  # by sync; who says retire knows
    assert left(synced) == [CARD, VFS]
    synced.release("bob")
    answer = agent().sync()
    assert (answer.exit_code, answer.left, left(synced)) == (ExitCode.DONE, (), [])


def test_an_end_to_it_tells_when_it_began(agent, synced):
    since = agent().retire().standing.retired_since
    assert (agent().undo_retirement(), agent().undo_retirement()) == (since, None)
    answer = agent().sync()
    assert (answer.standing.retired_since, answer.retires) == (None, False)
    assert left(synced) == list(OURS)


def test_the_plan_of_a_retired_host_is_to_remove_everything(agent, synced, placement):
    synced.claim("bob", {VFS: {NIC: 1}})
    before = agent().preview_retirement()
    agent().retire()
    placement.requests.clear()
    after = agent().preview()
    assert [preview.retires for preview in (before, after)] == [True, True]
    assert before.left == after.left != ()
    assert before.standing is None
    assert after.standing.retired_since
    assert len(before.planned.plan.actions) > 0
    assert after.planned.plan.actions == ()
    assert writes(placement) == []


def test_a_host_that_is_retired_before_we_are_alone_gets_nothing_back(agent, real):
    one = agent()

    def retire_first():
        agent().retire()
        return one.reconciler()

    answer = replace(one, reconciler=retire_first).sync()
    assert answer.retires
    assert answer.standing.retired_since
    assert left(real) == []


@pytest.mark.usefixtures("synced")
def test_where_nobody_can_tell_whether_it_is_retired_no_pass_is_made(agent, tmp_path, placement):
    agent().retire()
    (note,) = (tmp_path / "state").glob("*.retired")
    note.unlink()
    note.mkdir()
    placement.requests.clear()
    one = agent()
    for attempt in (one.standing, one.sync, one.preview, one.undo_retirement):
        with pytest.raises(PciPlacementError, match="whether this node was retired"):
            attempt()
    assert placement.requests == []


# --- remembered


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize(
    ("later", "full", "anew"),
    [(0, False, False), (44, False, False), (75, False, True), (-1, False, True), (1, True, True)],
)
def test_what_is_remembered_is_believed_for_some_time(agent, clock, later, full, anew):
    then, clock.time = clock.time, clock.time + later
    one = agent(full_sync_interval="60")
    known = one.last_pass(full)
    assert (known.reread, known.read_at) == (anew, clock.time if anew else then)
    assert (one.sync(full).made.requests > UNCHANGED) == anew
    assert one.last_pass().read_at == known.read_at


def test_a_pass_that_nobody_can_remember_is_made_and_told_once(agent, real, tmp_path, heard):
    folder = unsavable(tmp_path)
    answer = agent(state_dir=folder).sync()
    assert (answer.exit_code, left(real)) == (ExitCode.DONE, list(OURS))
    problem = answer.made.state_problem
    assert problem.problem == f"cannot keep state in {folder}: Not a directory"
    assert heard == [answer.standing, problem]


def test_so_is_one_that_could_be_locked_and_not_saved(agent, synced, tmp_path, heard):
    (saved,) = (tmp_path / "state").glob("*.json")
    before = saved.read_text()
    saved.with_name(f"{saved.name}.new").mkdir()
    synced.delete(PLAIN)
    answer = agent().sync()
    assert (answer.exit_code, left(synced)) == (ExitCode.DONE, list(OURS))
    assert answer.made.state_problem.problem.endswith("Is a directory")
    assert heard == [answer.standing, answer.made.state_problem]
    assert saved.read_text() == before


@pytest.mark.usefixtures("placement")
def test_it_is_told_also_where_the_pass_then_fails(agent, tmp_path, heard):
    with pytest.raises(RootNotFound):
        agent(state_dir=unsavable(tmp_path)).sync()
    assert [type(said) for said in heard] == [Standing, Problem]


def test_a_pass_that_was_cut_off_has_written_down_what_it_began(agent, real, client, monkeypatch):
    send = client.send

    def cut_off(method, url, *more):
        answer = send(method, url, *more)
        if url == "/reshaper":
            raise Killed
        return answer

    with monkeypatch.context() as until_then:
        until_then.setattr(client, "send", cut_off)
        with pytest.raises(Killed):
            agent().sync()
    begun = agent().last_pass().begun
    assert {(key, str(resource_class)) for key, resource_class in begun} == {
        (PLAIN, QAT),
        (VFS, NIC),
    }
    answer = agent().sync()
    assert (answer.exit_code, left(real)) == (ExitCode.DONE, list(OURS))
    assert agent().last_pass().begun == {}
    assert agent().preview().planned.plan.actions == ()


# --- what it answers


@pytest.mark.usefixtures("synced")
def test_beyond_a_limit_only_who_forces_it_removes(agent, become, real):
    become(*HOST[1:])
    one = agent(max_removals="0")
    assert one.preview().planned.plan.withheld
    assert not one.preview(force=True).planned.plan.withheld
    assert one.sync().exit_code is ExitCode.WITHHELD
    assert left(real) == list(OURS)
    assert one.sync(force=True).exit_code is ExitCode.DONE
    assert left(real) == [CARD, VFS]


@pytest.mark.usefixtures("real")
def test_what_is_held_makes_it_a_pass_in_part(agent):
    assert agent(lists=CONFLICT).sync().exit_code is ExitCode.PARTLY


@pytest.mark.usefixtures("real")
def test_a_pass_that_was_stopped_ends_as_what_stopped_it(agent, client, monkeypatch):
    send = client.send

    def stopped(method, url, *more):
        if method == "POST":
            raise Unreachable("Placement answered 503")
        return send(method, url, *more)

    monkeypatch.setattr(client, "send", stopped)
    answer = agent().sync()
    assert answer.made.report.outcome.stopped.exit_code is ExitCode.TRY_AGAIN
    assert answer.exit_code is ExitCode.TRY_AGAIN


def test_a_drain_and_its_end_answer_with_their_own_pass(agent, synced):
    synced.claim("bob", {PLAIN: {QAT: 1}})
    made = agent().set_drained(address(PLAIN), True)
    assert made.exit_code is ExitCode.DONE
    assert on_offer(synced, PLAIN) == {QAT: (1, 1)}
    assert used(synced, PLAIN) == {QAT: 1}
    agent().set_drained(address(PLAIN), False)
    assert on_offer(synced, PLAIN) == {QAT: (1, 0)}


@pytest.mark.usefixtures("placement")
def test_only_a_lab_creates_its_root_and_not_to_retire_it(agent):
    for attempt in (agent().sync, agent(create_root="true").retire):
        with pytest.raises(RootNotFound):
            attempt()
    agent().undo_retirement()
    assert agent(create_root="true").sync().exit_code is ExitCode.DONE


# --- nobody checks who answers


@pytest.fixture
def careless(placement):
    """A client that checks no certificate."""
    auth = token_endpoint.Token(placement.url, "admin")
    return Client(of_session(session.Session(auth, verify=False), None, None))


@pytest.mark.parametrize("ask", ["preview", "sync", "retire", "preview_retirement"])
def test_who_checks_no_certificate_is_warned_once_a_pass(agent, careless, real, heard, ask):
    assert real
    one = agent(client=careless)
    for _ in range(2):
        heard.clear()
        getattr(one, ask)()
        assert heard.count(INSECURE) == 1


def test_who_checks_them_is_not(agent, real, heard):
    assert real
    agent().sync()
    assert INSECURE not in heard
