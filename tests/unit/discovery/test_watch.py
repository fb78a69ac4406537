"""What the kernel of this machine tells: real events of a real device, which is left as it is."""

import contextlib
import os
import resource
import socket
import subprocess
from pathlib import Path

import pytest
from support.uevents import teller

from pci_placement.discovery.watch import Unheard, Watch

LATE = 60.0


@pytest.fixture
def told():
    return teller()


@pytest.fixture
def watch():
    return Watch()


def test_what_happens_is_heard_and_then_it_is_quiet(watch, told):
    assert not watch.wait(0)
    told()
    assert watch.wait(LATE)
    assert not watch.wait(0)


def test_what_came_together_is_heard_together(watch, told):
    told(50)
    assert watch.wait(LATE)
    assert not watch.wait(0)


def test_interfaces_of_containers_are_no_news(watch, told):
    loopback = Path("/sys/class/net/lo/uevent")
    loopback.write_text("change")
    assert not watch.wait(0.2)
    told()
    assert watch.wait(LATE)


def test_an_interface_whose_name_is_no_text_deafens_nobody(watch, told):
    odd, peer = b"odd\xff0", b"odd\xff1"
    made = ["ip", "link", "add", "name", odd, "type", "veth", "peer", "name", peer]
    if subprocess.run(made, capture_output=True, check=False).returncode:
        pytest.skip("this machine makes no interfaces")
    try:
        assert watch.wait(LATE)
    finally:
        subprocess.run(["ip", "link", "del", odd], check=True)
    while watch.wait(0.2):
        pass
    told()
    assert watch.wait(LATE)


def test_events_that_were_lost_are_news_and_what_comes_later_is_heard(watch, told):
    with socket.socket(fileno=os.dup(watch.fileno())) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    told(300)
    assert watch.wait(LATE)
    while watch.wait(0):
        pass
    told()
    assert watch.wait(LATE)
    assert not watch.wait(0)


def test_an_ear_that_fails_says_so(watch):
    with open(os.devnull) as no_socket:
        os.dup2(no_socket.fileno(), watch.fileno())
    with pytest.raises(Unheard):
        watch.wait(LATE)


@contextlib.contextmanager
def no_more_files():
    """Whoever opens anything is refused, and the servers of other tests can go on polling."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_one = os.open(os.devnull, os.O_RDONLY)
    os.close(next_one)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_one, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("watch")
def test_who_cannot_listen_says_why():
    with pytest.raises(Unheard, match="Too many open files"), no_more_files():
        Watch()
