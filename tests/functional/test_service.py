"""`pci-placement-agent` as a process of its own, at a real Placement."""

import json
import re
import signal
import threading
from functools import partial

import pytest
from support.cloud import FILE, HOST, LISTS, OF_ZUN, PLAIN, name
from support.command import Run, by_token, writes
from support.daemons import PATIENCE
from support.hostile import hostile
from support.seen import on_offer

QAT = "CUSTOM_PCI_QAT"
WRONG = '[pci]\ndevice_spec = {"address": "nonsense"}\n'

pytestmark = pytest.mark.usefixtures("nowhere")


# --- one pass


def test_one_pass_tells_each_change_and_the_next_one_nothing(once, real, placement):
    done = once()
    assert (done.code, done.out) == (0, "")
    assert re.search(rf"INFO \[req-\S+\] create_provider {name(PLAIN)}: below node\n", done.err)
    assert on_offer(real, PLAIN) == {QAT: (1, 0)}
    placement.requests.clear()
    assert once() == Run(0, "", "")
    assert writes(placement) == []


def test_one_pass_of_a_configuration_with_mistakes_ends_with_2(once, placement):
    done = once(lists=WRONG)
    assert (done.code, placement.requests) == (2, [])
    assert "nonsense" in done.err


@pytest.mark.usefixtures("placement")
def test_one_pass_that_comes_too_early_ends_with_75(once):
    done = once()
    assert done.code == 75
    assert "] no pass: the compute node's resource provider 'node' is not in" in done.err


def test_one_pass_without_placement_ends_with_75_and_tells_no_secret(once):
    unreachable = (
        "auth_type = password\nauth_url = http://me:hidden@127.0.0.1:9/v3\nusername = a\n"
        "password = hidden\nproject_name = p\nuser_domain_id = d\nproject_domain_id = d"
    )
    done = once("--debug", section=unreachable)
    assert done.code == 75
    assert "Traceback" in done.err
    assert "hidden" not in done.err


# --- passes one after the other


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_follows_the_host_and_ends_with_0(service, become, number):
    one = service()
    one.await_line(f"set_inventories {name(PLAIN)}")
    become(*HOST[1:])
    one.await_line(f"delete_provider {name(PLAIN)}")
    assert one.end(number) == 0
    assert one.messages("INFO")[-1] == "ended"
    assert one.messages("ERROR") == []


@pytest.mark.usefixtures("real")
def test_while_nothing_changes_nothing_is_told_but_to_who_asks(service, once):
    assert once().code == 0
    one = service("-v")
    for _ in range(3):
        one.await_line("nothing to do; requests: 1")
    assert one.end() == 0
    assert [m for m in one.messages("INFO", "WARNING") if "pass after pass" not in m] == ["ended"]


def test_a_pass_is_made_at_once_for_who_asks(service, real):
    one = service(sync_interval="86400")
    one.await_line("set_inventories")
    real.delete(PLAIN)
    one.send(signal.SIGUSR1)
    one.await_line(f"create_provider {name(PLAIN)}")
    assert one.end() == 0


def test_one_warning_while_there_is_no_node_and_one_line_when_there_is(service, placement):
    one = service("-v")
    for _ in range(3):
        one.await_line("no pass: ")
    placement.create_compute_node("node")
    one.await_line("passes go through again, after ")
    assert one.end() == 0
    (warning,) = one.messages("WARNING")
    assert "'node' is not in Placement" in warning


@pytest.mark.usefixtures("real")
def test_who_else_gives_the_devices_of_a_file_is_told_at_the_first_pass_alone(service):
    for told in (True, False):
        one = service("-v", lists=OF_ZUN)
        one.await_line("nothing to do")
        assert one.end() == 0
        neighbours = [said for said in one.messages("WARNING") if "zun-compute gives VFs" in said]
        assert len(neighbours) == told


def test_it_outlives_a_placement_that_is_gone_and_comes_back(service, real, placement):
    one = service(sync_interval="86400")
    one.await_line("set_inventories")
    placement.stop()
    one.send(signal.SIGUSR1)
    assert one.await_line("no pass: ")["level"] == "WARNING"
    placement.start()
    real.delete(PLAIN)
    one.send(signal.SIGUSR1)
    one.await_line("passes go through again, after 1 ")
    assert one.end() == 0
    assert on_offer(real, PLAIN) == {QAT: (1, 0)}


# --- the configuration


def test_a_configuration_with_mistakes_at_the_start_is_none(service, placement):
    one = service(lists=WRONG)
    _, told = one.process.communicate(timeout=PATIENCE)
    assert one.process.returncode == 2
    assert [json.loads(line)["level"] for line in told.splitlines()] == ["ERROR"]
    assert placement.requests == []


def test_a_bad_configuration_is_told_and_the_last_good_one_stays(service, real, tmp_path):
    one = service()
    one.await_line("set_inventories")
    file = tmp_path / FILE
    good = file.read_text()
    file.write_text(good + "[pci]\ndevice_spec = {]\n")
    one.send(signal.SIGHUP)
    assert one.await_line("the last good one stays")["level"] == "WARNING"
    real.delete(PLAIN)
    one.await_line(f"create_provider {name(PLAIN)}")
    file.write_text(good.replace('"name": "qat"', '"name": "crypto"'))
    one.send(signal.SIGHUP)
    one.await_line("read the configuration again: ")
    one.await_line("over: the configuration cannot be used")
    one.await_line("ensure_resource_class CUSTOM_PCI_CRYPTO")
    assert one.end() == 0


@pytest.mark.usefixtures("real")
def test_what_of_the_lists_has_no_effect_is_told_once(service):
    nowhere = 'device_spec = {"devname": "none9", "physical_network": "physnet1"}\n'
    one = service("-v", lists=LISTS + nowhere)
    for _ in range(2):
        one.await_line("nothing to do")
    one.send(signal.SIGUSR1)
    one.await_line("nothing to do")
    assert one.end() == 0
    (warning,) = one.messages("WARNING")
    assert "none9" in warning


# --- the end


def test_it_ends_in_time_though_placement_does_not_answer(service):
    asked = threading.Event()

    def say_nothing(server, *_request):
        asked.set()
        return server.hang()

    with hostile(lambda server: partial(say_nothing, server)) as server:
        one = service(section=by_token(server.url))
        assert asked.wait(PATIENCE)
        assert one.end() == 0
    assert one.messages("WARNING", "ERROR") == []
