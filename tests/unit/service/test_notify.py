"""What systemd is told, by the socket that it would make."""

import os
import socket
import time

import pytest

from pci_placement.service.notify import Notify


@pytest.fixture(params=["a file", "an abstract name"])
def systemd(request, tmp_path):
    """The other end; name is what NOTIFY_SOCKET says."""
    file = tmp_path / "notify"
    abstract = f"pci-placement-test-{os.getpid()}"
    bound, name = {
        "a file": (str(file), str(file)),
        "an abstract name": (f"\0{abstract}", f"@{abstract}"),
    }[request.param]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(bound)
        end.settimeout(10)
        yield end, {"NOTIFY_SOCKET": name}


def told(end) -> list[str]:
    return end.recv(65536).decode().splitlines()


def test_it_is_told_in_its_own_words(systemd):
    end, environment = systemd
    notify = Notify.of(environment)
    for say, line in [
        (notify.ready, "READY=1"),
        (notify.stopping, "STOPPING=1"),
        (notify.alive, "WATCHDOG=1"),
        (lambda: notify.status("all\nis well "), "STATUS=all is well"),
        (lambda: notify.starts_within(1.5), "EXTEND_TIMEOUT_USEC=1500000"),
    ]:
        say()
        assert told(end) == [line]


def test_a_reload_is_told_with_the_time_at_which_it_began(systemd):
    end, environment = systemd
    before = time.monotonic_ns() // 1000
    Notify.of(environment).reloading()
    what, when = told(end)
    assert what == "RELOADING=1"
    assert before <= int(when.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


def test_nobody_waits_for_a_systemd_that_does_not_read(systemd):
    _, environment = systemd
    notify = Notify.of(environment)
    for _ in range(5000):
        notify.status("x" * 1000)


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "x" * 500, "\udcff"])
def test_without_one_all_is_as_usual(address):
    Notify.of({"NOTIFY_SOCKET": address}).ready()


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, 0.0),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
        ({"WATCHDOG_USEC": "-1"}, 0.0),
    ],
)
def test_how_often_it_wants_to_hear_from_us(environment, seconds):
    assert Notify.of({"NOTIFY_SOCKET": "/run/x", **environment}).watchdog == seconds


def test_without_a_socket_nobody_listens_for_a_sign_of_life():
    assert Notify.of({"WATCHDOG_USEC": "30000000"}).watchdog == 0.0
