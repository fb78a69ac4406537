"""Whether a value is as wanted: plain, or by an expression, a negation or a least number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any


def fits(value: Any, wanted: Any) -> bool:
    """Whether a value is as wanted; of an object only what is named must be, an empty one all."""
    if not isinstance(wanted, Mapping):
        return bool(value == wanted)
    if judge := _judge(wanted):
        return judge(value, *wanted.values())
    if not wanted:
        return bool(value == {})
    return isinstance(value, Mapping) and all_fit(value, wanted)


def all_fit(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether each column that is named is there and as wanted; one that is not there never is."""
    return all(key in row and fits(row[key], part) for key, part in wanted.items())


def _matches(value: Any, pattern: str) -> bool:
    """Null matches nothing; what is no text is matched as JSON."""
    text = value if isinstance(value, str) else json.dumps(value)
    return value is not None and bool(re.search(pattern, text))


def _differs(value: Any, unwanted: Any) -> bool:
    return not fits(value, unwanted)


def _reaches(value: Any, least: float) -> bool:
    return isinstance(value, int | float) and value >= least


_JUDGES: Mapping[str, Callable[[Any, Any], bool]] = {
    "regex": _matches,
    "not": _differs,
    "min": _reaches,
}


def _judge(wanted: Mapping[str, Any]) -> Callable[[Any, Any], bool] | None:
    """Who judges an object with a single word; any other is an object to compare with."""
    return _JUDGES.get(*wanted) if len(wanted) == 1 else None
