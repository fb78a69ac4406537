"""Where a command writes, log lines included: all of it is made fit for a terminal on the way.

What cannot be written is noticed while it can still be told: Python itself flushes at its exit, and
can then only complain of an "Exception ignored".
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn, TextIO

from pci_placement.errors import ExitCode
from pci_placement.text.folding import folded
from pci_placement.text.visible import Ours, visible

UNWRITABLE = "pci-placement: cannot write the output: {}"


def say(lines: Iterable[object]) -> None:
    """Tell a person something, a line each; data goes to stdout, this does not."""
    for line in lines:
        sys.stderr.write(f"{visible(str(line))}\n")


def terminal_width(stream: Any = None) -> int:
    """How many columns a stream has, by default stdout; no terminal has room for everything.

    What stands for a screen may say itself how wide that is.
    """
    stream = stream or sys.stdout
    if columns := getattr(stream, "columns", None):
        return int(columns)
    try:
        # a terminal that nobody told its size says 0
        return os.get_terminal_size(stream.fileno()).columns or sys.maxsize
    except (OSError, ValueError, AttributeError):
        return sys.maxsize


@contextlib.contextmanager
def checked() -> Iterator[TextIO]:
    """Give a stdout that is flushed at the end, and that ends the program when it fails."""
    out = _Checked(sys.stdout or _closed(), _give_up)
    err = _Folded(sys.stderr or _closed(), _stay_silent)
    with (
        _logged(sys.stderr, err),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            yield sys.stdout
        finally:
            out.flush()


@contextlib.contextmanager
def _logged(before: TextIO | None, now: _Checked) -> Iterator[None]:
    """Let log lines for one stream go through another: openstackclient set its handlers up before.

    Source: osc_lib/logs.py, LogConfigurator.
    """
    streams = [h for h in logging.root.handlers if isinstance(h, logging.StreamHandler)]
    handlers = [handler for handler in streams if handler.stream is before]
    for handler in handlers:
        handler.setStream(now)
    try:
        yield
    finally:
        for handler in handlers:
            handler.setStream(before)


class _Checked:
    """A stream that makes a text visible, and hands its errors to a function.

    All else of it is the stream's own.
    """

    def __init__(self, stream: TextIO, failed: Callable[[OSError], None]) -> None:
        self._stream = stream
        self._failed = failed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or hand over why that is impossible."""
        shown = text if isinstance(text, Ours) else self._as_shown(text)
        with self._handed_over():
            self._stream.write(shown)
        return len(text)

    def _as_shown(self, text: str) -> str:
        return visible(text, "\n")

    def flush(self) -> None:
        """Flush, or hand over why that is impossible."""
        with self._handed_over():
            self._stream.flush()

    @contextlib.contextmanager
    def _handed_over(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            _discard(self._stream)
            self._failed(error)


class _Folded(_Checked):
    """The same for sentences, which a terminal would break in the middle of a word."""

    def _as_shown(self, text: str) -> str:
        return folded(super()._as_shown(text), terminal_width(self._stream))


def _give_up(error: OSError) -> NoReturn:
    """End the program as --help does: no handler between here and there takes it for a bug."""
    if not isinstance(error, BrokenPipeError):  # whoever reads has seen enough
        say([UNWRITABLE.format(error.strerror)])
    raise SystemExit(ExitCode.ERROR)


def _stay_silent(_error: OSError) -> None:
    """Nobody listens; the exit code still tells."""


def _discard(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, or Python tries again at its exit."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def _closed() -> TextIO:
    """A stream that fails as a closed one does, in place of the None that Python gives for it."""
    return os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
