"""What is told of steps and requests, and to whom."""

from itertools import count

import pytest

from pci_placement.cli.steps import LIBRARIES, STEPS, WIRE, Steps, wire
from pci_placement.model import Done, EnsureTrait, Result
from pci_placement.placement.trail import Answered

URL = "http://user:secret@placement.example:8778/placement/resource_providers?name=node"
CALL = Answered("GET", URL, 200, 0.0123, "req-server", "req-ours")


@pytest.mark.parametrize(
    ("verbosity", "told"),
    [
        (0, []),
        (1, []),
        (STEPS, ["planned"]),
        (WIRE, ["GET", "planned"]),
        (LIBRARIES, ["GET", "planned"]),
    ],
)
def test_who_wants_to_know_more_is_told_more(verbosity, told):
    lines: list[str] = []
    steps = Steps(lines.append, verbosity)
    steps.heard(CALL)
    steps.reached("planned")
    assert [next(word for word in ("GET", "planned") if word in line) for line in lines] == told


def test_a_step_has_its_time_and_how_many_requests_went_before():
    lines: list[str] = []
    steps = Steps(lines.append, STEPS, clock=map(float, count()).__next__)
    steps.reached("read")
    steps.heard(CALL)
    steps.reached("planned")
    assert lines == ["  1.000 s read", "  2.000 s planned; requests so far: 1"]


@pytest.mark.parametrize(
    ("became", "told"),
    [
        (Done(EnsureTrait("CUSTOM_A"), Result.DONE), "done: ensure_trait CUSTOM_A"),
        (
            Done(EnsureTrait("CUSTOM_A"), Result.SKIPPED, "not tried"),
            "skipped: ensure_trait CUSTOM_A; not tried",
        ),
    ],
    ids=["done", "skipped"],
)
def test_an_action_is_told_with_what_became_of_it(became, told):
    lines: list[str] = []
    Steps(lines.append, STEPS, clock=map(float, count()).__next__).done(became)
    assert lines == [f"  1.000 s {told}"]


def test_a_request_is_told_by_its_path_without_credentials():
    assert wire(CALL) == "GET /placement/resource_providers?name=node 200 12 ms req-ours"
    assert "no answer" in wire(CALL._replace(status=0))


def test_a_long_query_is_cut():
    told = wire(CALL._replace(url=URL + "x" * 20_000))
    assert len(told) < 300
    assert "(20,0" in told
