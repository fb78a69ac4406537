"""The process: one thread that waits for signals, one that makes passes.

A signal reaches whoever waits for it and interrupts nobody: Python runs handlers in the main thread
alone, and not before what it does there is done, as looking up a name may take a minute.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from pci_placement.errors import ExitCode, PciPlacementError
from pci_placement.placement.bounds import Bounds

from .logs import start_logging
from .loop import Passes, Wake, drive, rounds
from .pace import Pace
from .report import Report
from .work import Work

GRACE = 4.0
"""Seconds that the request which is under way may take once the process is to end."""

MEANING = {
    signal.SIGTERM: Wake.STOP,
    signal.SIGINT: Wake.STOP,
    signal.SIGHUP: Wake.RELOAD,
    signal.SIGUSR1: Wake.NOW,
}


@dataclass(frozen=True, slots=True)
class Inbox:
    """What the loop is woken by, from any thread."""

    _waiting: SimpleQueue[Wake] = field(default_factory=SimpleQueue)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def put(self, wake: Wake) -> None:
        """Wake the loop, or end its next wait at once."""
        if wake is Wake.STOP:
            self._stopped.set()
        self._waiting.put(wake)

    def wait(self, seconds: float) -> Wake:
        """Wait for something, but no longer than this; what came together is answered once."""
        found = [Wake.TIME]
        try:
            found.append(self._waiting.get(timeout=min(seconds, threading.TIMEOUT_MAX)))
            while True:
                found.append(self._waiting.get_nowait())
        except Empty:
            return max(found)

    @property
    def bounds(self) -> Bounds:
        """Patience that ends when the loop is to end."""
        return Bounds(wait=self._pause, stopped=self._stopped.is_set)

    def _pause(self, seconds: float) -> None:
        self._stopped.wait(seconds)


def serve(arguments: argparse.Namespace) -> int:
    """Make passes until SIGTERM or SIGINT; gives the exit code."""
    # before there is a second thread, which inherits it
    signal.pthread_sigmask(signal.SIG_BLOCK, MEANING)
    start_logging(arguments)
    inbox, report = Inbox(), Report()
    try:
        work = Work(arguments, report, inbox.bounds)
    except PciPlacementError as error:
        report.refused(error)
        return int(error.exit_code)
    return run_until_ended(work, report, inbox)


def run_until_ended(work: Passes, report: Report, inbox: Inbox) -> int:
    """Make passes until a signal means the end, which has to be blocked; gives the exit code."""
    crashed = threading.Event()
    main = threading.get_ident()

    def passes() -> None:
        try:
            # this clock counts from the boot of the host
            # Source: man-pages, man2/clock_getres.2, CLOCK_MONOTONIC.
            drive(rounds(work, Pace(random.uniform), time.monotonic), inbox.wait)
        except BaseException as error:
            crashed.set()
            report.crashed(error)
            signal.pthread_kill(main, signal.SIGTERM)

    thread = threading.Thread(target=passes, name="passes", daemon=True)
    report.started(work.interval)
    thread.start()
    _pass_on_signals(inbox.put)
    thread.join(GRACE)
    report.ended(thread.is_alive())
    code = ExitCode.ERROR if crashed.is_set() else ExitCode.DONE
    if thread.is_alive():
        _end_as_it_is(code)
    return int(code)


def _pass_on_signals(put: Callable[[Wake], None]) -> None:
    """Wait for signals until one of them means the end."""
    meaning = Wake.TIME
    while meaning is not Wake.STOP:
        meaning = MEANING[signal.Signals(signal.sigwait(MEANING))]
        put(meaning)


def _end_as_it_is(code: int) -> None:
    """End though a request is under way: as kill -9 would, which the next pass makes up for."""
    logging.shutdown()
    os._exit(code)
