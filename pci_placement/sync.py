"""The order of one pass: scan, match, map, observe, plan, apply.

Nothing is decided here; values are carried from one stage to the next. The scanner, the client
and the wait come in from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from . import names
from .advice import advise_layout
from .conf import Settings
from .drift import tell_drift
from .errors import GenerationConflict, ReshapeForbidden, RootNotFound, Unsettled
from .guard import guard
from .mapping.family import Catalogue, catalogue
from .mapping.tree import build_tree, without_classes
from .match import match_devices
from .model import (
    Ledger,
    Matching,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    Plan,
    Problem,
    ProviderTree,
    Remembered,
    Severity,
    Snapshot,
    Trait,
)
from .model.memory import UNKNOWN
from .names import is_standard
from .neighbours import reported_cards
from .placement import Client, RootWanted
from .placement.after import after
from .placement.apply import Outcome, Result
from .plan import make_plan, needs_consumers

TRIES = 4
SCANS = 5
SETTLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class HostView:
    """What this host has and wants, before Placement is asked."""

    snapshot: Snapshot
    matching: Matching
    catalogue: Catalogue
    tree: ProviderTree


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


def view_host(
    settings: Settings, snapshot: Snapshot, elsewhere: Mapping[PciAddress, str] | None = None
) -> HostView:
    """Work out what this host offers, from the configuration and one scan.

    elsewhere are the cards that other services report, as far as Placement was asked.
    """
    matching = match_devices(
        snapshot,
        settings.whitelist,
        settings.aliases,
        offer_unaliased=settings.unaliased == "report",
        elsewhere=elsewhere,
        exclusive=settings.layout.exclusive,
    )
    known = catalogue(settings.aliases)
    return HostView(
        snapshot, matching, known, build_tree(matching, known, snapshot, settings.layout)
    )


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Makes Placement true to this host, one pass at a time."""

    settings: Settings
    scan: Callable[[], Snapshot]
    client: Client
    wait: Callable[[float], None]
    force: bool = False

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
        known = remembered or Remembered()
        done: tuple[Outcome, ...] = ()
        sought: frozenset[str] = frozenset()
        for _ in range(TRIES):
            prospect = self.look(known, sought)
            outcome = self.client.apply(prospect.plan)
            done = (*done, outcome)
            known = _remember(prospect, outcome, known)
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
        observed = self.client.observe(self.root, keys, remembered.providers, sought)
        elsewhere = reported_cards(observed.listed, snapshot)
        host = view_host(self.settings, snapshot, elsewhere) if elsewhere else host
        tree, warnings = self._understood(host.tree, observed)
        asked = self.client.with_consumers(observed, needs_consumers(tree, observed, remembered))
        plan = make_plan(tree, asked, remembered)
        plan = guard(plan, asked, replace(self.settings.limits, force=self.force))
        plan = tell_drift(plan, asked, remembered)
        return Prospect(replace(host, tree=tree), asked, plan, (*warnings, *advise_layout(tree)))

    def _understood(
        self, tree: ProviderTree, observed: ObservedTree
    ) -> tuple[ProviderTree, tuple[Problem, ...]]:
        """Leave out what this Placement is too old for: standard traits, cards of such a class."""
        classes = {n for p in tree.providers for n in p.inventories if is_standard(n)}
        classes -= {n for p in observed.providers.values() for n in p.inventories}
        if classes:
            tree = without_classes(tree, self.client.unknown_classes(classes))
        wanted = {t for p in tree.providers for t in p.traits if is_standard(t)}
        seen = {t for p in observed.providers.values() for t in p.traits}
        unknown = self.client.unknown_traits(wanted - seen) if wanted - seen else frozenset()
        providers = tuple(replace(p, traits=p.traits - unknown) for p in tree.providers)
        return replace(tree, providers=providers), tuple(map(_too_old, sorted(unknown)))


def kinds(matching: Matching) -> dict[str, str]:
    """What each offered function is, and what those of its card are.

    Both, because a VF without its link to the PF looks like a plain device at the same address.
    """
    found: dict[str, set[str]] = {}
    for match in matching.matches:
        for address in (match.device.address, match.device.card_addr):
            found.setdefault(str(address), set()).add(match.device.dev_type.value)
    return {address: " ".join(sorted(types)) for address, types in found.items()}


def _too_old(trait: Trait) -> Problem:
    return Problem(
        f"this Placement does not know the trait {trait}",
        "it is left out; upgrade Placement's os-traits to have it",
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


def _remember(prospect: Prospect, outcome: Outcome, before: Remembered) -> Remembered:
    """What the next pass may rely on."""
    keys = {provider.key for provider in prospect.host.tree.providers}
    entry_traits = {t for match in prospect.host.matching.matches for t in match.entry.tags.traits}
    providers = after(prospect.observed.providers, outcome)
    # of those that no entry gives any more some may be there: on held cards, say
    there = {trait for provider in providers.values() for trait in provider.traits}
    unsure = outcome.stopped or outcome.failed
    entry_traits |= before.traits if unsure else before.traits & there
    return Remembered(
        root=prospect.observed.root,
        keys=frozenset(keys | set(prospect.observed.keys.values())),
        kinds=kinds(prospect.host.matching),
        traits=frozenset(entry_traits),
        providers=providers,
        ledger=_sure(prospect, providers, before.ledger),
        may_reshape=before.may_reshape and not isinstance(outcome.stopped, ReshapeForbidden),
        read_at=before.read_at,
    )


def _sure(prospect: Prospect, providers: Mapping[str, ObservedProvider], before: Ledger) -> Ledger:
    """What the inventories count; of providers that could not be written what was known before."""
    root = prospect.observed.root
    unread = {uuid for uuid, have in providers.items() if have.generation == UNKNOWN}
    unsure = {key for key, _ in before if names.provider_uuid(root.uuid, key) in unread}
    new = {place: c for place, c in prospect.plan.ledger.items() if place[0] not in unsure}
    return {**new, **{place: c for place, c in before.items() if place[0] in unsure}}
