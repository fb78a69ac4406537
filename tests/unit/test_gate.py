"""What tests may not do, or what they say would depend on how busy the machine is, or on chance.

And what nobody may switch off without a reason.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PROJECT = TESTS.parent
HERE = Path(__file__)
CODE = [PROJECT / folder for folder in ("pci_placement", "tests", "tools", "bench")]

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


SWITCHED_OFF = re.compile(
    r"# (noqa(: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*)?|type: ignore(\[[\w, -]+\])?)"
)


def without_a_reason(text: str) -> list[int]:
    """The lines that switch a check off and say why neither themselves nor in a comment above."""
    lines = text.splitlines()
    return [
        number + 1
        for number, line in enumerate(lines)
        if (found := SWITCHED_OFF.search(line))
        and not re.search("[A-Za-z]", line[found.end() :])
        and not lines[max(0, number - 1)].lstrip().startswith("# ")
    ]


def test_who_switches_a_check_off_says_why():
    files = [f for folder in CODE for f in folder.rglob("*.py") if f != HERE]
    found = {str(f.relative_to(PROJECT)): without_a_reason(f.read_text()) for f in files}
    assert {file: lines for file, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a = 1  # noqa: S101", [1]),
        ("a = 1  # noqa", [1]),
        ("a = 1  # noqa: S101, N802", [1]),
        ("a = 1  # type: ignore[misc]", [1]),
        ("\nb = 2\na = 1  # type: ignore", [3]),
        ("a = 1  # noqa: S101  it is ours", []),
        ("a = 1  # type: ignore[misc]  # zun has no types", []),
        ("# it is ours\na = 1  # noqa: S101", []),
        ("a = 1  # nobody knows", []),
    ],
)
def test_a_check_that_was_switched_off_without_a_word_is_found(text, found):
    assert without_a_reason(text) == found
