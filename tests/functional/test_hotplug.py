"""The service follows what the kernel tells, and asks Placement no more than it has to."""

import signal
from pathlib import Path

import pytest
from support.cloud import FILE, HOST, PLAIN, name
from support.uevents import teller

from pci_placement.service.report import NO_NEWS, ON_DISK

NEVER = "86400"
CLAIM = {PLAIN: {"CUSTOM_PCI_QAT": 1}}

pytestmark = pytest.mark.usefixtures("nowhere")


@pytest.fixture
def tell():
    return teller()


@pytest.mark.usefixtures("real")
def test_what_comes_and_goes_is_followed_as_soon_as_the_kernel_tells(service, become, tell):
    one = service(sync_interval=NEVER)
    one.await_line(f"set_inventories {name(PLAIN)}")
    become(*HOST[1:])
    tell()
    one.await_line(f"delete_provider {name(PLAIN)}")
    become(*HOST)
    tell(256)
    one.await_line(f"set_inventories {name(PLAIN)}")
    assert one.end() == 0
    assert one.messages("WARNING", "ERROR") == []


@pytest.mark.usefixtures("real")
def test_what_the_kernel_tells_and_does_not_matter_costs_no_request(service, placement, tell):
    one = service("-v", sync_interval=NEVER)
    one.await_line("set_inventories")
    one.send(signal.SIGUSR1)
    one.await_line("nothing to do")
    placement.requests.clear()
    tell(50)
    one.await_line(NO_NEWS)
    assert placement.requests == []
    assert one.end() == 0


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(("watch", "threads"), [("true", 3), ("false", 2)])
def test_who_does_not_want_to_listen_does_not(service, watch, threads):
    one = service(sync_interval=NEVER, watch=watch)
    one.await_line("set_inventories")
    # one waits for signals, one makes passes, and one listens
    assert len(list(Path(f"/proc/{one.process.pid}/task").iterdir())) == threads
    assert one.end() == 0


@pytest.mark.usefixtures("real")
def test_until_placement_is_to_be_asked_again_only_this_host_is_looked_at(
    service, placement, become
):
    one = service("-v", watch="false", remote_check_interval=NEVER)
    one.await_line("nothing changed on this host")
    placement.requests.clear()
    for _ in range(2):
        one.await_line("nothing changed on this host")
    assert placement.requests == []
    become(*HOST[1:])
    one.await_line(f"delete_provider {name(PLAIN)}")
    assert one.end() == 0


def test_what_is_given_back_of_a_drained_provider_is_noticed(service, real, become):
    one = service("-v")
    one.await_line("nothing to do")
    real.claim("one", CLAIM)
    become(*HOST[1:])
    one.await_line(f"drain {name(PLAIN)}")
    one.await_line("nothing to do; requests: 2")
    real.release("one")
    one.await_line(f"delete_provider {name(PLAIN)}")
    assert one.end() == 0


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("remote_check_interval", ["0", NEVER])
def test_what_a_person_does_beside_it_is_noticed(service, run, remote_check_interval):
    options = {"sync_interval": "1", "remote_check_interval": remote_check_interval}
    one = service("-v", watch="false", **options)
    one.await_line("nothing to do")
    assert run("retire --yes", **options).code == 0
    one.await_line("this node was retired at ")
    assert run("retire --undo", **options).code == 0
    one.await_line(f"set_inventories {name(PLAIN)}")
    assert one.end() == 0


@pytest.mark.usefixtures("real")
def test_a_configuration_that_changes_on_disk_is_told_once_and_waits_for_sighup(service, tmp_path):
    one = service("-v")
    one.await_line("nothing to do")
    file = tmp_path / FILE
    was = file.read_text()
    file.write_text(was.replace('"name": "qat"', '"name": "crypto"'))
    assert one.await_line(ON_DISK)["level"] == "WARNING"
    file.write_text(was)
    one.await_line(f"over: {ON_DISK}")
    file.write_text(was.replace('"name": "qat"', '"name": "crypto"'))
    one.await_line(ON_DISK)
    for _ in range(2):
        one.await_line("nothing to do")
    one.send(signal.SIGHUP)
    one.await_line("read the configuration again: ")
    one.await_line("ensure_resource_class CUSTOM_PCI_CRYPTO")
    assert one.end() == 0
    assert one.messages("WARNING") == [ON_DISK, ON_DISK]


# --- the log


@pytest.mark.usefixtures("real")
def test_a_line_names_its_pass_and_a_request_both_of_its_ids(service):
    one = service("-v", sync_interval=NEVER)
    change = one.await_line("set_inventories")
    calls = [line for line in one.lines if "method" in line]
    assert {line["global_request_id"] for line in calls} == {change["global_request_id"]}
    assert {line["pass"] for line in calls} == {1}
    assert all(line["request_id"].startswith("req-") and line["seconds"] > 0 for line in calls)
    assert {line["status"] // 100 for line in calls} == {2}
    one.send(signal.SIGUSR1)
    later = one.await_line("nothing to do")
    assert later["pass"] == 2
    assert later["global_request_id"] != change["global_request_id"]
    assert one.end() == 0
