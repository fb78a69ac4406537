"""The note of a pass that changed nothing: what it rested on, and what it said."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from pci_placement.state.folder import Folder

QUIET = ".quiet"
_LARGEST = 2**24


@dataclass(frozen=True, slots=True)
class Way:
    """The way to Placement as it was gone: a URL, and all that a request there needs."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    verify: bool | str
    cert: str | Sequence[str] | None
    timeout: float


@dataclass(frozen=True, slots=True)
class Note:
    """What one pass rested on.

    inputs is the digest of everything but Placement, answers one of what Placement said, ours the
    providers whose generations count, asked those whose consumers were asked for. It holds from
    written_at until expires, in seconds since 1970. code is what the pass ended with, said
    what it logged, by level and line. metrics_file is where passes are counted, if they are.
    """

    inputs: str
    answers: str
    root: str
    ours: Sequence[str]
    asked: Sequence[str]
    written_at: float
    expires: float
    code: int
    said: Sequence[tuple[int, str]]
    metrics_file: str
    way: Way


def read_note(state_dir: str, stem: str) -> Note | None:
    """Read a note; one that is missing, damaged, or readable by others is none."""
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
        content = json.loads(Folder(state_dir).read(f"{stem}{QUIET}", _LARGEST).decode())
        way = _exactly(Way, content.pop("way"))
        return Note(**content, way=way)
    return None


def write_note(state_dir: str, stem: str, note: Note | None) -> None:
    """Keep a note, or none: it has a token in it. That it cannot be kept costs time and no more."""
    with contextlib.suppress(OSError):
        folder, name = Folder(state_dir), f"{stem}{QUIET}"
        if note is None:
            folder.remove(name)
        else:
            folder.write(name, json.dumps(asdict(note)).encode(), secret=True)


def _exactly(kind: type[Way], content: Mapping[str, Any]) -> Way:
    if content.keys() != {each.name for each in fields(kind)}:
        raise ValueError("these are not its fields")
    return kind(**content)
