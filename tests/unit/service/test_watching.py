"""Listening, while what is listened to fails and comes back."""

import threading

import pytest

from pci_placement.discovery.watch import Unheard
from pci_placement.service.watching import AGAIN, Watching


class Ended(BaseException):
    """The story is told: the thread may end."""


class Ear:
    """Hears what it is told to, in order."""

    def __init__(self, *heard: bool | Exception) -> None:
        self._heard = list(heard)

    def wait(self, _seconds: float) -> bool:
        if not self._heard:
            raise Unheard("deaf")
        heard = self._heard.pop(0)
        if isinstance(heard, Exception):
            raise heard
        return heard


@pytest.fixture
def live(monkeypatch):
    """Lives through a story of ears and refusals; what was seen of it: wakes, and why not heard."""

    def live(*story: Ear | Unheard) -> list:
        left, seen, over = list(story), [], threading.Event()

        def listen():
            if not left:
                over.set()
                raise Ended
            found = left.pop(0)
            if isinstance(found, Unheard):
                raise found
            return found

        def pause(seconds):
            assert seconds == AGAIN
            seen.append(watching.why_not)

        watching = Watching(lambda: seen.append("wake"), listen, pause)
        monkeypatch.setattr(threading, "excepthook", lambda _: None)
        watching.start()
        assert over.wait(60)
        return seen

    return live


def test_what_is_heard_wakes_and_what_is_not_does_not(live):
    assert live(Ear(True, False, True)) == ["wake", "wake", "deaf"]


def test_a_fault_that_nobody_foresaw_is_told_and_it_listens_again(live):
    assert live(Ear(True, ValueError("odd")), Ear(True)) == [
        "wake",
        "ValueError: odd",
        "wake",
        "wake",
        "deaf",
    ]


def test_who_cannot_listen_tries_again_and_looks_at_what_was_missed(live):
    assert live(Unheard("no netlink"), Unheard("still none"), Ear(True)) == [
        "no netlink",
        "still none",
        "wake",
        "wake",
        "deaf",
    ]
