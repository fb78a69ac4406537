"""What reaches the loop from other threads."""

import signal
import threading

import pytest

from pci_placement.errors import Unreachable
from pci_placement.service.daemon import MEANING, Inbox, run_until_ended
from pci_placement.service.loop import Wake
from pci_placement.service.notify import Notify
from pci_placement.service.pace import Went
from pci_placement.service.report import Report


def test_without_anything_it_is_the_time_that_ends_a_wait():
    assert Inbox().wait(0.0) is Wake.TIME


def test_what_came_before_the_wait_ends_it_at_once():
    inbox = Inbox()
    inbox.put(Wake.NOW)
    assert inbox.wait(1e300) is Wake.NOW
    assert inbox.wait(0.0) is Wake.TIME


@pytest.mark.parametrize(
    ("came", "counts"),
    [
        ([Wake.NOW, Wake.NOW], Wake.NOW),
        ([Wake.NOW, Wake.EVENT], Wake.NOW),
        ([Wake.RELOAD, Wake.NOW], Wake.RELOAD),
        ([Wake.STOP, Wake.RELOAD, Wake.NOW], Wake.STOP),
    ],
)
def test_of_several_that_came_together_the_most_urgent_counts_and_once(came, counts):
    inbox = Inbox()
    for wake in came:
        inbox.put(wake)
    assert inbox.wait(1e300) is counts
    assert inbox.wait(0.0) is Wake.TIME


def test_once_it_is_to_end_no_request_is_sent_and_no_pause_is_made():
    inbox = Inbox()
    bounds = inbox.bounds
    inbox.put(Wake.NOW)
    assert not bounds.is_over
    inbox.put(Wake.STOP)
    bounds.wait(1e6)
    assert bounds.is_over
    with pytest.raises(Unreachable, match="GET /x: not sent any more"):
        bounds.of_request(None, "GET /x")


@pytest.fixture
def blocked():
    """The signals that a service waits for wait for it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, MEANING)
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Host:
    """Makes one pass, and does something at it."""

    interval = 1.0
    longest = 1.0

    def __init__(self, at_the_pass) -> None:
        self._at_the_pass = at_the_pass

    def waits(self, seconds: float) -> None:
        assert seconds >= 0

    def make_pass(self, _wake: Wake) -> Went:
        return self._at_the_pass()


@pytest.mark.usefixtures("blocked")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_means_the_end_is_the_end(number):
    main = threading.get_ident()

    def ended() -> Went:
        signal.pthread_kill(main, number)
        return Went.WELL

    assert run_until_ended(Host(ended), Report(), Inbox(), Notify()) == 0


@pytest.mark.usefixtures("blocked")
def test_a_loop_that_comes_to_a_fault_of_its_own_ends_the_process_with_1():
    def crash() -> Went:
        raise MemoryError

    assert run_until_ended(Host(crash), Report(), Inbox(), Notify()) == 1
