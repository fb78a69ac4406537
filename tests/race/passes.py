"""Passes, one after the other: through the library, and through the command in another process."""

import contextlib
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from support.daemons import PATIENCE

from pci_placement.discovery.sysfs import Sysfs
from pci_placement.errors import (
    GenerationConflict,
    Locked,
    PciPlacementError,
    Unreachable,
    Unsettled,
)
from pci_placement.model import Snapshot
from pci_placement.passes.values import PassReport
from pci_placement.placement import Client, connect
from pci_placement.settings import ConfigPath, load
from pci_placement.state.store import StateFile
from pci_placement.sync import Reconciler

from .account import Account
from .judge import Judge
from .world import Moment, World

EXPECTED = (GenerationConflict, Locked, Unreachable, Unsettled)
"""What may end a pass among other writers, on a host that does not keep still."""

EXIT_CODES = {0: "done", 4: "withheld", 5: "done in part", 75: "try again later"}


class _ToldClient(Client):
    """Counts how many plans were carried out: more than one is a conflict that was planned anew."""

    applied = 0
    note: Callable[[str], None]

    def apply(self, *arguments: Any, **options: Any) -> Any:
        """Carry out a plan."""
        self.applied += 1
        self.note(f"try {self.applied} begins")
        outcome = super().apply(*arguments, **options)
        for done in outcome.results:
            what = getattr(done.action, "inventories", "")
            self.note(
                f"{type(done.action).__name__} {done.action.name} {what} {done.result} {done.why}"
            )
        return outcome


class Passes:
    """What the agent does, once for each call."""

    def __init__(self, world: World, judge: Judge, account: Account) -> None:
        self._world, self._judge, self._account = world, judge, account
        self.turn = threading.Lock()
        """Held for a pass; the command may take it, or find out that it was not its turn."""

    def run(self, force: bool = False) -> PassReport | None:
        """Make one pass; None where an error ended it, which is told."""
        with self.turn:
            return self._run(force)

    def _run(self, force: bool) -> PassReport | None:
        config = self._world.settled[0]
        settings = load([ConfigPath(str(self._world.config))])
        seen: list[int] = []

        def scan() -> Snapshot:
            seen.append(self._world.settled[1])
            return Sysfs(self._world.sysfs).read()

        client = _ToldClient(connect(settings.conf))
        client.note = lambda line: self._account.note(f"pass: {line}")
        reconciler = Reconciler(settings, scan, client, time.sleep, force)
        try:
            with self._locked(reconciler) as report:
                # before the lock is given back: nobody else has written since
                self._carried_out(report, client.applied, (config, seen[-1]))
        except PciPlacementError as error:
            self._ended(error)
            return None
        return report

    @contextlib.contextmanager
    def _locked(self, reconciler: Reconciler) -> Iterator[PassReport]:
        settings = reconciler.settings
        state = StateFile(settings.state_dir, self._world.root.uuid)
        with state.lock():
            report = reconciler.run_once(state.load())
            state.save(report.last_pass)
            yield report

    def _ended(self, error: PciPlacementError) -> None:
        self._account.count("passes", type(error).__name__)
        self._account.note(f"pass: {type(error).__name__}: {error}")
        if not isinstance(error, EXPECTED):
            self._judge.fault(f"a pass ended with {type(error).__name__}: {error}")

    def _carried_out(self, report: PassReport, applied: int, seen: Moment) -> None:
        stopped = report.outcome.stopped
        if stopped:
            self._ended(stopped)
        elif report.outcome.failed or report.planned.held:
            self._account.count("passes", "done in part")
        else:
            self._account.count("passes", "done")
        if applied > 1 and not stopped:
            self._account.count("passes resolved", "conflicts planned anew")
        for breach in report.planned.breaches:
            self._judge.fault(f"a plan was not safe: {breach}")
        self._tell(report)
        self._judge.passed(report, seen)

    def _tell(self, report: PassReport) -> None:
        for done in report.outcome.results:
            if done.result != "done" and not done.why:
                self._judge.fault(f"a pass does not say why it did not carry out {done.action}")
        for what, why in report.planned.held.items():
            self._account.note(f"pass: left as it is: {what}: {why}")


class LibraryPasses(threading.Thread):
    """Pass after pass until `stop`, with short pauses in between."""

    def __init__(self, passes: Passes, judge: Judge, random: Random) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.crash: Exception | None = None
        self._passes, self._judge, self._random = passes, judge, random

    def run(self) -> None:
        """Go on until told to stop."""
        while not self.stop.wait(self._random.choices((0.01, 0.2), (2, 1))[0]):
            try:
                self._passes.run()
            except Exception:
                self._judge.fault(f"a pass ended with a traceback: {traceback.format_exc()}")


class CommandPasses(threading.Thread):
    """`pci-placement sync` in a process of its own, now and then until `stop`."""

    def __init__(
        self, world: World, judge: Judge, account: Account, turn: threading.Lock, random: Random
    ) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.crash: Exception | None = None
        self._world, self._judge, self._account = world, judge, account
        self._turn, self._random = turn, random

    def run(self) -> None:
        """Go on until told to stop."""
        try:
            while not self.stop.wait(self._random.random()):
                with self._turn if self._random.random() < 0.5 else contextlib.nullcontext():
                    self._run()
        except Exception as error:  # the verdict tells
            self.crash = error

    def _run(self) -> None:
        full = ["--full"] if self._random.random() < 0.2 else []
        config, sysfs = str(self._world.config), str(self._world.sysfs)
        program = str(Path(sys.executable).with_name("pci-placement"))
        command = [program, "--config-file", config, "--sysfs", sysfs, "sync", *full]
        # it reads the configuration before it waits for the lock
        with self._judge.another_pass():
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        self._account.count("commands", EXIT_CODES.get(done.returncode, f"{done.returncode}?"))
        self._account.note(f"command: {done.returncode}: {done.stdout}{done.stderr}")
        said = done.stderr.strip()
        clean = done.returncode in EXIT_CODES and (said or not done.returncode)
        if not clean or "Traceback" in said or "should not happen" in said:
            self._judge.fault(f"the command ended with {done.returncode}: {said}")
