"""From what this host has to a plan that nobody has judged yet: map, observe, ask, plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pci_placement import identity
from pci_placement.desired import Desired, make_desired
from pci_placement.mapping.coexistence import reported_cards
from pci_placement.mapping.lint_layout import lint_layout
from pci_placement.model import (
    LastPass,
    LeftBehind,
    ListedProvider,
    ObservedTree,
    PciAddress,
    Plan,
    Problem,
    Provider,
    ProviderKey,
    ProviderTree,
    ProviderUuid,
    Severity,
    Snapshot,
)
from pci_placement.names import MANAGED
from pci_placement.placement.listing import RootWanted
from pci_placement.placement.ownerless import look_for_owner
from pci_placement.placement.supported import supported
from pci_placement.plan.apart import make_apart
from pci_placement.plan.drain import drain_plan, offering
from pci_placement.plan.drift import tell_drift
from pci_placement.plan.forsaken import only_what_is_there, tell_forsaken
from pci_placement.plan.limits import limit_removals
from pci_placement.plan.order import forget
from pci_placement.plan.others import set_apart, tell_others
from pci_placement.plan.planner import make_plan, needs_consumers
from pci_placement.plan.removal import believe_unused
from pci_placement.settings import Settings

from .values import PlannedPass

if TYPE_CHECKING:
    from pci_placement.placement import Client

Sought = Collection[ProviderUuid]
"""Providers that may be below another root."""

NOTHING = ProviderTree(())


@dataclass(frozen=True, slots=True)
class Planning:
    """Plans for one host, by what Placement has of it."""

    settings: Settings
    client: Client
    root: RootWanted
    force: bool = False
    left: tuple[LeftBehind, ...] = ()
    """What this host still offers below roots that were its own before."""

    def plan_pass(self, snapshot: Snapshot, last_pass: LastPass, sought: Sought) -> PlannedPass:
        """What is to be written, so that Placement is true to this host."""
        host, observed = self._seen(snapshot, last_pass, sought)
        tree, warnings = supported(self.client, host.tree, observed)
        observed, at = look_for_owner(self.client, tree, observed, last_pass)
        at = None if self.force else at
        tree = tree if at is None else only_what_is_there(tree, observed)
        observed = believe_unused(tree, observed)
        needed = make_apart(lambda of: needs_consumers(of, observed, last_pass), tree, observed)
        asked = self.client.with_consumers(observed, needed.made)
        apart = make_apart(lambda of: self._plan(of, asked, last_pass), needed.tree, asked)
        told = (*warnings, *_told(apart.made, apart.tree, observed, last_pass))
        faults = (*needed.faults.values(), *apart.faults.values())
        plan = tell_forsaken(apart.made, observed, at)
        return PlannedPass(replace(host, tree=apart.tree), asked, plan, told, faults)

    def _seen(
        self, snapshot: Snapshot, last_pass: LastPass, sought: Sought
    ) -> tuple[Desired, ObservedTree]:
        """What this host wants, without what another service reports, and what Placement has."""
        host = make_desired(self.settings, snapshot, left=self.left)
        keys = host.keys | last_pass.keys
        observed = self._observe(keys, last_pass, sought, host.tree)
        elsewhere = reported_cards(observed.listed, snapshot)
        if elsewhere:
            host = make_desired(self.settings, snapshot, elsewhere, self.left)
        return host, observed

    def plan_end(self, snapshot: Snapshot, last_pass: LastPass, sought: Sought) -> PlannedPass:
        """What is to be written, so that nothing of ours is left; names that only we made too."""
        keys = make_desired(self.settings, snapshot).keys
        nothing = make_desired(self.settings, Snapshot(()))
        observed = self._observe(keys | last_pass.keys, last_pass, sought)
        observed = believe_unused(nothing.tree, observed)
        needed = needs_consumers(nothing.tree, observed, last_pass)
        asked = self.client.with_consumers(observed, needed)
        plan = make_plan(nothing.tree, asked, last_pass, retiring=True)
        actions = (*plan.actions, *forget(plan.actions, asked.providers))
        return PlannedPass(nothing, asked, replace(plan, actions=actions))

    def plan_drain(
        self, host: Desired, last_pass: LastPass, address: PciAddress, drained: bool
    ) -> PlannedPass:
        """What is to be written to drain a device, or to end that."""
        observed = self._observe(host.keys | last_pass.keys, last_pass)
        users = {have.uuid for have in offering(observed, address)}
        asked = self.client.with_consumers(observed, users)
        plan = drain_plan(host.tree, asked, host.snapshot, address, drained)
        return PlannedPass(host, asked, plan)

    def _plan(self, tree: ProviderTree, asked: ObservedTree, last_pass: LastPass) -> Plan:
        plan = make_plan(tree, asked, last_pass)
        limits = replace(self.settings.limits, force=self.force)
        plan = limit_removals(plan, asked, limits, last_pass)
        return tell_drift(plan, asked, last_pass)

    def _observe(
        self,
        keys: Collection[ProviderKey],
        last_pass: LastPass,
        sought: Sought = (),
        wanted: ProviderTree = NOTHING,
    ) -> ObservedTree:
        expected = {p.key: p.inventories for p in wanted.providers if _is_told_by_what_is_free(p)}
        observed = self.client.observe(
            self.root, keys, last_pass.providers, sought, last_pass.reread, expected
        )
        return set_apart(wanted, observed, last_pass)


def _is_told_by_what_is_free(provider: Provider) -> bool:
    """Whether an inventory of it of which as much is free as is wanted can be taken for that.

    Of a plain device or a whole card there is one. Where one VF or a pool has one free, there may
    be two of which one is reserved; nor are pools so many that to read them takes long.
    """
    card = identity.card_of_key(provider.key)
    several = Counter(name for address, name in provider.addresses.items() if address != card)
    return card is not None and 1 not in several.values()


def _told(
    plan: Plan, tree: ProviderTree, observed: ObservedTree, last_pass: LastPass
) -> Iterator[Problem]:
    yield from lint_layout(tree)
    yield from _may_not_move(plan, last_pass)
    yield from map(_not_of_our_making, observed.strangers)
    yield from tell_others(observed)


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
