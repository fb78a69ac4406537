import random

import pytest

from pci_placement.service.pace import JUST_BOOTED, LONGEST, Pace

DRAWS = 200
LEAST, MOST = (lambda a, _: a), (lambda _, b: b)


def bounds(ask) -> tuple[float, float]:
    return ask(Pace(LEAST)), ask(Pace(MOST))


def failed(pace: Pace, times: int, interval: float = 60.0) -> float:
    return [pace.after(False, interval) for _ in range(times)][-1]


def test_after_a_pass_that_went_well_it_is_the_interval_give_or_take_a_tenth():
    assert bounds(lambda pace: pace.after(True, 60.0)) == pytest.approx((54, 66))
    pace = Pace(random.uniform)
    assert len({pace.after(True, 60.0) for _ in range(DRAWS)}) == DRAWS


def test_where_the_whole_cloud_may_be_booting_the_first_pass_is_anywhere_in_the_interval():
    assert bounds(lambda pace: pace.first(60.0, 20.0)) == (0, 60)


def test_on_a_host_that_is_up_the_first_pass_is_made_at_once():
    assert bounds(lambda pace: pace.first(60.0, JUST_BOOTED)) == (0, 0)


@pytest.mark.parametrize(
    ("times", "least", "most"),
    [(1, 60, 120), (2, 120, 240), (3, 240, 480), (4, 300, 600), (5, 300, 600), (5000, 300, 600)],
)
def test_each_failure_in_a_row_doubles_the_wait_up_to_a_limit(times, least, most):
    assert bounds(lambda pace: failed(pace, times)) == (least, most)


def test_a_success_ends_that():
    pace = Pace(MOST)
    failed(pace, 5)
    assert pace.after(True, 60.0) == 66
    assert failed(pace, 1) == 120


@pytest.mark.parametrize("interval", [1.0, 60.0, LONGEST, 86400.0])
def test_after_a_failure_it_never_waits_less_than_usual(interval):
    assert all(failed(Pace(LEAST), times, interval) >= interval for times in (1, 2, 3, 50))
