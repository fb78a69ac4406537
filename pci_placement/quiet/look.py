"""The quick look: is everything as it was when a pass found nothing to do?"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import NamedTuple

from keystoneauth1.exceptions import ClientException

from pci_placement.discovery.raw import read

from .ask import Unlike, ask
from .counting import count_spared
from .inputs import digest_of_files, digest_of_inputs
from .invocation import Invocation
from .note import Note, read_note

PATIENCE = 30.0
"""Seconds after which the whole pass, which has bounds of its own, takes over."""


class Answer(NamedTuple):
    """What the pass that the note is of ended with, and said."""

    code: int
    said: Sequence[tuple[int, str]]


def look(invocation: Invocation, now: float | None = None) -> Answer | None:
    """The answer of the last pass, if another one would give the same; None where it might not."""
    with (
        contextlib.suppress(
            OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError
        ),
        contextlib.suppress(Unlike, ClientException),
        _in_time(PATIENCE),
    ):
        return _look(invocation, time.time() if now is None else now)
    return None


def _look(invocation: Invocation, now: float) -> Answer | None:
    for state_dir in dict.fromkeys(invocation.state_dirs()):
        note = read_note(state_dir, invocation.stem)
        if note and _holds(note, invocation, state_dir, now):
            if note.metrics_file:
                count_spared(note.metrics_file, 1 + len(note.asked), now)
            return Answer(note.code, note.said)
    return None


def _holds(note: Note, invocation: Invocation, state_dir: str, now: float) -> bool:
    return (
        note.written_at <= now < note.expires
        and _inputs(invocation, state_dir) == note.inputs
        and ask(note.way, note.root, frozenset(note.ours), note.asked) == note.answers
    )


def _inputs(invocation: Invocation, state_dir: str) -> str:
    return digest_of_inputs(digest_of_files(invocation, state_dir), read(invocation.sysfs).digest)


@contextlib.contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    """Raise Unlike after so long: a server may drip its answer for ever."""

    def over(_number: int, _frame: FrameType | None) -> None:
        raise Unlike("it takes too long")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
