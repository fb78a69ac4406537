"""The checker itself: each kind of expectation is met by what is right, and by nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from support.command import Run

from cases.case import FILE, read_case, read_cases, read_expect, read_part
from cases.checker import breakdowns, complaints, of_provider
from cases.wanted import fits

LINE = {"id": "a", "source": "b", "title": "c"}
GPU = {"address": "0000:3b:00.0", "state": "offered", "driver": None, "alias": ["gpu"]}
NIC = {"address": "0000:81:00.0", "state": "ignored", "driver": "ice", "alias": []}


def printed(*rows: dict[str, Any], code: int = 0, err: str = "") -> Run:
    return Run(code, json.dumps(rows), err)


def check(run: Run, **expect: Any) -> list[str]:
    return complaints(run, read_expect(**expect))


# --- a wanted value

FITTING = [
    ("offered", "offered"),
    (None, None),
    (0, 0),
    (["gpu"], ["gpu"]),
    ("ens8f1,eth0", {"regex": "^ens8f1(,|$)"}),
    ({"uuid": {"GPU": 1}}, {"regex": "GPU"}),
    ("anything", {"not": None}),
    ("held", {"not": "offered"}),
    ("held", {"not": {"regex": "off"}}),
    (3, {"min": 3}),
    ({"total": 4, "reserved": 0}, {"total": 4}),
    ({"GPU": {"total": 4, "free": 1}}, {"GPU": {"total": {"min": 1}}}),
    ({}, {}),
]
UNFIT = [
    ("held", "offered"),
    ("", None),
    (None, 0),
    (["gpu", "nic"], ["gpu"]),
    ("eth0,ens8f1", {"regex": "^ens8f1(,|$)"}),
    (None, {"regex": "null"}),
    ({"uuid": {"NIC": 1}}, {"regex": "GPU"}),
    (None, {"not": None}),
    ("offered", {"not": "offered"}),
    ("offered", {"not": {"regex": "off"}}),
    (2, {"min": 3}),
    (None, {"min": 0}),
    ("3", {"min": 3}),
    ({"total": 3}, {"total": 4}),
    ({"reserved": 4}, {"total": {"not": 4}}),
    ({"GPU": {"total": 0}}, {"GPU": {"total": {"min": 1}}}),
    (None, {"GPU": {"total": 4}}),
    ({"GPU": {"total": 4}}, {}),
    (None, {}),
]


@pytest.mark.parametrize(("value", "wanted"), FITTING)
def test_a_value_as_wanted(value: Any, wanted: Any) -> None:
    assert fits(value, wanted)


@pytest.mark.parametrize(("value", "wanted"), UNFIT)
def test_a_value_that_is_not_as_wanted(value: Any, wanted: Any) -> None:
    assert not fits(value, wanted)


# --- what is expected of a command

MET = [
    {"rc": 0},
    {"rc": [0, 4]},
    {"rows": [{"where": {"address": "0000:3b:00.0"}, "is": {"state": "offered"}}]},
    {"rows": [{"where": {}}]},
    {"rows": [{"where": {"state": {"regex": "off|ign"}}, "is": {"alias": {"not": None}}}]},
    {"norows": [{"address": "0000:81:00.0", "state": "offered"}]},
    {"text": ["OFFERED", "2 devices"]},
    {"notext": ["3 devices", "offered.*held"]},
]
MISSED = [
    ({"rc": 1}, "it ended with 0, not 1"),
    ({"rc": [4, 5]}, "it ended with 0, not 4 or 5"),
    ({"rows": [{"where": {"address": "0000:5e:00.0"}}]}, "no row fits"),
    ({"rows": [{"where": {"adress": {"not": None}}}]}, "no row fits"),
    ({"rows": [{"where": {"state": "offered"}, "is": {"driver": "ice"}}]}, "driver is None"),
    ({"rows": [{"where": {"state": "offered"}, "is": {"devname": None}}]}, "devname is None"),
    ({"rows": [{"where": {}, "is": {"state": "offered"}}]}, "state is 'ignored'"),
    ({"norows": [{"address": "0000:3b:00.0", "state": "offered"}]}, "a row fits"),
    ({"norows": [{"address": "0000:3b:00.0", "status": "offered"}]}, "no column status"),
    ({"text": ["offered", "3 devices"]}, "matches '3 devices'"),
    ({"text": ["offered.*held"]}, "nothing that it says matches"),
    ({"notext": ["2 DEVICES"]}, "it says '2 devices'"),
    ({"notext": ["ignored"]}, "it says 'ignored'"),
]


@pytest.mark.parametrize("expect", MET)
def test_an_expectation_that_is_met(expect: dict[str, Any]) -> None:
    assert check(printed(GPU, NIC, err="2 devices\n"), **expect) == []


@pytest.mark.parametrize(("expect", "complaint"), MISSED)
def test_an_expectation_that_is_not_met(expect: dict[str, Any], complaint: str) -> None:
    found = check(printed(GPU, NIC, err="2 devices\n"), **expect)
    assert any(complaint in line for line in found), found


def test_every_row_that_is_meant_is_judged() -> None:
    expect = {"rows": [{"where": {"state": "offered"}, "is": {"driver": None}}]}
    assert check(printed(GPU, {**GPU, "driver": None}), **expect) == []
    assert check(printed(GPU, {**GPU, "driver": "nvidia"}), **expect) != []


def test_all_complaints_are_made() -> None:
    assert len(check(printed(GPU, NIC), rc=2, text=["x1"], norows=[{"state": "ignored"}])) == 3


@pytest.mark.parametrize("expect", [{"rows": [{"where": {}}]}, {"norows": [{"state": "held"}]}])
@pytest.mark.parametrize("out", ["", "no rows at all\n"])
def test_what_is_no_rows_meets_nothing_about_rows(out: str, expect: dict[str, Any]) -> None:
    assert check(Run(0, out, ""), **expect) == [f"not rows, but {out!r}"]


def test_a_single_thing_is_one_row() -> None:
    shown = Run(0, json.dumps(GPU), "")
    assert check(shown, rows=[{"where": {"state": "offered"}}]) == []
    assert check(shown, norows=[{"state": "offered"}]) != []


def test_a_program_that_breaks_is_never_as_expected() -> None:
    broken = Run(1, "", "pci-placement: IndexError: 3; this should not happen: see --debug\n")
    assert "IndexError" in "".join(breakdowns(broken))
    assert list(breakdowns(Run(1, "", "pci-placement: no such provider\n"))) == []


# --- what is wanted of Placement


@pytest.mark.parametrize(
    ("wanted", "fails"),
    [
        ({"inventories": {"GPU": {"free": 1}}}, False),
        ({"inventories": {"GPU": {"free": 0}}}, True),
        ({"inventories": {"NIC": {"free": 1}}}, True),
        ({"inventories": {}}, True),
        (None, True),
    ],
)
def test_a_provider(wanted: Any, fails: bool) -> None:
    found = {"name": "n1", "inventories": {"GPU": {"free": 1}}}
    assert bool(list(of_provider("n1", found, wanted))) == fails


@pytest.mark.parametrize("wanted", [{}, {"inventories": {}}, {"inventories": {"GPU": {"free": 0}}}])
def test_a_provider_that_is_not_there_is_as_no_other_is_wanted(wanted: Any) -> None:
    assert list(of_provider("n1", None, wanted))
    assert not list(of_provider("n1", None, None))


# --- what cannot be read

UNREADABLE = [
    {"args": ["plan"], "expect": {"rc": 0}, "exepct": {}},
    {"args": ["plan"], "expect": {"code": 0}},
    {"args": ["plan"], "expect": {}},
    {"args": ["plan"], "expect": {"rows": [{"where": {}, "has": {}}]}},
    {"args": ["plan"], "expect": {"rows": [{"is": {}}]}},
    {"args": ["plan"], "expect": {"text": "iommu"}},
    {"args": ["plan"], "expect": {"text": ["("]}},
    {"args": ["plan"]},
    {"expect": {"rc": 0}},
    {"as": "a", "args": ["plan"], "expect": {"rc": 0}},
    {"claim": ["n1", "GPU"]},
    {"steps": []},
    {"steps": [{"root": "n1"}]},
    {"steps": [{"args": ["plan"], "expect": {"rc": 0}}], "files": {}},
]


@pytest.mark.parametrize("line", UNREADABLE)
def test_a_case_that_would_check_less_than_it_seems_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError, re.error)):
        read_case({**LINE, **line})


def test_a_claim_is_granted_unless_the_case_says_otherwise() -> None:
    claims = [{"claim": ["n1", "GPU", 1]}, {"claim": ["n1", "GPU", 1], "status": 409}]
    assert [read_part(line).claim.status for line in claims] == [204, 409]


def test_every_line_of_the_file_is_a_case() -> None:
    lines = [json.loads(line) for line in FILE.read_text().splitlines()]
    cases = read_cases()
    assert [case.id for case in cases] == [line["id"] for line in lines]
    assert all(case.source and case.title for case in cases)
