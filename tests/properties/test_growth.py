"""A host that is twice as large takes twice the work to plan and to judge, not four times.

What is counted are calls, of functions and of what is built in, and each time that a generator goes
on: they are the same in every run, and time is not.
"""

import sys
from collections.abc import Callable

import pytest
from support.growing import CHANGES, SHAPES, make_pass

from pci_placement.plan.check import Facts, judge

SIZE = 12
MOST = 2.5
"""Twice the work, and something for what is sorted."""


def calls(what: Callable[[], object]) -> int:
    """How often anything is called."""
    counted = 0

    def count(_frame, event: str, _about) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        what()
    finally:
        sys.setprofile(before)
    return counted


def of_planning(shape, change, size: int, remembered: bool) -> int:
    return calls(make_pass(shape, size, change, remembered=remembered).planned)


def of_judging(shape, change, size: int, remembered: bool) -> int:
    one = make_pass(shape, size, change, remembered=remembered)
    plan, seen = one.planned()
    facts = Facts(one.tree, seen, one.last_pass)
    assert judge(plan, facts) == ()
    return calls(lambda: judge(plan, facts))


@pytest.mark.parametrize("remembered", [True, False], ids=["remembered", "forgotten"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("work", [of_planning, of_judging])
def test_twice_the_host_is_twice_the_work(work, shape, change, remembered):
    once = work(shape, change, SIZE, remembered)
    twice = work(shape, change, 2 * SIZE, remembered)
    assert twice <= MOST * once


def test_what_looks_at_each_beside_each_is_found():
    def every_pair(size: int) -> int:
        return calls(lambda: [max(a, b) for a in range(size) for b in range(size)])

    assert every_pair(2 * SIZE) > MOST * every_pair(SIZE)
