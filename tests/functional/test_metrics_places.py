"""Where metrics are read: over HTTP, and in the file of node_exporter."""

import contextlib
import logging
import signal
import socket
import stat

import pytest
from support.cloud import LISTS, NIC, PLAIN, QAT, configure
from support.command import Run, by_token, writes
from support.daemons import PATIENCE, awaited
from support.metrics import number, numbers_in, told
from support.ports import kept_port
from support.prometheus import fetched, promtool

from pci_placement.service.logs import LOGGER
from pci_placement.service.main import main

WRONG = "[pci]\ndevice_spec = {]\n"

pytestmark = pytest.mark.usefixtures("nowhere", "logs", "own_log", "real")


@pytest.fixture
def port():
    with kept_port() as port:
        yield port


@pytest.fixture
def own_log():
    """What a process sets up for its log, which is that of all tests here."""
    level, raised = LOGGER.level, logging.raiseExceptions
    yield
    LOGGER.setLevel(level)
    logging.raiseExceptions = raised


@pytest.fixture
def cron(sysfs, tmp_path, placement, capsys):
    """Makes one pass after the other, each as a process that knows nothing of the one before."""

    def cron(*more: str, lists: str = LISTS, **own) -> Run:
        file = configure(tmp_path, lists, by_token(placement.url), **own)
        capsys.readouterr()
        code = main(["--once", "--sysfs", str(sysfs), "--config-file", str(file), *more])
        return Run(code, *capsys.readouterr())

    return cron


@pytest.fixture
def file(tmp_path):
    """Where node_exporter would look."""
    folder = tmp_path / "textfile_collector"
    folder.mkdir()
    return folder / "pci.prom"


def served(place: str) -> dict:
    return numbers_in(fetched(f"http://{place}/metrics"))


def passed(place: str, times: int = 1) -> dict:
    """What is served once so many passes went well."""

    def asked() -> dict:
        numbers = served(place)
        return numbers if number(numbers, "passes_total", "done") == times else {}

    return awaited(asked)


# --- over HTTP


def has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as tried, contextlib.suppress(OSError):
        tried.bind(("::1", 0))
        return True
    return False


IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")


@pytest.mark.parametrize("address", ["127.0.0.1", pytest.param("[::1]", marks=IPV6)])
def test_they_are_served_from_the_start_to_the_end(service, port, address):
    place = f"{address}:{port}"
    one = service(metrics_listen=place, sync_interval="86400")
    assert told(passed(place), "devices") == {
        (QAT, "offered"): 1,
        (NIC, "offered"): 4,
        ("", "ignored"): 1,
    }
    text = fetched(f"http://{place}/metrics")
    assert "process_resident_memory_bytes " in text
    checked = promtool("check", "metrics", given=text)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert one.end() == 0
    assert one.messages("WARNING", "ERROR") == []


def test_who_only_connects_to_it_keeps_nobody_from_the_end(service, port):
    one = service(metrics_listen=f"127.0.0.1:{port}", sync_interval="86400")
    passed(f"127.0.0.1:{port}")
    with socket.create_connection(("127.0.0.1", port)):
        assert served(f"127.0.0.1:{port}")
        assert one.end() == 0


def test_a_port_that_is_taken_is_told_once_and_tried_again_at_every_pass(service, port):
    place = f"127.0.0.1:{port}"
    with socket.create_server(("127.0.0.1", port)):
        one = service(metrics_listen=place)
        told = one.await_line(f"cannot serve metrics on {place}: Address already in use")
        assert told["level"] == "WARNING"
        one.await_line("set_inventories")
    one.await_line(f"over: cannot serve metrics on {place}")
    assert served(place)
    assert one.end() == 0
    assert len(one.messages("WARNING")) == 1


def test_another_configuration_moves_them_and_a_bad_one_is_told_there(
    service, file, tmp_path, placement
):
    with kept_port() as first, kept_port() as second:
        here, there = f"127.0.0.1:{first}", f"127.0.0.1:{second}"
        one = service(metrics_listen=here, metrics_file=file, sync_interval="86400")
        passed(here)
        moved = {"metrics_listen": there, "metrics_file": file.with_name("other.prom")}
        configure(tmp_path, LISTS, by_token(placement.url), sync_interval="86400", **moved)
        one.send(signal.SIGHUP)
        assert number(passed(there, times=2), "configuration_valid") == 1
        assert fetched(f"http://{here}/metrics") == ""
        assert [each.name for each in file.parent.iterdir()] == ["other.prom"]
        configure(tmp_path, WRONG, by_token(placement.url), **moved)
        one.send(signal.SIGHUP)
        one.await_line("the last good one stays")
        awaited(lambda: number(served(there), "configuration_valid") == 0)
        assert number(served(there), "passes_total", "done") == 2
        assert one.end() == 0


# --- in a file


def test_the_file_is_for_everybody_to_read_and_is_what_prometheus_takes(cron, file):
    assert cron(metrics_file=file).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert told(numbers_in(file.read_text()), "inventory_total") == {QAT: 1, NIC: 4}
    assert "process_" not in file.read_text()  # node_exporter has such of its own
    checked = promtool("check", "metrics", given=file.read_text())
    assert (checked.returncode, checked.stderr) == (0, "")


def test_processes_one_after_the_other_go_on_counting(cron, file, placement):
    placement.requests.clear()
    for _ in range(4):
        assert cron(metrics_file=file).code == 0
    numbers = numbers_in(file.read_text())
    assert told(numbers, "passes_total") == {"done": 2, "spared": 2}
    assert sum(told(numbers, "requests_total").values()) == len(placement.requests)
    assert number(numbers, "pass_duration_seconds_bucket", "+Inf") == 2


def test_a_file_beside_the_state_is_no_news(cron, tmp_path):
    file = tmp_path / "state" / "pci.prom"
    file.parent.mkdir()
    for _ in range(3):
        cron(metrics_file=file)
    assert told(numbers_in(file.read_text()), "passes_total") == {"done": 2, "spared": 1}


def test_a_pass_that_is_spared_was_a_success_now(cron, file):
    for _ in range(2):
        cron(metrics_file=file)
    before = numbers_in(file.read_text())
    assert cron(metrics_file=file).code == 0
    after = numbers_in(file.read_text())
    moved = {which.name for which, n in after.items() if before.get(which) != n}
    assert moved == {"passes_total", "requests_total", "last_success_timestamp_seconds"}
    assert told(after, "passes_total")["spared"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(lambda file: file.unlink(), id="it is gone"),
        pytest.param(lambda file: file.write_text("nonsense\n"), id="it is something else"),
    ],
)
def test_without_the_file_of_before_the_pass_is_made_and_counting_begins_anew(cron, file, happens):
    for _ in range(2):
        cron(metrics_file=file)
    happens(file)
    assert cron(metrics_file=file).code == 0
    assert told(numbers_in(file.read_text()), "passes_total") == {"done": 1}


def test_a_process_whose_pass_fails_keeps_what_the_last_good_one_found(cron, file, placement):
    cron(metrics_file=file)
    before = numbers_in(file.read_text())
    placement.stop()
    assert cron(metrics_file=file).code == 75
    placement.start()
    after = numbers_in(file.read_text())
    assert number(after, "failing_passes") == 1
    assert number(after, "last_success_timestamp_seconds") == number(
        before, "last_success_timestamp_seconds"
    )
    for name in ("devices", "inventory_total", "inventory_used", "providers"):
        assert told(after, name) == told(before, name)
    assert cron(metrics_file=file).code == 0
    assert number(numbers_in(file.read_text()), "failing_passes") == 0


def test_what_is_spared_after_passes_that_failed_ends_those(cron, file, placement):
    for _ in range(2):
        cron(metrics_file=file)
    placement.stop()
    assert cron(metrics_file=file).code == 75
    assert number(numbers_in(file.read_text()), "failing_passes") == 1
    placement.start()
    assert cron(metrics_file=file).code == 0
    numbers = numbers_in(file.read_text())
    assert told(numbers, "passes_total") == {"done": 2, "try_again": 1, "spared": 1}
    assert number(numbers, "failing_passes") == 0


def test_what_was_used_stays_known_to_a_process_that_was_not_told(cron, file, real):
    cron(metrics_file=file)
    real.claim("bob", {PLAIN: {QAT: 1}})
    assert cron("-v", metrics_file=file, full_sync_interval="0").code == 0
    read = numbers_in(file.read_text())
    assert told(read, "inventory_used") == {QAT: 1}
    assert cron("-v", metrics_file=file).code == 0
    again = numbers_in(file.read_text())
    assert told(again, "inventory_used") == {QAT: 1}
    told_at = "inventory_used_timestamp_seconds"
    assert number(again, told_at, QAT) == number(read, told_at, QAT)
    assert number(again, told_at, NIC) > number(read, told_at, NIC)


def test_where_the_file_cannot_be_written_the_pass_is_made_and_that_is_told(cron, placement, file):
    file.parent.rmdir()
    done = cron(metrics_file=file)
    assert done.code == 0
    assert writes(placement)
    (line,) = [line for line in done.err.splitlines() if "WARNING" in line]
    assert f"cannot write metrics to {file}: No such file or directory" in line
    assert not file.parent.exists()


@pytest.mark.parametrize("mistake", [WRONG, "[pci_placement]\nmetrics_listen = here\n"])
def test_a_configuration_that_ends_a_process_is_told_in_the_file(cron, service, file, mistake):
    cron(metrics_file=file)
    before = numbers_in(file.read_text())
    assert cron(lists=mistake, metrics_file=file).code == 2
    after = numbers_in(file.read_text())
    assert number(after, "configuration_valid") == 0
    assert {which.name for which in after if after[which] != before[which]} == {
        "configuration_valid"
    }
    assert cron(metrics_file=file).code == 0
    assert number(numbers_in(file.read_text()), "configuration_valid") == 1
    one = service(lists=mistake, metrics_file=file)
    assert one.process.wait(PATIENCE) == 2
    assert number(numbers_in(file.read_text()), "configuration_valid") == 0


def test_what_one_process_counted_the_next_service_goes_on_with(service, once, file, port):
    once(metrics_file=file)
    place = f"127.0.0.1:{port}"
    one = service(metrics_file=file, metrics_listen=place, sync_interval="86400")
    assert told(passed(place, times=2), "passes_total") == {"done": 2}
    assert one.end() == 0
    assert told(numbers_in(file.read_text()), "passes_total") == {"done": 2}
