"""The loop on a clock of its own: what follows what, and after how many seconds."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from pci_placement.service.loop import Wake, drive, rounds
from pci_placement.service.pace import Pace

UP = 1e6
"""Seconds since its boot, of a host that has been up for long."""


@dataclass
class Host:
    """Answers as it is told to, and writes down when it was asked."""

    time: float = UP
    interval: float = 60.0
    takes: float = 0.0
    good_passes: bool = True
    good_configuration: bool = True
    done: list[tuple[str, float]] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def reload(self) -> bool:
        self.done.append(("reload", self.time - UP))
        return self.good_configuration

    def make_pass(self) -> bool:
        self.done.append(("pass", self.time - UP))
        self.time += self.takes
        return self.good_passes

    def live(self, *wakes: Wake | tuple[float, Wake]) -> list[tuple[str, float]]:
        """Wake the loop in this order, by time or after so many seconds; then end it."""
        left = [*wakes, Wake.STOP]

        def wait(seconds: float) -> Wake:
            wake = left.pop(0)
            after, why = wake if isinstance(wake, tuple) else (seconds, wake)
            assert after <= seconds
            self.time += after
            return why

        drive(rounds(self, Pace(lambda a, b: (a + b) / 2), self.now), wait)
        assert left == []
        return self.done


TIME = Wake.TIME


def test_a_pass_at_the_start_and_one_at_each_interval():
    assert Host().live(TIME, TIME, TIME) == [("pass", 0), ("pass", 60), ("pass", 120)]


def test_the_interval_is_between_the_end_of_a_pass_and_the_next():
    assert Host(takes=10.0).live(TIME, TIME) == [("pass", 0), ("pass", 70)]


def test_after_the_boot_of_the_host_the_first_pass_takes_its_time():
    host = Host(time=20.0)
    assert host.live(TIME) == [("pass", 20 + 30 - UP)]


def test_passes_that_fail_come_at_longer_and_longer_intervals():
    host = Host(good_passes=False)
    times = [at for _, at in host.live(*[TIME] * 6)]
    waits = [later - at for at, later in pairwise(times)]
    assert waits == [90, 180, 360, 450, 450]


def test_a_pass_now_does_not_wait_and_the_next_one_comes_an_interval_later():
    assert Host().live(TIME, (13.0, Wake.NOW), TIME) == [("pass", 0), ("pass", 13), ("pass", 73)]


def test_a_good_configuration_is_tried_at_once():
    done = Host().live(TIME, (13.0, Wake.RELOAD), TIME)
    assert done == [("pass", 0), ("reload", 13), ("pass", 13), ("pass", 73)]


def test_a_bad_one_changes_nothing_not_even_the_time_of_the_next_pass():
    host = Host(good_configuration=False)
    done = host.live(TIME, (13.0, Wake.RELOAD), (20.0, Wake.RELOAD), TIME)
    assert done == [("pass", 0), ("reload", 13), ("reload", 33), ("pass", 60)]


def test_another_interval_counts_from_the_next_pass_on():
    class Changing(Host):
        def reload(self) -> bool:
            self.interval = 10.0
            return super().reload()

    host = Changing()
    done = host.live(TIME, (13.0, Wake.RELOAD), TIME)
    assert done[-1] == ("pass", 23)


@pytest.mark.parametrize("wakes", [(), (TIME,), (TIME, Wake.NOW)])
def test_it_ends_when_it_is_told_to(wakes):
    assert len(Host().live(*wakes)) == len(wakes)
