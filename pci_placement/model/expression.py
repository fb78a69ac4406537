"""A regular expression, with Python's meaning, that takes a bounded time to match.

Python tries one way through an expression after the other, and `(?:.?){200}z` has more ways through
four characters than anybody can wait for. Whether any of them leads through is enough here. So each
part is asked once for each place where it may begin: where may it end? The work grows with the
lengths of the expression and of the text, whatever they are. What reads an expression, and what
matches one character, is Python's own.

Source: Lib/re/_parser.py, _parse; Lib/re/_compiler.py, _compile.
"""

from __future__ import annotations

import functools
import importlib
import operator
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

# no public part of Python reads expressions
_PARSER = importlib.import_module("re._parser")
_COMPILER = importlib.import_module("re._compiler")
_GROUP = importlib.import_module("re._constants").SUBPATTERN

_DEEPEST = 50
_PARSED = 1 << 15
_MATCHED = 1 << 17
"""So many answers are remembered: a pass scans twice, and devices share their fields."""
_AT_ONCE = ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "FAILURE")
"""Parts with one way through at most, and no other part in them."""
_REFUSED = {
    "GROUPREF": "a back-reference",
    "GROUPREF_EXISTS": "a condition on a group",
    "ATOMIC_GROUP": "an atomic group",
    "POSSESSIVE_REPEAT": "a possessive quantifier",
}
"""Here the way that was taken counts, so that each has to be followed."""

Ways = tuple[int, ...]
"""For each place in a text where a part may begin, those where it may end: a bit each."""
Part = Callable[[str], Ways]


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression as it was written; it matches at the start, as nova's do."""

    pattern: str

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Read an expression that Python takes.

        Raises ValueError where not only whether, but how one part matched counts for another.
        """
        _parsed(text)
        return cls(text)

    def matches(self, text: str) -> bool:
        """Whether the expression matches at the start of a text."""
        return _matches(self.pattern, text)


@functools.lru_cache(_MATCHED)
def _matches(pattern: str, text: str) -> bool:
    return bool(_parsed(pattern)(text)[0])


@functools.lru_cache(_PARSED)
def _parsed(pattern: str) -> Part:
    with warnings.catch_warnings(action="ignore"):
        parsed = _PARSER.parse(pattern)
    return _sequence(parsed, _Scope())


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a part stands: how deep, and with which flags set and cleared, as by `(?i-s:…)`."""

    depth: int = 0
    added: int = 0
    cleared: int = 0

    def within(self, added: int = 0, cleared: int = 0) -> _Scope:
        if self.depth == _DEEPEST:
            raise ValueError(f"it is nested more than {_DEEPEST} deep")
        return _Scope(
            self.depth + 1, self.added & ~cleared | added, self.cleared & ~added | cleared
        )


def _sequence(parsed: Any, scope: _Scope) -> Part:
    parts = [_part(parsed.state, op, value, scope) for op, value in parsed]

    def in_turn(text: str) -> Ways:
        return functools.reduce(_then, (part(text) for part in parts), _stay(text))

    return in_turn


def _part(state: Any, op: Any, value: Any, scope: _Scope) -> Part:
    name = str(op)
    match name, value:
        case "BRANCH", (_, choices):
            return _either([_sequence(choice, scope.within()) for choice in choices])
        case "SUBPATTERN", (_, added, cleared, inner):
            return _sequence(inner, scope.within(added, cleared))
        case "MAX_REPEAT" | "MIN_REPEAT", (least, most, inner):
            return _repeated(_sequence(inner, scope.within()), int(least), int(most))
        case "ASSERT" | "ASSERT_NOT", (direction, inner):
            width = inner.getwidth()[0] if direction < 0 else None
            return _seen(_sequence(inner, scope.within()), width, name == "ASSERT")
        case _ if name in _AT_ONCE:
            return _at_once(_alone(state, (op, value), scope))
        case _:
            raise ValueError(f"it has {_REFUSED.get(name, name)}")


def _alone(state: Any, node: tuple[Any, Any], scope: _Scope) -> re.Pattern[str]:
    """An expression of its own of one part."""
    inner = _PARSER.SubPattern(state, [node])
    group = (_GROUP, (None, scope.added, scope.cleared, inner))
    compiled: re.Pattern[str] = _COMPILER.compile(_PARSER.SubPattern(state, [group]))
    return compiled


def _at_once(part: re.Pattern[str]) -> Part:
    def ways(text: str) -> Ways:
        found = (part.match(text, place) for place in range(len(text) + 1))
        return tuple(1 << match.end() if match else 0 for match in found)

    return ways


def _either(choices: Sequence[Part]) -> Part:
    return lambda text: functools.reduce(_or, (choice(text) for choice in choices))


def _repeated(part: Part, least: int, most: int) -> Part:
    """So many times; what one time more than there are characters leads to, each more does."""

    def ways(text: str) -> Ways:
        once, ways, enough = part(text), _stay(text), len(text) + 1
        for _ in range(min(least, enough)):
            ways = _then(ways, once)
        for _ in range(min(most - least, enough)):
            ways = _or(ways, _then(ways, once))
        return ways

    return ways


def _seen(part: Part, width: int | None, wanted: bool) -> Part:
    """Look ahead, or back by a width, and stay."""

    def ways(text: str) -> Ways:
        found = part(text)
        there = (_is_seen(found, place, width) for place in range(len(text) + 1))
        return tuple(
            1 << place if is_there is wanted else 0 for place, is_there in enumerate(there)
        )

    return ways


def _is_seen(found: Ways, place: int, width: int | None) -> bool:
    if width is None:
        return bool(found[place])
    return place >= width and bool(found[place - width] & 1 << place)


def _stay(text: str) -> Ways:
    return tuple(1 << place for place in range(len(text) + 1))


def _then(first: Ways, second: Ways) -> Ways:
    return tuple(
        functools.reduce(operator.or_, (w for p, w in enumerate(second) if ends >> p & 1), 0)
        for ends in first
    )


def _or(first: Ways, second: Ways) -> Ways:
    return tuple(map(operator.or_, first, second))
