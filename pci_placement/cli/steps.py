"""What a command is at, for who wants to know: with -v each step, with -vv each request too."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pci_placement.agent.words import about
from pci_placement.model import Snapshot
from pci_placement.model.outcome import Done
from pci_placement.text.counts import counted

if TYPE_CHECKING:
    from pci_placement.passes.values import PlannedPass
    from pci_placement.placement.trail import Answered
    from pci_placement.sync import Reconciler

STEPS, WIRE, LIBRARIES = 2, 3, 4
"""How verbose somebody is who gave -v, -vv, -vvv."""
READ = "read {}"
SCANNED = "looked at {}: {}"
PLANNED = "planned {}"
WROTE = "{}: {} {}"
ENDED_WITH = "done"
_LONGEST = 200


class Steps:
    """Tells of steps, each with the seconds since the beginning and the requests so far."""

    def __init__(
        self,
        tell: Callable[[str], None],
        verbosity: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell, self._verbosity, self._clock = tell, verbosity, clock
        self._began, self._sent = clock(), 0

    def reached(self, what: str) -> None:
        """Tell of a step that is done."""
        if self._verbosity >= STEPS:
            requests = f"; requests so far: {self._sent}" if self._sent else ""
            self._tell(f"{self._now()} {what}{requests}")

    def heard(self, answered: Answered) -> None:
        """Count a request, and tell of it where the wire is wanted: its path, and no header."""
        self._sent += 1
        if self._verbosity >= WIRE:
            self._tell(f"{self._now()} {wire(answered)}")

    def of_passes(self, reconciler: Reconciler, sysfs: str) -> Reconciler:
        """The same, telling what each pass is at."""

        def scan() -> Snapshot:
            found = reconciler.scan()
            self.reached(SCANNED.format(sysfs, counted(len(found.devices), "PCI function")))
            return found

        def approve(planned: PlannedPass) -> None:
            reconciler.approve(planned)
            self.reached(PLANNED.format(counted(len(planned.plan.actions), "action")))

        return replace(reconciler, scan=scan, approve=approve, told=self.done)

    def done(self, done: Done) -> None:
        """Tell what became of an action; why not, where it was not done."""
        told = WROTE.format(done.result, done.action.verb, about(done.action))
        self.reached("; ".join(filter(None, (told, done.why))))

    def _now(self) -> str:
        return f"{self._clock() - self._began:7.3f} s"


def wire(answered: Answered) -> str:
    """A request in one line: method, path, status, time, and the id under which it went."""
    path, became = answered.path, answered.status or "no answer"
    shown = path if len(path) <= _LONGEST else f"{path[:_LONGEST]}… ({len(path):,} characters)"
    took = f"{answered.seconds * 1000:.0f} ms"
    return f"{answered.method} {shown} {became} {took} {answered.global_request_id}"
