"""One pass alone and remembered: lock, load, enabled? retired? run, save."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pci_placement.claims.record import with_clean
from pci_placement.discovery.scan import LIVE_SYSFS
from pci_placement.errors import ClaimUnknown
from pci_placement.model import (
    LastPass,
    LeftBehind,
    PciAddress,
    Problem,
    ProviderUuid,
    Severity,
)
from pci_placement.passes.values import PlannedPass
from pci_placement.quiet.told import ask_by
from pci_placement.settings import Settings
from pci_placement.state.roots import LEFT_BEHIND, Roots
from pci_placement.state.seen import Seen
from pci_placement.sync import Reconciler

from .answers import Pass, PassAnswer, Preview, Standing
from .claim_record import at_desk
from .elsewhere import find_other, go_on_elsewhere, lefts, look_back, told
from .ending import ended, preview_end, unless_gone
from .remembered import Memory
from .retirement import RETIRED_BELOW, armed, end_retirement, note_retirement, retired_since
from .turn import Turn, logged_in, turn
from .upkeep import kept_up

if TYPE_CHECKING:
    from .basis import Basis

Approve = Callable[[PlannedPass], None]

INSECURE = Problem(
    "certificates are not checked (insecure = true): whoever answers instead of Keystone or "
    "Placement gets the password and the token",
    "name the authority's certificate (cafile) instead",
    severity=Severity.WARNING,
)


@dataclass(frozen=True, slots=True)
class Agent:
    """Makes passes over one host: one at a time, each with what the last one remembered.

    reconciler is asked for when there is something to do: a host that is disabled, or that only
    looks at its devices, needs no credentials. tell hears at once what an answer says too, because
    a pass may take long, or end with an error.
    """

    settings: Settings
    reconciler: Callable[[], Reconciler]
    roots: Roots
    now: Callable[[], float] = time.time
    tell: Callable[[Standing | Problem], None] = lambda _: None
    sysfs: str = LIVE_SYSFS
    """Where the nodes of devices are looked up for container runtimes."""

    def standing(self) -> Standing:
        """Whether this host is enabled, and since when it is retired.

        Raises PciPlacementError where nobody can tell: a pass might bring back what was retired.
        """
        return self._standing(self.roots.remembered())

    def last_pass(self, full: bool = False) -> LastPass:
        """What the last pass left; after some time, or where asked for, all is read anew."""
        return self.memory.last_pass(self.roots.remembered(), full)

    @property
    def memory(self) -> Memory:
        """What earlier passes left, and for how long that is believed."""
        return Memory(self.roots, self.settings.full_sync_interval, self.now)

    def left_behind(self) -> tuple[LeftBehind, ...]:
        """What the last pass saw below roots that were this host's before."""
        return self.roots.left(self.roots.remembered())

    def preview(self, full: bool = False, force: bool = False) -> Preview:
        """Plan without writing what sync would do, as if this host were enabled."""
        before = self._told_standing()
        reconciler = self._reconciler(force)
        with self._in_time(reconciler):
            root = reconciler.find_root(self.roots.remembered())
            last_pass = self.memory.last_pass(root, full)
            standing = self._told_standing(root, before)
            reconciler = replace(reconciler, at=root)
            if standing.retired_since:
                return preview_end(reconciler, last_pass, standing)
            seen = look_back(reconciler.client, self.roots, root, last_pass.reread)
            self._tell_of(seen)
            return Preview(replace(reconciler, left=lefts(seen)).look(last_pass), standing)

    def preview_retirement(self, wanted: str = "", force: bool = False) -> Preview:
        """Plan without writing what retire would do, or retire_below where a root is named."""
        reconciler = self._reconciler()
        with self._in_time(reconciler):
            client = reconciler.client
            other = find_other(client, self.roots, wanted, force) if wanted else None
            root = other or reconciler.find_root(self.roots.remembered())
            reconciler = replace(reconciler, at=root)
            return preview_end(reconciler, self.memory.last_pass(root, False))

    def sync(
        self, full: bool = False, force: bool = False, approve: Approve | None = None
    ) -> PassAnswer:
        """Make one pass: of the kind that this host's standing asks for, or none.

        approve raises PlanMovedOn for any plan but the one that somebody reviewed. Raises Locked
        while another one runs, and whatever ends a pass before its first write.
        """
        before = self._told_standing()
        if not before.enabled:
            return PassAnswer(before)
        reconciler = self._reconciler(force)
        if approve:
            reconciler = replace(reconciler, approve=approve)
        with self._turn(reconciler, self.settings.create_root) as mine:
            # somebody may have retired it before we were alone
            standing = self._told_standing(mine.root, before)
            last_pass = self.memory.last_pass(mine.root, full)
            if last_pass.reread:
                mine.reconciler.client.look_for_newer()
            seen = go_on_elsewhere(mine, last_pass.reread)
            self._tell_of(seen)
            if standing.retired_since:
                return ended(mine, standing, last_pass, self.sysfs)
            reconciler = replace(mine.reconciler, left=lefts(seen))
            made = replace(mine, reconciler=reconciler).make(Reconciler.run_once, last_pass)
            if last_pass.root is None:
                self._tell_of_neighbours()
            host = made.report.planned.host
            kept = kept_up(mine, made, host, self.sysfs, last_pass.reread)
            return PassAnswer(standing, kept)

    def finds(self, basis: Basis) -> bool:
        """Whether Placement answers as it did to a pass: with one request, and no lock."""
        client = self.reconciler().client
        with client.within(self.settings.pass_timeout), logged_in(client):
            told = ask_by(partial(client.send, "GET"), basis.root, basis.ours, basis.asked)
        return told == basis.answers

    def retire(self) -> PassAnswer:
        """Make a pass that wants nothing, and let later ones want nothing either."""
        reconciler = self._reconciler()
        known = self.roots.remembered()
        since = note_retirement(self.settings, self.roots, known, self.now())
        standing = Standing(self.settings.enabled, since)
        gone = unless_gone(reconciler, self.roots, known, self.tell)
        with armed(since), gone, self._turn(reconciler) as mine:
            return ended(mine, standing, self.memory.last_pass(mine.root, False), self.sysfs)
        return PassAnswer(standing, retires=True)

    def retire_below(self, wanted: str, force: bool = False) -> PassAnswer:
        """Take away what this host left below another root, named by uuid or name.

        Later passes go on with it. force: also of a root that is not known here.
        """
        reconciler = self._reconciler()
        mine = Turn.before(reconciler, self.roots, self.tell)
        other = find_other(reconciler.client, self.roots, wanted, force)
        if other == self.roots.remembered():
            return self.retire()
        with self._in_time(reconciler), mine.below(other) as there:
            since = note_retirement(self.settings, self.roots, other, self.now(), LEFT_BEHIND)
            with armed(since, RETIRED_BELOW.format(wanted)):
                standing = Standing(self.settings.enabled, since)
                return ended(there, standing, self.memory.last_pass(other, False), self.sysfs)

    def undo_retirement(self) -> str | None:
        """Let later passes offer what this host has; since when it was retired, None if not."""
        root = self.roots.remembered()
        since = retired_since(self.settings, self.roots, root)
        if since:
            end_retirement(self.settings, self.roots, root)
        return since

    def set_drained(self, address: PciAddress, drained: bool) -> Pass:
        """Drain a device, or end that, and leave everything else as it is."""
        with self._turn(self._reconciler()) as mine:
            made = mine.make(
                lambda made, known: made.set_drained(address, drained, known),
                self.memory.last_pass(mine.root, False),
            )
            if not drained:
                self._clean(mine.root, address)
            return made

    def _clean(self, root: ProviderUuid, address: PciAddress) -> None:
        """A device that was used once is clean, if an operator says so."""
        with (
            contextlib.suppress(ClaimUnknown),
            at_desk(self.settings, self.roots, root) as desk,
        ):
            desk.write(with_clean(desk.record, address))

    def _standing(self, root: ProviderUuid | None) -> Standing:
        since = retired_since(self.settings, self.roots, root)
        return Standing(self.settings.enabled, since)

    def _told_standing(
        self, root: ProviderUuid | None = None, before: Standing | None = None
    ) -> Standing:
        """How this host stands, which is told unless it was before."""
        standing = self._standing(root or self.roots.remembered())
        if standing != before:
            self.tell(standing)
        return standing

    def _reconciler(self, force: bool = False) -> Reconciler:
        made = replace(self.reconciler(), force=force)
        if made.client.insecure:
            self.tell(INSECURE)
        return made

    def _in_time(self, reconciler: Reconciler) -> contextlib.AbstractContextManager[None]:
        return reconciler.client.within(self.settings.pass_timeout)

    def _turn(
        self, reconciler: Reconciler, create: bool = False
    ) -> contextlib.AbstractContextManager[Turn]:
        return turn(reconciler, self.roots, self.tell, create)

    def _tell_of(self, seen: dict[ProviderUuid, Seen]) -> None:
        for problem in told(seen):
            self.tell(problem)

    def _tell_of_neighbours(self) -> None:
        for problem in self.settings.neighbours:
            self.tell(problem)
