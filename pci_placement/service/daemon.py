"""The process: a thread that waits for signals, one that makes passes, one that listens.

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
from typing import Protocol

from pci_placement.errors import ExitCode, PciPlacementError
from pci_placement.placement.bounds import Bounds

from .attended import Attended
from .logs import start_logging
from .loop import Passes, Wake, drive, rounds
from .metrics.observer import Metrics
from .notify import Notify
from .pace import Pace
from .pulse import Pulse
from .report import Report
from .work import Work, paths_of

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


class Loop(Passes, Protocol):
    """Passes that a process can be made of."""

    @property
    def longest(self) -> float:
        """Seconds that a pass may take."""

    def waits(self, seconds: float) -> None:
        """Hear that nothing will be done for so long."""


def serve(arguments: argparse.Namespace) -> int:
    """Make passes until SIGTERM or SIGINT; gives the exit code."""
    # before there is a second thread, which inherits it
    signal.pthread_sigmask(signal.SIG_BLOCK, MEANING)
    start_logging(arguments)
    inbox, report, notify = Inbox(), Report(), Notify.of(os.environ)
    metrics = Metrics(report)
    try:
        work = Work(arguments, report, metrics, inbox.bounds)
    except PciPlacementError as error:
        report.refused(error)
        metrics.refused(paths_of(arguments))
        return int(error.exit_code)
    metrics.publish()
    return run_until_ended(Attended(work, report, notify, inbox.put), report, inbox, notify)


def run_until_ended(loop: Loop, report: Report, inbox: Inbox, notify: Notify) -> int:
    """Make passes until a signal means the end, which has to be blocked; gives the exit code."""
    crashed, pulse = threading.Event(), Pulse(time.monotonic)
    main = threading.get_ident()

    def passes() -> None:
        try:
            # this clock counts from the boot of the host
            # Source: man-pages, man2/clock_getres.2, CLOCK_MONOTONIC.
            drive(rounds(loop, Pace(random.uniform), time.monotonic), _waits(loop, inbox, pulse))
        except BaseException as error:
            crashed.set()
            report.crashed(error)
            signal.pthread_kill(main, signal.SIGTERM)

    thread = threading.Thread(target=passes, name="passes", daemon=True)
    report.started(loop.interval)
    thread.start()
    _pass_on_signals(inbox.put, notify, pulse)
    notify.stopping()
    thread.join(GRACE)
    report.ended(thread.is_alive())
    code = ExitCode.ERROR if crashed.is_set() else ExitCode.DONE
    if thread.is_alive():
        _end_as_it_is(code)
    return int(code)


def _waits(loop: Loop, inbox: Inbox, pulse: Pulse) -> Callable[[float], Wake]:
    """How the loop waits: it tells before for how long, and after how long a pass may take."""

    def wait(seconds: float) -> Wake:
        loop.waits(seconds)
        pulse.expect(seconds)
        wake = inbox.wait(seconds)
        pulse.expect(loop.longest)
        return wake

    return wait


def _pass_on_signals(put: Callable[[Wake], None], notify: Notify, pulse: Pulse) -> None:
    """Wait for signals until one of them means the end; meanwhile tell that the loop is alive."""
    while True:
        number = _next_signal(notify.watchdog / 2)
        if number is not None:
            put(MEANING[number])
            if MEANING[number] is Wake.STOP:
                return
        elif pulse.is_felt(notify.watchdog):
            notify.alive()


def _next_signal(seconds: float) -> signal.Signals | None:
    """The next of our signals; None if there is none within this time, where it is not 0."""
    if not seconds:
        return signal.Signals(signal.sigwait(MEANING))
    got = signal.sigtimedwait(MEANING, seconds)
    return signal.Signals(got.si_signo) if got else None


def _end_as_it_is(code: int) -> None:
    """End though a request is under way: as kill -9 would, which the next pass makes up for."""
    logging.shutdown()
    os._exit(code)
