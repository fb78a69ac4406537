"""The order of one pass: scan, match, map, observe, plan, apply.

Nothing is decided here; values are carried from one stage to the next. The scanner, the client
and the wait come in from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import names
from .desired import make_desired
from .errors import GenerationConflict, RootNotFound, Unsettled
from .model import (
    LastPass,
    LeftBehind,
    ObservedProvider,
    Outcome,
    PciAddress,
    ProviderUuid,
    Snapshot,
)
from .model.last_pass import REREAD
from .model.outcome import Done
from .passes.planning import Planning, Sought
from .passes.tries import TRIES, is_worth_another_try, joined, told_what_was_done
from .passes.values import PassReport, PlannedPass
from .placement.listing import RootWanted
from .plan.check import Facts, verdict
from .plan.drain import offering
from .plan.effect import after
from .plan.others import others
from .settings import Settings
from .state.record import begin, remember

if TYPE_CHECKING:
    from .placement import Client

SCANS = 5
SETTLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Makes Placement true to this host, one pass at a time."""

    settings: Settings
    scan: Callable[[], Snapshot]
    client: Client
    wait: Callable[[float], None]
    force: bool = False
    keep: Callable[[LastPass], None] = lambda _: None
    """Writes down what a pass is about to do, for the case that it is cut off."""
    approve: Callable[[PlannedPass], None] = lambda _: None
    """Raises PlanMovedOn where a plan is not the one that somebody reviewed."""
    told: Callable[[Done], None] = lambda _: None
    """Hears of each action at once what became of it."""
    at: ProviderUuid | None = None
    """The root, where it was asked for already."""
    left: tuple[LeftBehind, ...] = ()
    """What this host still offers below roots that were its own before."""

    @property
    def root(self) -> RootWanted:
        """Which provider of Placement is this host."""
        uuid = self.at or self.settings.root_provider_uuid
        return RootWanted(self.settings.root_provider_name, uuid)

    @property
    def _planning(self) -> Planning:
        return Planning(self.settings, self.client, self.root, self.force, self.left)

    def find_root(self, believed: ProviderUuid | None = None) -> ProviderUuid:
        """The uuid of the compute node's provider; believed is what it was. Raises RootNotFound."""
        return self.root.uuid or self.client.find_root(self.root, believed)

    def ensure_root(self, believed: ProviderUuid | None = None) -> ProviderUuid:
        """The same, but create it where it is missing (`create_root`, for labs)."""
        try:
            found = self.find_root(believed)
        except RootNotFound:
            found = None
        # nobody has asked for one that is configured by uuid
        if not found or (found == self.root.uuid and not self.client.glance(found)):
            self.client.create_root(self.root)
        return found or self.find_root()

    def look(self, last_pass: LastPass | None = None, sought: Sought = ()) -> PlannedPass:
        """Plan without writing; providers that are `sought` may be below another root.

        Before anything is taken away a second scan, a moment later, must agree with the first:
        a scan in the middle of a resize sees only some of the VFs. Before a card is offered as
        another kind than at the last pass, that moment is settle_time. Raises Unsettled if the
        devices keep changing, UnsafePlan if the judge refuses what came of it.

        Source: Linux, drivers/pci/iov.c, sriov_add_vfs.
        """
        last_pass = last_pass or LastPass()
        return self._judged(self._look(last_pass, sought), last_pass)

    def _look(self, last_pass: LastPass, sought: Sought) -> PlannedPass:
        snapshot = self.scan()
        for _ in range(SCANS):
            planned = self._planning.plan_pass(snapshot, last_pass, sought)
            pause = self._pause(planned, last_pass)
            if not pause:
                return planned
            self.wait(pause)
            snapshot, before = self.scan(), snapshot
            # a driver or a name may change at any time; only what is counted matters
            if (
                make_desired(self.settings, snapshot).tree
                == make_desired(self.settings, before).tree
            ):
                return planned
        raise Unsettled(f"the PCI devices of this host changed during {SCANS} scans in a row")

    def run_once(self, last_pass: LastPass | None = None) -> PassReport:
        """Make one pass; what came in between is planned anew at once, a few times."""
        return self._until_settled(self.look, last_pass or LastPass())

    def retire(self, last_pass: LastPass) -> PassReport:
        """Make a pass that wants nothing: all that is ours goes, or is drained while it is used."""
        return self._until_settled(self.look_at_the_end, last_pass)

    def look_at_the_end(self, last_pass: LastPass, sought: Sought = ()) -> PlannedPass:
        """Plan to remove everything of ours, and the names that only we made."""
        planned = self._planning.plan_end(self.scan(), last_pass, sought)
        return self._judged(planned, last_pass, retiring=True)

    def set_drained(self, address: PciAddress, drained: bool, last_pass: LastPass) -> PassReport:
        """Drain a device, or end that, and leave everything else as it is."""
        host = make_desired(self.settings, self.scan())
        for _ in range(TRIES):
            planned = self._planning.plan_drain(host, last_pass, address, drained)
            self._judged(planned, last_pass, by_hand=address)
            theirs = others(planned.observed)
            outcome = self.client.apply(planned.plan, others=theirs, told=self.told)
            if not isinstance(outcome.stopped, GenerationConflict):
                break
        known = _to_be_asked(planned, outcome, address, last_pass)
        return PassReport(planned, outcome, known)

    def _judged(
        self,
        planned: PlannedPass,
        last_pass: LastPass,
        *,
        retiring: bool = False,
        by_hand: PciAddress | None = None,
    ) -> PlannedPass:
        """The same without what would break a promise. Raises UnsafePlan."""
        facts = Facts(planned.host.tree, planned.observed, last_pass, retiring, by_hand)
        judged = verdict(planned.plan, facts, self.client.with_consumers)
        return replace(planned, plan=judged.plan, breaches=judged.breaches)

    def _until_settled(
        self, look: Callable[[LastPass, Sought], PlannedPass], known: LastPass
    ) -> PassReport:
        done: tuple[Outcome, ...] = ()
        sought: frozenset[ProviderUuid] = frozenset()
        for _ in range(TRIES):
            with told_what_was_done(done):
                planned = look(known, sought)
                self.approve(planned)
            known = begin(planned.host.tree, planned.observed, planned.plan, known)
            if planned.plan.actions:
                self.keep(known)
            theirs = others(planned.observed)
            outcome = self.client.apply(planned.plan, known.may_reshape, theirs, self.told)
            done = (*done, outcome)
            known = _remembered(planned, outcome, known)
            if not is_worth_another_try(outcome, sought, planned.observed):
                break
            sought |= outcome.taken
        return PassReport(planned, joined(done), known)

    def _pause(self, planned: PlannedPass, last_pass: LastPass) -> float:
        """For how long the devices must stay as they are before the plan may be carried out."""
        now = planned.host.kinds
        if any(kind != last_pass.kinds.get(card, kind) for card, kind in now.items()):
            return max(self.settings.settle_time, SETTLE_SECONDS)
        return SETTLE_SECONDS if planned.plan.takes_away else 0


def _remembered(planned: PlannedPass, outcome: Outcome, known: LastPass) -> LastPass:
    host, observed, plan = planned.host, planned.observed, planned.plan
    return remember(host.matching, host.kinds, host.tree, observed, plan, outcome, known)


def _to_be_asked(
    planned: PlannedPass, outcome: Outcome, address: PciAddress, last_pass: LastPass
) -> LastPass:
    """What was drained, or no more, is read anew: it may be for one-time use, and in use.

    What was not as the last pass had left it is remembered as that left it: what is written down
    of its devices is of then, and would be believed of what is there now.
    """
    there, known = planned.observed.providers, last_pass.providers
    changed = after(there, outcome)
    users = {have.uuid for have in offering(planned.observed, address)} & changed.keys()
    left = {u: known[u] for u in users & known.keys() if not _is_same(there[u], known[u])}
    reread = {u: replace(left.get(u, changed[u]), generation=REREAD) for u in users}
    return replace(last_pass, root=planned.observed.root, providers={**known, **reread})


def _is_same(have: ObservedProvider, left: ObservedProvider) -> bool:
    """Whether it counts as many of each class as were left, of the same hardware."""
    now, then = ({n: i.total for n, i in p.inventories.items()} for p in (have, left))
    return now == then and names.ids_among(have.traits) == names.ids_among(left.traits)
