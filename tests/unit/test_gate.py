"""What tests may not do, or what they say would depend on how busy the machine is, or on chance."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
HERE = Path(__file__)

FORBIDDEN = [
    pytest.param(r"\b(deadline|derandomize)\b", {"conftest.py"}, id="profiles: conftest.py"),
    # the race and a real kernel are about timing; a server is asked until it answers
    pytest.param(
        r"\bsleep\(", {"race", "kernel", "support/daemons.py"}, id="wait for what is to happen"
    ),
    pytest.param(
        r"\b(monotonic|perf_counter|time\.time)\(",
        # nightly says how fast it was
        {"race", "kernel", "support/daemons.py", "sequences/__main__.py"},
        id="tell a time from no other",
    ),
]


def allowed(file: Path, but: set[str]) -> bool:
    path = file.relative_to(TESTS)
    return any(path.is_relative_to(where) for where in but)


@pytest.mark.parametrize(("pattern", "but"), FORBIDDEN)
def test_no_test_does_that(pattern, but):
    files = [file for file in TESTS.rglob("*.py") if file != HERE]
    found = {str(file.relative_to(TESTS)) for file in files if re.search(pattern, file.read_text())}
    assert {file for file in found if not allowed(TESTS / file, but)} == set()
    assert found
