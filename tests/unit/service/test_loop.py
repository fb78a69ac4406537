"""The loop on a clock of its own: what follows what, and after how many seconds."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from pci_placement.service.loop import Wake, drive, rounds
from pci_placement.service.pace import Pace, Went

UP = 1e6
"""Seconds since its boot, of a host that has been up for long."""


@dataclass
class Host:
    """Answers as it is told to, and writes down when it was asked."""

    time: float = UP
    interval: float = 60.0
    takes: float = 0.0
    went: Went = Went.WELL
    good_configuration: bool = True
    news: bool = True
    looks_take: float = 0.0
    done: list[tuple[str, float]] = field(default_factory=list)
    wakes: list[Wake] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def reload(self) -> bool:
        self.done.append(("reload", self.time - UP))
        return self.good_configuration

    def is_news(self) -> bool:
        self.done.append(("look", self.time - UP))
        self.time += self.looks_take
        return self.news

    def make_pass(self, wake: Wake) -> Went:
        self.done.append(("pass", self.time - UP))
        self.wakes.append(wake)
        self.time += self.takes
        return self.went

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
    host = Host(went=Went.TROUBLED)
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


# --- what the kernel tells

EVENT = Wake.EVENT


def test_an_event_is_followed_by_a_pass_once_it_is_calm_and_another_one_an_interval_later():
    host = Host()
    assert host.live(TIME, (10.0, EVENT), TIME, TIME) == [
        ("pass", 0),
        ("look", 10.5),
        ("pass", 10.5),
        ("pass", 70.5),
    ]
    assert host.wakes == [TIME, EVENT, TIME]


def test_of_many_events_it_is_the_last_that_is_waited_after():
    done = Host().live(TIME, (10.0, EVENT), (0.4, EVENT), (0.4, EVENT), TIME)
    assert [at for _, at in done] == pytest.approx([0, 11.3, 11.3])


def test_while_they_do_not_cease_there_is_a_pass_every_few_seconds_all_the_same():
    done = Host().live(TIME, (10.0, EVENT), *[(0.4, EVENT)] * 4, TIME)
    assert [at for _, at in done] == pytest.approx([0, 12.0, 12.0])


def test_an_event_without_news_is_followed_by_no_pass_and_moves_none():
    assert Host(news=False).live(TIME, (10.0, EVENT), TIME, TIME) == [
        ("pass", 0),
        ("look", 10.5),
        ("pass", 60),
    ]


def test_however_much_is_told_for_nothing_looks_take_a_tenth_of_the_time():
    host = Host(news=False, looks_take=0.2)
    done = host.live(TIME, (10.0, EVENT), TIME, (0.1, EVENT), TIME)
    assert [at for _, at in done] == pytest.approx([0, 10.5, 12.5])


def test_what_is_told_before_the_first_pass_does_not_hasten_it():
    host = Host(time=20.0)
    assert host.live((1.0, EVENT), TIME) == [("pass", 20 + 30 - UP)]


def passes_of(host: Host, *wakes: Wake | tuple[float, Wake]) -> list[float]:
    return [at for name, at in host.live(*wakes) if name == "pass"]


def test_after_a_pass_that_failed_it_is_waited_for_a_while_whatever_is_told():
    host = Host(went=Went.TROUBLED)
    assert passes_of(host, TIME, (1.0, EVENT), (1.0, EVENT), TIME) == [0, 7.5]


def test_an_event_long_after_a_pass_that_failed_is_followed_by_one_once_it_is_calm():
    assert passes_of(Host(went=Went.TROUBLED), TIME, (40.0, EVENT), TIME) == [0, 40.5]


def test_what_was_told_is_owed_until_a_pass_goes_through_and_each_time_it_takes_longer():
    times = passes_of(Host(went=Went.TROUBLED), TIME, (40.0, EVENT), *[TIME] * 8)
    waits = [later - at for at, later in pairwise(times)]
    assert waits == [40.5, 15, 30, 60, 120, 240, 450, 450]


def test_who_has_nothing_to_tell_leaves_a_placement_that_is_down_alone():
    assert passes_of(Host(went=Went.TROUBLED), *[TIME] * 3) == [0, 90, 270]


def test_nobody_hurries_while_the_whole_cloud_may_be_starting():
    host = Host(time=20.0, went=Went.TROUBLED)
    times = passes_of(host, TIME, (1.0, EVENT), TIME)
    assert times == [50 - UP, 140 - UP]


class Mended(Host):
    """Only its first pass fails."""

    def make_pass(self, wake: Wake) -> Went:
        self.went = Went.WELL if self.wakes else Went.TROUBLED
        return super().make_pass(wake)


def test_once_a_pass_went_through_all_is_as_it_was():
    times = passes_of(Mended(), TIME, (1.0, EVENT), TIME, (1.0, EVENT), TIME, TIME)
    assert times == [0, 7.5, 9, 69]


def test_also_after_one_that_failed_while_the_whole_cloud_was_starting():
    times = passes_of(Mended(time=20.0), TIME, TIME, (1.0, EVENT), TIME)
    assert times == [50 - UP, 140 - UP, 141.5 - UP]


def test_a_pass_that_was_due_anyhow_sees_what_was_told():
    done = Host().live(TIME, (59.8, EVENT), TIME, TIME)
    assert done == [("pass", 0), ("pass", 60), ("pass", 120)]


def test_what_is_told_during_a_pass_is_looked_at_after_it():
    host = Host(takes=3.0)
    assert host.live(TIME, (0.0, EVENT), TIME)[1:] == [("look", 3.5), ("pass", 3.5)]


# --- a host that does not settle


def test_a_host_that_is_unsettled_is_looked_at_again_soon_and_each_time_later():
    times = [at for name, at in Host(went=Went.UNSETTLED).live(*[TIME] * 11) if name == "pass"]
    waits = [later - at for at, later in pairwise(times)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_while_events_go_on_calm_is_waited_for_longer_each_time_but_not_for_ever():
    host = Host(went=Went.UNSETTLED)
    storm = [(0.25, EVENT)] * 8
    done = host.live(TIME, *storm[1:], TIME, *storm * 2, TIME)
    assert [at for name, at in done if name == "pass"] == [0, 2, 6]


def test_half_a_second_of_calm_is_enough_also_after_a_long_storm():
    host = Host(went=Went.UNSETTLED)
    done = host.live(TIME, TIME, TIME, *[(0.25, EVENT)] * 10, TIME)
    assert [at for name, at in done if name == "pass"] == [0, 0.5, 1.5, 4.5]


def test_a_pass_that_goes_through_ends_the_patience_with_a_host():
    class Settling(Host):
        def make_pass(self, wake: Wake) -> Went:
            self.went = (Went.UNSETTLED, Went.UNSETTLED, Went.WELL)[len(self.wakes) % 3]
            return super().make_pass(wake)

    times = [at for name, at in Settling().live(*[TIME] * 5) if name == "pass"]
    assert times == [0, 0.5, 1.5, 61.5, 62]


def test_an_unsettled_host_is_looked_at_as_often_as_its_interval_says():
    times = [at for name, at in Host(went=Went.UNSETTLED, interval=1.0).live(*[TIME] * 6)]
    assert times[-2:] == [3.5, 4.5]
