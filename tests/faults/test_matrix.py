"""At every request every fault: nothing is lost, nothing is offered wrongly, the next pass heals.

`make test` tries a few cases of every scenario, the same ones every time; `make faults` tries all.
One kind: FAULTS=401. One case, as a failure names it: FAULTS=step2:401@7 and -k SCENARIO.
"""

import os
import random
from pathlib import Path

import pytest
from requests.adapters import HTTPAdapter
from support import scenarios

from faults.matrix import Case, Matrix, cases
from faults.stage import stages
from faults.tally import PROPERTY
from faults.wire import client_over

CHOICE = os.environ.get("FAULTS", "sample")
SAMPLE = 6


@pytest.mark.parametrize("path", scenarios.SCENARIOS, ids=lambda path: path.stem)
def test_survives(path: Path, tmp_path, placement, database, record_property):
    problems = []
    scenario = scenarios.load(path)
    chosen = sample_step(path.stem, scenario)
    for stage, clean in stages(scenario, tmp_path, placement.url, database):
        with client_over(HTTPAdapter(), placement.url) as client:
            matrix = Matrix(stage, clean, client.send)
            assert list(matrix.guard.complaints(list(clean.moments))) == []
            for case in choose(path.stem, stage.name, chosen, cases(clean)):
                complaints = matrix.attempt(case)
                if complaints is not None:
                    record_property(PROPERTY, [case.kind, not complaints])
                    problems += told(matrix, case, complaints)
        if stage.name == chosen:
            break
    assert not problems, "\n" + "\n".join(problems)


def told(matrix: Matrix, case: Case, complaints: list[str]) -> list[str]:
    request = matrix.clean.asked[case.at - 1]
    return [f"{matrix.stage.name}:{case} ({request}): {c}" for c in complaints]


def sample_step(name: str, scenario: dict) -> str | None:
    """The one step of which a sample is taken; None to play them all."""
    writing = [f"step{n}" for n, step in enumerate(scenario["steps"], 1) if step["plan"]]
    return always_same(name).choice(writing) if writing and CHOICE == "sample" else None


def choose(name: str, step: str, chosen: str | None, every: list[Case]) -> list[Case]:
    if CHOICE == "all":
        return every
    if CHOICE != "sample":
        return [case for case in every if CHOICE in (case.kind, f"{step}:{case}")]
    if step != chosen:
        return []
    return sample(always_same(f"{name} {step}"), every)


def sample(choice: random.Random, every: list[Case]) -> list[Case]:
    """A few kinds of faults, each at one request: every kind is as likely as any other."""
    kinds = sorted({case.kind for case in every})
    some = choice.sample(kinds, min(SAMPLE, len(kinds)))
    return [choice.choice([case for case in every if case.kind == kind]) for kind in some]


def always_same(name: str) -> random.Random:
    """A choice that depends on a name alone."""
    return random.Random(name)  # noqa: S311 - the tests' choice is no secret
