"""Twice as long a list is twice the work: counted in calls, so that it says the same every time."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "lists.py"
MANY = 150


def loaded():
    spec = importlib.util.spec_from_file_location("bench_lists", BENCH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.DEVICES = 20
    return module


bench = loaded()


def calls(function, *arguments) -> int:
    """How many calls a function comes to, those of Python's own library included."""
    counted = 0

    def count(_frame, event, _argument) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function(*arguments)
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("kind", bench.LISTS)
def test_the_work_grows_no_faster_than_a_list(tmp_path, kind):
    once, twice = (
        calls(bench.work, bench.written(tmp_path, bench.LISTS[kind](many)), bench.host())
        for many in (MANY, 2 * MANY)
    )
    assert MANY < once < twice < 2.2 * once
