"""The order of one pass: scan, match, map, observe, plan, apply.

Nothing is decided here; values are carried from one stage to the next. The scanner, the client
and the wait come in from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from .desired import HostView, view_host
from .errors import GenerationConflict, ReshapeForbidden, RootNotFound, Unsettled
from .mapping.coexistence import reported_cards
from .mapping.lint import advise_layout
from .model import (
    ListedProvider,
    ObservedTree,
    PciAddress,
    Plan,
    Problem,
    Remembered,
    Severity,
    Snapshot,
)
from .model.last_pass import UNKNOWN
from .model.outcome import Outcome, Result
from .names import MANAGED
from .placement import Client, RootWanted
from .placement.supported import understood
from .plan.drain import offering, service_plan
from .plan.drift import tell_drift
from .plan.effect import after
from .plan.limits import guard
from .plan.order import forget
from .plan.planner import make_plan, needs_consumers
from .settings import Settings
from .state.record import begin, kinds, remember

TRIES = 4
SCANS = 5
SETTLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Prospect:
    """A plan, and everything that it was made from."""

    host: HostView
    observed: ObservedTree
    plan: Plan
    warnings: tuple[Problem, ...] = ()

    @property
    def held(self) -> dict[str, str]:
        """What was left alone though it is listed, and why: cards by address, providers by name."""
        return {str(card): why for card, why in self.host.tree.held.items()} | dict(
            self.plan.blocked
        )


@dataclass(frozen=True, slots=True)
class PassReport:
    """A pass that was carried out: outcomes of all its tries, the last plan last."""

    prospect: Prospect
    outcome: Outcome
    remembered: Remembered


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Makes Placement true to this host, one pass at a time."""

    settings: Settings
    scan: Callable[[], Snapshot]
    client: Client
    wait: Callable[[float], None]
    force: bool = False
    keep: Callable[[Remembered], None] = lambda _: None
    """Writes down what a pass is about to do, for the case that it is cut off."""

    @property
    def root(self) -> RootWanted:
        """Which provider of Placement is this host."""
        return RootWanted(self.settings.root_provider_name, self.settings.root_provider_uuid)

    def ensure_root(self) -> None:
        """Create the compute node's provider where it is missing (`create_root`, for labs)."""
        try:
            self.client.observe(self.root, ())
        except RootNotFound:
            self.client.create_root(self.root)

    def look(self, remembered: Remembered | None = None, sought: Collection[str] = ()) -> Prospect:
        """Plan without writing; providers that are `sought` may be below another root.

        Before anything is taken away a second scan, a moment later, must agree with the first:
        a scan in the middle of a resize sees only some of the VFs. Before a card is offered as
        another kind than at the last pass, that moment is settle_time. Raises Unsettled if the
        devices keep changing.
        """
        remembered = remembered or Remembered()
        snapshot = self.scan()
        for _ in range(SCANS):
            prospect = self._prospect(snapshot, remembered, sought)
            pause = self._pause(prospect, remembered)
            if not pause:
                return prospect
            self.wait(pause)
            snapshot, before = self.scan(), snapshot
            # a driver or a name may change at any time; only what is counted matters
            if view_host(self.settings, snapshot).tree == view_host(self.settings, before).tree:
                return prospect
        raise Unsettled(f"the PCI devices of this host changed during {SCANS} scans in a row")

    def run_once(self, remembered: Remembered | None = None) -> PassReport:
        """Make one pass; what came in between is planned anew at once, a few times."""
        return self._until_settled(self.look, remembered or Remembered())

    def retire(self, remembered: Remembered) -> PassReport:
        """Make a pass that wants nothing: all that is ours goes, or is drained while it is used."""
        return self._until_settled(self.look_at_the_end, remembered)

    def look_at_the_end(self, remembered: Remembered, sought: Collection[str] = ()) -> Prospect:
        """Plan to remove everything of ours, and the names that only we made."""
        keys = {provider.key for provider in view_host(self.settings, self.scan()).tree.providers}
        nothing = view_host(self.settings, Snapshot(()))
        observed = self._observe(keys | remembered.keys, remembered, sought)
        needed = needs_consumers(nothing.tree, observed, remembered)
        asked = self.client.with_consumers(observed, needed)
        plan = make_plan(nothing.tree, asked, remembered, spare_kept=False)
        actions = (*plan.actions, *forget(plan.actions, asked.providers))
        return Prospect(nothing, asked, replace(plan, actions=actions))

    def set_service(
        self, address: PciAddress, in_service: bool, remembered: Remembered
    ) -> PassReport:
        """Take a device out of service, or back, and leave everything else as it is."""
        host = view_host(self.settings, self.scan())
        keys = {p.key for p in host.tree.providers} | remembered.keys
        for _ in range(TRIES):
            observed = self._observe(keys, remembered)
            users = {have.uuid for have in offering(observed, address)}
            asked = self.client.with_consumers(observed, users)
            plan = service_plan(host.tree, asked, host.snapshot, address, in_service)
            outcome = self.client.apply(plan)
            if not isinstance(outcome.stopped, GenerationConflict):
                break
        changed = after(asked.providers, outcome)
        # who has them is to be asked at the next pass: they may be for one-time use, and in use
        unread = {u: replace(changed[u], generation=UNKNOWN) for u in users if u in changed}
        known = replace(
            remembered, root=observed.root, providers={**remembered.providers, **unread}
        )
        return PassReport(Prospect(host, asked, plan), outcome, known)

    def _until_settled(
        self, look: Callable[[Remembered, Collection[str]], Prospect], known: Remembered
    ) -> PassReport:
        done: tuple[Outcome, ...] = ()
        sought: frozenset[str] = frozenset()
        for _ in range(TRIES):
            prospect = look(known, sought)
            known = begin(prospect.observed, prospect.plan, known)
            if prospect.plan.actions:
                self.keep(known)
            outcome = self.client.apply(prospect.plan)
            done = (*done, outcome)
            host = prospect.host
            known = remember(
                host.matching, host.tree, prospect.observed, prospect.plan, outcome, known
            )
            if not _is_worth_another_try(outcome, sought):
                break
            sought |= outcome.taken
        return PassReport(prospect, _joined(done), known)

    def _pause(self, prospect: Prospect, remembered: Remembered) -> float:
        """For how long the devices must stay as they are before the plan may be carried out."""
        now = kinds(prospect.host.matching)
        if any(kind != remembered.kinds.get(card, kind) for card, kind in now.items()):
            return max(self.settings.settle_time, SETTLE_SECONDS)
        return SETTLE_SECONDS if prospect.plan.takes_away else 0

    def _prospect(
        self, snapshot: Snapshot, remembered: Remembered, sought: Collection[str]
    ) -> Prospect:
        host = view_host(self.settings, snapshot)
        keys = {p.key for p in host.tree.providers} | remembered.keys
        observed = self._observe(keys, remembered, sought)
        elsewhere = reported_cards(observed.listed, snapshot)
        host = view_host(self.settings, snapshot, elsewhere) if elsewhere else host
        tree, warnings = understood(self.client, host.tree, observed)
        asked = self.client.with_consumers(observed, needs_consumers(tree, observed, remembered))
        plan = make_plan(tree, asked, remembered)
        plan = guard(plan, asked, replace(self.settings.limits, force=self.force))
        plan = tell_drift(plan, asked, remembered)
        strangers = self.client.marked(observed.root) if remembered.reread else ()
        told = (
            *warnings,
            *advise_layout(tree),
            *_may_not_move(plan, remembered),
            *_not_of_our_making(strangers, observed),
        )
        return Prospect(replace(host, tree=tree), asked, plan, told)

    def _observe(
        self, keys: Collection[str], remembered: Remembered, sought: Collection[str] = ()
    ) -> ObservedTree:
        known, reread = remembered.providers, remembered.reread
        return self.client.observe(self.root, keys, known, sought, reread)


def _not_of_our_making(
    marked: Iterable[ListedProvider], observed: ObservedTree
) -> Iterator[Problem]:
    """Providers with our mark that are not ours: never touched, but told at full passes."""
    for line in marked:
        if line.uuid not in observed.providers:
            yield Problem(
                f"{line.name} carries our mark, and its uuid is none that we make for this host: "
                "it is left alone",
                f"take {MANAGED} off it if it is somebody's, delete it if nobody uses it",
                severity=Severity.WARNING,
            )


def _may_not_move(plan: Plan, remembered: Remembered) -> Iterator[Problem]:
    """Say what would help where something waits because claims could not be moved."""
    if plan.blocked and not remembered.may_reshape:
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


def _is_worth_another_try(outcome: Outcome, sought: Collection[str]) -> bool:
    """Whether it ended because something is other than was thought, which is known now."""
    known = isinstance(outcome.stopped, GenerationConflict | ReshapeForbidden)
    return known or bool(outcome.taken - set(sought))
