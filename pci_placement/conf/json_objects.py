"""Strict reading of the JSON objects that the whitelist and alias options hold.

`json.loads` forgives what an operator would want to hear about: a key given twice, NaN, a number
where an id was meant. Everything wrong is gathered as a `Problem`; nothing here raises.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pci_placement.model import DevType, Problem, Severity, Source

from .keys import hint
from .slips import slip

T = TypeVar("T")

SEVERAL = "several objects are a list, [{…}, {…}], or an assignment each"

# Source: oslo_utils/strutils.py, TRUE_STRINGS and FALSE_STRINGS.
_TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})
_FALSE = frozenset({"0", "f", "false", "off", "n", "no"})
_SYNONYMS = {dev_type.removeprefix("type-"): dev_type for dev_type in DevType}


@dataclass(frozen=True, slots=True)
class OptionValue:
    """One value of a multi-valued option, as oslo.config gives it, and where it stands."""

    source: Source
    text: str


class _Rejected(ValueError):
    """JSON that the standard parser accepts and we do not."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    counts = Counter(key for key, _ in pairs)
    twice = sorted(key for key, count in counts.items() if count > 1)
    if twice:
        raise _Rejected(f"the key {twice[0]!r} is given twice")
    return dict(pairs)


def _no_constant(text: str) -> Any:
    raise _Rejected(f"{text} is not JSON")


def _load(text: str) -> Any:
    content = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    # half of a surrogate pair, and what is nested almost too deeply, could not be shown again
    json.dumps(content, ensure_ascii=False).encode()
    return content


def _json_problem(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, RecursionError):
        return "not usable JSON: it is nested too deeply"
    if isinstance(error, UnicodeError):
        return "not usable JSON: it contains half of a surrogate pair"
    return f"not usable JSON: {error}"


@dataclass(slots=True)
class Fields:
    """One JSON object being read: each key is checked, problems are gathered."""

    source: Source
    content: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_valid(self) -> bool:
        """Whether nothing that makes the object unusable was found (yet)."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)

    def error(self, problem: str, suggestion: str = "") -> None:
        """Note something that makes the object unusable."""
        self.problems.append(Problem(problem, suggestion, self.source))

    def warn(self, problem: str, suggestion: str = "") -> None:
        """Note something that the operator should know and we can live with."""
        self.problems.append(Problem(problem, suggestion, self.source, Severity.WARNING))

    def check_keys(self, known: Collection[str]) -> None:
        """Note each key that means nothing here: a typo would select more than was meant."""
        for key in self.content:
            if key not in known:
                self.error(f"unknown key {key!r}", hint(key, known))

    def take(self, readers: Mapping[str, Reader]) -> dict[str, Any]:
        """Read each key, whether it is there or not, by its reader."""
        return {key: read(self, key) for key, read in readers.items()}

    def text(self, key: str, example: str = "") -> str | None:
        """Take a string that is not blank, stripped; None where the key is absent."""
        if key not in self.content:
            return None
        value = self.content[key]
        if isinstance(value, str) and value.strip():
            return value.strip()
        hint = f'write "{key}": "{example}" or leave {key} out' if example else ""
        self.error(f"{key} must be a string that is not empty, not {_show(value)}", hint)
        return None

    def convert(self, key: str, make: Callable[[str], T], example: str = "") -> T | None:
        """Take a string and make a value of it; ValueError of `make` becomes a problem."""
        text = self.text(key, example)
        try:
            return None if text is None else make(text)
        except ValueError as error:
            self.error(f"{key}: {error}", f'write, for example, "{key}": "{example}"')
            return None

    def flag(self, key: str) -> bool | None:
        """Take a JSON boolean or one of the words that nova takes for one.

        Source: oslo_utils/strutils.py, TRUE_STRINGS and FALSE_STRINGS.
        """
        value = self.content.get(key)
        if value is None or isinstance(value, bool):
            if key in self.content and value is None:
                self.error(f"{key} must be true or false, not null")
            return value
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in _TRUE | _FALSE:
            self.error(f"{key} must be true or false, not {_show(value)}")
        return word in _TRUE

    def dev_type(self, key: str) -> DevType | None:
        """Take a device type; zun's short forms are read with a warning."""
        text = self.text(key, DevType.VF)
        if text is None or text in list(DevType):
            return DevType(text) if text else None
        if text in _SYNONYMS:
            self.warn(f"{key} {text!r} is read as {_SYNONYMS[text]}", "write it in full")
            return _SYNONYMS[text]
        self.error(f"{key} {text!r} is not a device type", f"write {', '.join(DevType)}")
        return None

    def names(self, key: str, make: Callable[[str], T]) -> frozenset[T]:
        """Take a comma-separated string or a list of strings, each made into a name."""
        value = self.content.get(key, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.error(f"{key} must be a string or a list of strings, not {_show(value)}")
            return frozenset()
        parts = [part for item in items for part in item.split(",") if part.strip()]
        return frozenset(self._made(key, parts, make))

    def _made(self, key: str, parts: list[str], make: Callable[[str], T]) -> Iterable[T]:
        for part in parts:
            try:
                yield make(part)
            except ValueError as error:
                self.error(f"{key}: {error}")


Reader = Callable[[Fields, str], Any]
"""How the value of one key is read: what is wrong with it is noted, and what is absent is None."""


def _show(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def hex_number(text: str, what: str, most: int | None = None) -> int:
    """Read hexadecimal digits only: no sign, prefix, underscore or foreign digit.

    Raises ValueError where it is anything else or greater than `most`.
    """
    if not re.fullmatch(r"[0-9a-f]+", text, re.ASCII | re.IGNORECASE):
        raise ValueError(f"{what} {text!r} is not a hexadecimal number")
    number = int(text, 16)
    if most is not None and number > most:
        raise ValueError(f"{what} {text!r} is greater than {most:x}")
    return number


def read_objects(values: Iterable[OptionValue]) -> tuple[list[Fields], list[Problem]]:
    """Read every JSON object of an option; a value holds one, or a list of them.

    The objects of one file and option are numbered from 1 in the order in which they stand.

    Source: nova/pci/whitelist.py, Whitelist._parse_white_list_from_config.
    """
    objects: list[Fields] = []
    problems: list[Problem] = []
    counts: dict[tuple[str, str], int] = {}
    for value in values:
        spelled = (value.source.file, value.source.option)
        for content, below, text in _contents(value.text):
            counts[spelled] = counts.get(spelled, 0) + 1
            line = value.source.line and value.source.line + below
            source = Source(*spelled, counts[spelled], line, " ".join(text.split()))
            if isinstance(content, dict):
                objects.append(Fields(source, content))
            else:
                problems.append(_not_an_object(source, content))
    return objects, problems


def _contents(text: str) -> list[_Content]:
    try:
        content = _load(text)
    except (ValueError, RecursionError) as error:
        return [(error, 0, text)]
    if not isinstance(content, list):
        return [(content, 0, text)]
    return [(item, *place) for item, place in zip(content, _places(text), strict=True)]


_Content = tuple[Any, int, str]
"""What a text holds, so many lines below the first, and how it is written."""
_BETWEEN = re.compile(r"[\s,]*")


def _places(text: str) -> Iterator[tuple[int, str]]:
    """Where each item of a JSON list stands, in lines below the first, and its text."""
    decoder, below, before = json.JSONDecoder(), 0, 0
    begin = _after_blanks(text, text.index("[") + 1)
    while text[begin] != "]":
        below += text.count("\n", before, begin)
        _, end = decoder.raw_decode(text, begin)
        yield below, text[begin:end]
        before, begin = begin, _after_blanks(text, end)


def _after_blanks(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _not_an_object(source: Source, content: Any) -> Problem:
    hint = 'write a JSON object such as {"vendor_id": "8086", "product_id": "0443"}'
    if isinstance(content, json.JSONDecodeError):
        at, is_extra = content.doc[content.pos :][:1], content.msg == "Extra data"
        hint = (SEVERAL if at in ("{", ",") else hint) if is_extra else hint + slip(content)
    if isinstance(content, Exception):
        return Problem(_json_problem(content), hint, source)
    return Problem(f"a JSON object is needed, not {_show(content)}", hint, source)
