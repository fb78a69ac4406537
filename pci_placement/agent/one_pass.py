"""One pass alone and remembered: lock, load, enabled? retired? run, save."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pci_placement.model import LastPass, PciAddress, Problem, Severity
from pci_placement.plan.left_over import left_by, left_over
from pci_placement.settings import Settings
from pci_placement.state.store import StateFile
from pci_placement.sync import PassReport, Reconciler

from .alone import Keeper
from .answers import Pass, PassAnswer, Preview, Standing
from .retirement import end_retirement, note_retirement, retired_since

INSECURE = Problem(
    "certificates are not checked (insecure = true): whoever answers instead of Keystone or "
    "Placement gets the password and the token",
    "name the authority's certificate (cafile) instead",
    severity=Severity.WARNING,
)

Run = Callable[[Reconciler, LastPass], PassReport]


@dataclass(frozen=True, slots=True)
class Agent:
    """Makes passes over one host: one at a time, each with what the last one remembered.

    reconciler is asked for when there is something to do: a host that is disabled, or that only
    looks at its devices, needs no credentials. tell hears at once what an answer says too, because
    a pass may take long, or end with an error.
    """

    settings: Settings
    reconciler: Callable[[], Reconciler]
    store: StateFile
    now: Callable[[], float] = time.time
    tell: Callable[[Standing | Problem], None] = lambda _: None

    def standing(self) -> Standing:
        """Whether this host is enabled, and since when it is retired.

        Raises PciPlacementError where nobody can tell: a pass might bring back what was retired.
        """
        return Standing(self.settings.enabled, retired_since(self.settings, self.store))

    def last_pass(self, full: bool = False) -> LastPass:
        """What the last pass left; after some time, or where asked for, all is read anew."""
        kept, now = self.store.load(), self.now()
        if full or not kept.read_at <= now < kept.read_at + self.settings.full_sync_interval:
            return replace(kept.to_be_read(), read_at=now)
        return kept

    def preview(self, full: bool = False, force: bool = False) -> Preview:
        """Plan without writing what sync would do, as if this host were enabled."""
        standing = self._told_standing()
        reconciler, last_pass = self._reconciler(force), self.last_pass(full)
        with self._in_time(reconciler):
            if standing.retired_since:
                return _preview_of_the_end(reconciler, last_pass, standing)
            return Preview(reconciler.look(last_pass), standing)

    def preview_retirement(self) -> Preview:
        """Plan without writing what retire would do."""
        reconciler = self._reconciler()
        with self._in_time(reconciler):
            return _preview_of_the_end(reconciler, self.last_pass())

    def sync(self, full: bool = False, force: bool = False) -> PassAnswer:
        """Make one pass: of the kind that this host's standing asks for, or none.

        Raises Locked while another one runs, and whatever ends a pass before its first write.
        """
        standing = self._told_standing()
        if not standing.enabled:
            return PassAnswer(standing)
        reconciler = self._reconciler(force)
        with self._alone() as keeper:
            standing = self.standing()  # somebody may have retired it before we were alone
            if standing.retired_since:
                return self._end(keeper, reconciler, standing, full)
            return PassAnswer(standing, self._make(keeper, reconciler, _offer, full))

    def retire(self) -> PassAnswer:
        """Make a pass that wants nothing, and let later ones want nothing either."""
        reconciler = self._reconciler()
        since = note_retirement(self.settings, self.store, self.now())
        with self._alone() as keeper:
            return self._end(keeper, reconciler, Standing(self.settings.enabled, since))

    def undo_retirement(self) -> str | None:
        """Let later passes offer what this host has; since when it was retired, None if not."""
        since = retired_since(self.settings, self.store)
        if since:
            end_retirement(self.settings, self.store)
        return since

    def set_drained(self, address: PciAddress, drained: bool) -> Pass:
        """Drain a device, or end that, and leave everything else as it is."""
        reconciler = self._reconciler()
        with self._alone() as keeper:
            return self._make(
                keeper, reconciler, lambda made, known: made.set_drained(address, drained, known)
            )

    def _told_standing(self) -> Standing:
        standing = self.standing()
        self.tell(standing)
        return standing

    def _reconciler(self, force: bool = False) -> Reconciler:
        made = replace(self.reconciler(), force=force)
        if made.client.insecure:
            self.tell(INSECURE)
        return made

    def _in_time(self, reconciler: Reconciler) -> contextlib.AbstractContextManager[None]:
        return reconciler.client.within(self.settings.pass_timeout)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[Keeper]:
        keeper = Keeper(self.settings.state_dir, self.store, self.tell)
        with keeper.alone():
            for problem in self.store.complaints():
                self.tell(problem)
            yield keeper

    def _make(self, keeper: Keeper, reconciler: Reconciler, run: Run, full: bool = False) -> Pass:
        before = reconciler.client.sent
        with self._in_time(reconciler):
            report = run(replace(reconciler, keep=keeper.keep), self.last_pass(full))
        keeper.keep(report.last_pass)
        return Pass(report, reconciler.client.sent - before, keeper.problem)

    def _end(
        self, keeper: Keeper, reconciler: Reconciler, standing: Standing, full: bool = False
    ) -> PassAnswer:
        made = self._make(keeper, reconciler, Reconciler.retire, full)
        left = left_over(made.report.planned.observed, made.report.last_pass.providers)
        return PassAnswer(standing, made, retires=True, left=left)


def _offer(reconciler: Reconciler, last_pass: LastPass) -> PassReport:
    if reconciler.settings.create_root:
        reconciler.ensure_root()
    return reconciler.run_once(last_pass)


def _preview_of_the_end(
    reconciler: Reconciler, last_pass: LastPass, standing: Standing | None = None
) -> Preview:
    planned = reconciler.look_at_the_end(last_pass)
    left = left_by(planned.plan, planned.observed)
    return Preview(planned, standing, retires=True, left=left)
