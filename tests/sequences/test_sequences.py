"""A sample of `make nightly`: the same seeds every time."""

import pytest

from pci_placement.plan.check import Verdict

from .run import Tally, play, try_seed
from .steps import sequence

SEEDS, BLOCKS = 10, 6


@pytest.mark.parametrize("first", range(0, SEEDS * BLOCKS, SEEDS))
def test_every_promise_holds(first):
    tally = Tally()
    found = [broken for seed in range(first, first + SEEDS) if (broken := try_seed(seed, tally))]
    assert found == [], "\n".join(map(str, found))
    assert tally.counts["claim granted"] > SEEDS


def test_a_seed_says_the_same_every_time():
    assert sequence(7, 50) == sequence(7, 50)
    assert sequence(7, 50) != sequence(8, 50)


def all_of_it(_hands, target):
    """As if claims of before held nothing."""
    return target.total, ""


@pytest.fixture
def broken(monkeypatch):
    """A program that offers what claims of before may hold."""
    monkeypatch.setattr("pci_placement.plan.handover._Hands._free", all_of_it)


def first_found():
    return next(filter(None, (try_seed(seed, Tally()) for seed in range(0, 400, 2))))


@pytest.mark.usefixtures("broken")
def test_an_over_commit_would_be_judged_before_it_happens():
    found = first_found()
    assert found.broken.what == "unsafe"
    assert 2 <= len(found.steps) <= 12


@pytest.mark.usefixtures("broken")
def test_without_the_judge_it_would_be_found_and_shrunk(monkeypatch):
    monkeypatch.setattr("pci_placement.sync.verdict", lambda plan, *_: Verdict(plan))
    found = first_found()
    assert found.broken.what in ("over-commit", "converge")
    assert 2 <= len(found.steps) <= 12


def test_a_reservation_that_stays_behind_would_be_found(monkeypatch):
    sync = ("sync", 1, False, False)
    steps = [("pooling", "numa"), sync, ("reserve", 1), ("pooling", "device"), sync]
    assert play(steps) is None
    monkeypatch.setattr("pci_placement.sync.verdict", lambda plan, *_: Verdict(plan))
    monkeypatch.setattr("pci_placement.plan.exchange.carried", lambda *_: {})
    assert play(steps).what == "reserved"
