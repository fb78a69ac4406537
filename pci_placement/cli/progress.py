"""A line on a terminal that says that something goes on, once a command takes a moment."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pci_placement.text.counts import counted
from pci_placement.text.visible import Ours

if TYPE_CHECKING:
    from pci_placement.placement.trail import Answered

PATIENCE = 1.0
"""Seconds after which a person wonders, and after which the line is written anew."""
_BEGIN, _END = "\r", "\033[K"


class Progress:
    """Counts the requests of a command; the line is taken away before anything else is told."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._sent = self._written = 0
        self._shown = self._is_silent = False
        self._lock = threading.Lock()

    def heard(self, answered: Answered) -> None:
        """Count a request that was answered."""
        self._sent += 1
        self._written += answered.method != "GET"

    def end(self) -> None:
        """Take the line away, where it stands, and never write it again."""
        with self._lock:
            self._is_silent = True
            self._clear()

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Have no line for as long as this lasts: something else is written, or read."""
        with self._lock:
            before, self._is_silent = self._is_silent, True
            self._clear()
        try:
            yield
        finally:
            self._is_silent = before

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write(Ours(_BEGIN + _END))
            self._shown = False

    def show(self) -> None:
        """Write the line, or write it anew."""
        with self._lock:
            if self._is_silent:
                return
            sys.stderr.write(Ours(f"{_BEGIN}{self.line()}{_END}"))
            sys.stderr.flush()
            self._shown = True

    def line(self) -> str:
        """How long it takes, and how far it is."""
        requests = f"{counted(self._sent, 'request')} answered" if self._sent else "no answer yet"
        writes = f", of them {counted(self._written, 'write')}" if self._written else ""
        return f"… {self._clock() - self._began:.0f} s: {requests}{writes}"

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Keep the line true for as long as this lasts, where a person sees it."""
        if not (sys.stderr and sys.stderr.isatty()):
            yield
            return
        ended = threading.Event()
        ticking = threading.Thread(target=self.tick, args=(ended.wait,), daemon=True)
        ticking.start()
        try:
            yield
        finally:
            ended.set()
            ticking.join()
            self.end()

    def tick(self, is_over: Callable[[float], bool]) -> None:
        """Show the line again and again until, asked for so many seconds, it is over."""
        while not is_over(PATIENCE):
            self.show()
