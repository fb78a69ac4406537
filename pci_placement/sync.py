"""The order of one pass: scan, match, map, observe, plan, apply.

Nothing is decided here; values are carried from one stage to the next. The scanner, the client
and the wait come in from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .desired import Desired, make_desired
from .errors import GenerationConflict, ReshapeForbidden, RootNotFound, Unsettled
from .mapping.coexistence import reported_cards
from .mapping.lint_layout import lint_layout
from .model import (
    LastPass,
    LeftBehind,
    ListedProvider,
    ObservedTree,
    PciAddress,
    Plan,
    Problem,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
    Severity,
    Snapshot,
)
from .model.last_pass import REREAD
from .model.outcome import Outcome, Result
from .names import MANAGED
from .placement.listing import RootWanted
from .placement.supported import supported
from .plan.apart import make_apart
from .plan.check import Breach, Facts, verdict
from .plan.drain import drain_plan, offering
from .plan.drift import tell_drift
from .plan.effect import after
from .plan.limits import limit_removals
from .plan.order import forget
from .plan.planner import make_plan, needs_consumers
from .plan.removal import believe_unused
from .settings import Settings
from .state.record import begin, kinds, remember

if TYPE_CHECKING:
    from .placement import Client

Sought = Collection[ProviderUuid]
"""Providers that may be below another root."""

NOTHING = ProviderTree(())

TRIES = 4
SCANS = 5
SETTLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class PlannedPass:
    """A plan, and everything that it was made from.

    faults are those of this program for which cards are held that could not be planned, breaches
    those that the judge found, for which a part of the plan was taken out.
    """

    host: Desired
    observed: ObservedTree
    plan: Plan
    warnings: tuple[Problem, ...] = ()
    faults: tuple[Exception, ...] = ()
    breaches: tuple[Breach, ...] = ()

    @property
    def held(self) -> dict[str, str]:
        """What was left alone though it is listed, and why: cards by address, providers by name."""
        return {str(card): why for card, why in self.host.kept.items()} | dict(self.plan.blocked)


@dataclass(frozen=True, slots=True)
class PassReport:
    """A pass that was carried out: outcomes of all its tries, the last plan last."""

    planned: PlannedPass
    outcome: Outcome
    last_pass: LastPass


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
    at: ProviderUuid | None = None
    """The root, where it was asked for already."""
    left: tuple[LeftBehind, ...] = ()
    """What this host still offers below roots that were its own before."""

    @property
    def root(self) -> RootWanted:
        """Which provider of Placement is this host."""
        uuid = self.at or self.settings.root_provider_uuid
        return RootWanted(self.settings.root_provider_name, uuid)

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
            planned = self._planned(snapshot, last_pass, sought)
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
        keys = make_desired(self.settings, self.scan()).keys
        nothing = make_desired(self.settings, Snapshot(()))
        observed = self._observe(keys | last_pass.keys, last_pass, sought)
        observed = believe_unused(nothing.tree, observed)
        needed = needs_consumers(nothing.tree, observed, last_pass)
        asked = self.client.with_consumers(observed, needed)
        plan = make_plan(nothing.tree, asked, last_pass, retiring=True)
        actions = (*plan.actions, *forget(plan.actions, asked.providers))
        planned = PlannedPass(nothing, asked, replace(plan, actions=actions))
        return self._judged(planned, last_pass, retiring=True)

    def set_drained(self, address: PciAddress, drained: bool, last_pass: LastPass) -> PassReport:
        """Drain a device, or end that, and leave everything else as it is."""
        host = make_desired(self.settings, self.scan())
        keys = host.keys | last_pass.keys
        for _ in range(TRIES):
            observed = self._observe(keys, last_pass)
            users = {have.uuid for have in offering(observed, address)}
            asked = self.client.with_consumers(observed, users)
            plan = drain_plan(host.tree, asked, host.snapshot, address, drained)
            self._judged(PlannedPass(host, asked, plan), last_pass, by_hand=address)
            outcome = self.client.apply(plan)
            if not isinstance(outcome.stopped, GenerationConflict):
                break
        changed = after(asked.providers, outcome)
        # who has them is to be asked at the next pass: they may be for one-time use, and in use
        uses_unknown = {u: replace(changed[u], generation=REREAD) for u in users if u in changed}
        known = replace(
            last_pass, root=observed.root, providers={**last_pass.providers, **uses_unknown}
        )
        return PassReport(PlannedPass(host, asked, plan), outcome, known)

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
            planned = look(known, sought)
            self.approve(planned)
            known = begin(planned.host.tree, planned.observed, planned.plan, known)
            if planned.plan.actions:
                self.keep(known)
            outcome = self.client.apply(planned.plan, known.may_reshape)
            done = (*done, outcome)
            host = planned.host
            known = remember(
                host.matching, host.tree, planned.observed, planned.plan, outcome, known
            )
            if not _is_worth_another_try(outcome, sought, planned.observed):
                break
            sought |= outcome.taken
        return PassReport(planned, _joined(done), known)

    def _pause(self, planned: PlannedPass, last_pass: LastPass) -> float:
        """For how long the devices must stay as they are before the plan may be carried out."""
        now = kinds(planned.host.matching)
        if any(kind != last_pass.kinds.get(card, kind) for card, kind in now.items()):
            return max(self.settings.settle_time, SETTLE_SECONDS)
        return SETTLE_SECONDS if planned.plan.takes_away else 0

    def _planned(self, snapshot: Snapshot, last_pass: LastPass, sought: Sought) -> PlannedPass:
        host = make_desired(self.settings, snapshot, left=self.left)
        keys = host.keys | last_pass.keys
        observed = self._observe(keys, last_pass, sought, host.tree)
        elsewhere = reported_cards(observed.listed, snapshot)
        if elsewhere:
            host = make_desired(self.settings, snapshot, elsewhere, self.left)
        tree, warnings = supported(self.client, host.tree, observed)
        observed = believe_unused(tree, observed)
        needed = make_apart(lambda of: needs_consumers(of, observed, last_pass), tree, observed)
        asked = self.client.with_consumers(observed, needed.made)
        apart = make_apart(lambda of: self._plan(of, asked, last_pass), needed.tree, asked)
        plan, tree = apart.made, apart.tree
        told = (
            *warnings,
            *lint_layout(tree),
            *_may_not_move(plan, last_pass),
            *map(_not_of_our_making, observed.strangers),
        )
        faults = (*needed.faults.values(), *apart.faults.values())
        return PlannedPass(replace(host, tree=tree), asked, plan, told, faults)

    def _plan(self, tree: ProviderTree, asked: ObservedTree, last_pass: LastPass) -> Plan:
        plan = make_plan(tree, asked, last_pass)
        limits = replace(self.settings.limits, force=self.force)
        plan = limit_removals(plan, asked, limits, last_pass.withheld_of)
        return tell_drift(plan, asked, last_pass)

    def _observe(
        self,
        keys: Collection[ProviderKey],
        last_pass: LastPass,
        sought: Sought = (),
        wanted: ProviderTree = NOTHING,
    ) -> ObservedTree:
        expected = {provider.key: provider.inventories for provider in wanted.providers}
        return self.client.observe(
            self.root, keys, last_pass.providers, sought, last_pass.reread, expected
        )


def _not_of_our_making(line: ListedProvider) -> Problem:
    """A provider with our mark that is not ours: never touched, but told at full passes."""
    return Problem(
        f"{line.name} carries our mark, and its uuid is none that we make for this host: "
        "it is left alone",
        f"take {MANAGED} off it if it is somebody's, delete it if nobody uses it",
        severity=Severity.WARNING,
    )


def _may_not_move(plan: Plan, last_pass: LastPass) -> Iterator[Problem]:
    """Say what would help where something waits because claims could not be moved."""
    if plan.blocked and not last_pass.may_reshape:
        yield Problem(
            "the user may not move claims to another class or provider (403 to POST /reshaper): "
            "what is in use stays drained until it is free",
            "give the user the role service on its project, then say sync --full",
            severity=Severity.WARNING,
        )


def _joined(outcomes: tuple[Outcome, ...]) -> Outcome:
    """All tries as one: what an abandoned try did, then the whole last one."""
    *abandoned, last = outcomes
    done = [d for o in abandoned for d in o.results if d.result is Result.DONE]
    return replace(last, results=(*done, *last.results))


def _is_worth_another_try(outcome: Outcome, sought: Sought, observed: ObservedTree) -> bool:
    """Whether it ended because something is other than was thought, which is known now."""
    known = isinstance(outcome.stopped, GenerationConflict | ReshapeForbidden)
    believed = {uuid for uuid, have in observed.providers.items() if have.unused}
    return known or bool(outcome.taken - set(sought) or outcome.in_use & believed)
