"""A case as its file has it, read strictly: a word that nobody knows would check nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("public.jsonl")

Columns = Mapping[str, Any]
"""What is wanted of some columns of a row."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some row fits `where`, and all that do also fit `wanted`."""

    where: Columns
    wanted: Columns


@dataclass(frozen=True, slots=True)
class Expect:
    """What a command is to end with, print, and not print."""

    codes: tuple[int, ...] = ()
    rows: tuple[Rows, ...] = ()
    norows: tuple[Columns, ...] = ()
    text: tuple[re.Pattern[str], ...] = ()
    notext: tuple[re.Pattern[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that somebody makes, and how Placement is to answer."""

    provider: str
    resource_class: str
    amount: int
    consumer: str | None
    status: int


@dataclass(frozen=True, slots=True)
class Part:
    """What happens to the host and in Placement, then one command, then what is expected."""

    files: Mapping[str, str] | None = None
    config: str | None = None
    root: str | None = None
    rename: tuple[str, str] | None = None
    claim: Claim | None = None
    release: str | None = None
    lose_state: bool = False
    args: tuple[str, ...] = ()
    expect: Expect | None = None
    placement: Mapping[str, Any] = field(default_factory=dict)

    @property
    def judges(self) -> bool:
        """Whether it can fail."""
        return bool(self.expect or self.placement or self.claim)


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the file; its parts share a host, a state folder and a Placement."""

    id: str
    source: str
    title: str
    parts: tuple[Part, ...]
    needs_placement: bool


def read_cases(file: Path = FILE) -> list[Case]:
    """Read every case of a file."""
    return [read_case(json.loads(line)) for line in file.read_text().splitlines()]


def read_case(line: dict[str, Any]) -> Case:
    """Read one case; its field `now` is of the day it was made, and read by nobody."""
    left = {key: value for key, value in line.items() if key != "now"}
    about = {key: left.pop(key) for key in ("id", "source", "title")}
    steps = left.pop("steps", None)
    if steps is not None and left:
        raise ValueError(f"{about['id']}: beside its steps a case cannot have {', '.join(left)}")
    parts = tuple(map(read_part, [left] if steps is None else steps))
    if not any(part.judges for part in parts):
        raise ValueError(f"{about['id']}: expects nothing, so it cannot fail")
    asks = any("@URL@" in (part.config or "") for part in parts)
    return Case(**about, parts=parts, needs_placement=steps is not None or asks)


def read_part(line: dict[str, Any]) -> Part:
    """Read one part of a case."""
    left = dict(line)
    claim, who, status = (left.pop(key, None) for key in ("claim", "as", "status"))
    args, expect, rename = (left.pop(key, None) for key in ("args", "expect", "rename"))
    if expect is not None and not args:
        raise ValueError(f"{expect} is expected of a command, and there is none")
    if claim is None and (who, status) != (None, None):
        raise ValueError("`as` and `status` belong to a claim, and there is none")
    return Part(
        claim=Claim(*claim, who, status or 204) if claim else None,
        args=tuple(args or ()),
        expect=None if expect is None else read_expect(**expect),
        rename=tuple(rename) if rename else None,
        **left,
    )


def read_expect(rc=(), rows=(), norows=(), text=(), notext=()) -> Expect:
    """Read what is expected of a command; something must be."""
    found = Expect(
        tuple(rc) if isinstance(rc, list | tuple) else (rc,),
        tuple(Rows(row["where"], row.get("is", {})) for row in map(_known, rows)),
        tuple(norows),
        _patterns(text),
        _patterns(notext),
    )
    if found == Expect():
        raise ValueError("an `expect` that expects nothing cannot fail")
    return found


def _known(row: dict[str, Any]) -> dict[str, Any]:
    if row.keys() - {"where", "is"}:
        raise ValueError(f"a row has `where` and `is`, not {', '.join(row)}")
    return row


def _patterns(texts: list[str] | tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    if isinstance(texts, str):  # or each of its letters would be an expression
        raise TypeError(f"not a list of expressions: {texts}")
    return tuple(re.compile(text, re.IGNORECASE) for text in texts)
