"""Each case of public.jsonl, black box: what it expects, or that it still waits for a change."""

from __future__ import annotations

import pytest

from cases.case import Case, read_cases
from cases.checker import Wrong
from cases.stage import Stage
from cases.waiting import WAITING

CASES = read_cases()


def marks(case: Case) -> list[pytest.MarkDecorator]:
    """A case that waits must fail, as it says: one that passes has to leave the table."""
    if case.id not in WAITING:
        return []
    reason = str(WAITING[case.id])
    return [pytest.mark.xfail(strict=True, raises=Wrong, reason=reason)]


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.id, marks=marks(case)) for case in CASES]
)
def test_case(case: Case, request, tmp_path, call) -> None:
    url = request.getfixturevalue("placement").url if case.needs_placement else ""
    Stage(tmp_path, call, url).play(case)


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.id for case in CASES}) == len(CASES)


def test_only_known_cases_wait() -> None:
    assert WAITING.keys() <= {case.id for case in CASES}
