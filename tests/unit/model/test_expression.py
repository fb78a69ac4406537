"""Expressions against Python's own, and what they cost where Python's never end."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pci_placement.model import Expression, expression

FIELDS = ["0000", "10000", "ffffffff", "0a", "81", "00", "1f", "0", "7", ""]


def agrees(pattern: str, text: str) -> bool:
    return Expression.parse(pattern).matches(text) is bool(re.match(pattern, text))


@pytest.mark.parametrize(
    "pattern",
    """
    (?i:0A) (?i)0A (?i)(?-i:0A) (?i:0(?-i:A)) (?i)[^A] (?x:0a) (?s:.) 0(?#none)a
    ^0 ^0000$ 0$ \\A0 0\\Z 0\\b \\b0 0\\B0 \\d\\d \\D \\w+ \\W \\s \\S{4} [\\da-c]+$ [^\\d] [^0-9]
    0|8|1f (0|8)1 (?P<one>0|1)+$ (?:) () | a| |a 0{2} 0{2,} 0{,2}$ 0{3}$ 0{5} 0*?$ 0+?1 (0|00){2}$
    (?:0?)*$ (?:0*)*$ (?:0*)+1 (?:(?:)){3}0 (?=0)0 (?=.*1) (?!0) (?!.*f) 0(?<=0)a 0(?<!8)a .(?<=00)
    (?<=0)0 (?<!0)0 .(?<=.)$ (?<!^) (?!) (?=) (?=0|1f) 8[1-4]|c1 .* [.] \\x30 \\u0030 f{8} .{8}$
    [0-9a-f]{4,8}
    """.split(),
)
def test_an_expression_means_what_it_means_to_python(pattern):
    assert [text for text in FIELDS if not agrees(pattern, text)] == []


ATOMS = st.sampled_from(["0", "1", "a", ".", "[0-7]", "[^a]", "\\d", "\\b", "^", "$", "(?!)", ""])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds(
            "(?:{}){}".format, inner, st.sampled_from("* + ? *? +? ?? {2} {0,2} {1,2}?".split())
        ),
        st.builds("({}{})".format, st.sampled_from(["?=", "?!", "?i:", "?<=0", "?<!a"]), inner),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS, st.text("01aA", max_size=5))
def test_so_does_any_other(pattern, text):
    try:
        re.compile(pattern)
    except re.error:
        assume(False)  # what stands behind a thing of unknown width
    assert agrees(pattern, text)


ENDLESS = [
    "(?:.?){200}z",
    "(?:.*)*z" * 20,
    ".?" * 200 + "z",
    "(?:(?:(?:.*)*)*)*z",
    "(.|..|.)*" * 9 + "z",
]


@pytest.mark.parametrize("pattern", ENDLESS)
@pytest.mark.parametrize("text", ["0000", "ffffffff"])
def test_what_python_would_try_for_ever_is_matched(pattern, text):
    assert not Expression.parse(pattern).matches(text)
    assert Expression.parse(f"{pattern}|{text}").matches(text)


@pytest.fixture
def steps(monkeypatch):
    """How often one part is followed by another, in all."""
    counted = []
    then = vars(expression)["_then"]
    monkeypatch.setattr(expression, "_then", lambda *ways: counted.append(1) or then(*ways))

    def steps(pattern: str, text: str) -> int:
        counted.clear()
        assert not Expression.parse(pattern).matches(text)
        return len(counted)

    return steps


@pytest.mark.parametrize(
    "longer",
    [
        pytest.param(lambda n: f"(?:.?){{{n}}}z", id="more times"),
        pytest.param(lambda n: f"(?:.?){{{n},{9 * n}}}z", id="more times at most"),
        pytest.param(lambda n: ".?" * n + "z", id="more parts"),
        pytest.param(lambda n: "(?:" * n + "." + ")*" * n + "z", id="deeper"),
        pytest.param(lambda n: "|".join([".*.*z"] * n), id="more choices"),
    ],
)
def test_the_work_grows_no_faster_than_the_expression(steps, longer):
    once, twice = (steps(longer(n), "0000") for n in (20, 40))
    assert 0 < twice <= 2 * once


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        pytest.param("(.)\\1", "a back-reference", id="back-reference"),
        pytest.param("(.)?(?(1)a|b)", "a condition on a group", id="condition"),
        pytest.param("(?>.*)z", "an atomic group", id="atomic"),
        pytest.param(".*+z", "a possessive quantifier", id="possessive"),
        pytest.param("(?:" * 51 + "." + ")*" * 51, "nested more than 50 deep", id="deep"),
    ],
)
def test_where_the_way_counts_an_expression_is_refused(pattern, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        Expression.parse(pattern)
