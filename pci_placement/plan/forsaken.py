"""A node whose compute service was deleted: what is left of it is not built up again.

nova then deletes each provider of the node that nobody uses, ours too. What is in use stays, and
with it the root, as it was and owned by nobody: a node that nobody schedules to.

Source: nova/scheduler/client/report.py, delete_resource_provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pci_placement import identity
from pci_placement.identity import is_ours
from pci_placement.model import (
    LastPass,
    ObservedProvider,
    ObservedTree,
    Plan,
    ProviderTree,
    ProviderUuid,
)

FORSAKEN = (
    "somebody deleted all of ours here that nobody uses, as `openstack compute service delete` "
    "does: nothing is offered anew below this root before somebody uses it again; if this node "
    "stays, say sync --force"
)


def suspects(
    desired: ProviderTree, observed: ObservedTree, last_pass: LastPass
) -> frozenset[ProviderUuid]:
    """Which providers of ours one must know the consumers of: none, as a rule."""
    if last_pass.forsaken_at is not None or not _is_something_lost(desired, observed, last_pass):
        return frozenset()
    return frozenset(have.uuid for have in _leaves(observed))


def forsaken_at(desired: ProviderTree, observed: ObservedTree, last_pass: LastPass) -> int | None:
    """The generation of the root where nobody owns it any more; None where somebody does.

    Once that was found it holds until the generation moves: claims move it, and so does a compute
    service that has something to tell. `observed` has the consumers of the suspects.
    """
    now = _generation(observed)
    if last_pass.forsaken_at is not None:
        return now if now == last_pass.forsaken_at else None
    lost = _is_something_lost(desired, observed, last_pass)
    left = list(_leaves(observed)) if lost else []
    return now if left and all(have.used for have in left) else None


def only_what_is_there(desired: ProviderTree, observed: ObservedTree) -> ProviderTree:
    """What this host wants of the providers that it still has."""
    there = {observed.keys[uuid] for uuid in observed.providers}
    kept = tuple(provider for provider in desired.providers if provider.key in there)
    return replace(desired, providers=kept)


def tell_forsaken(plan: Plan, observed: ObservedTree, at: int | None) -> Plan:
    """The plan, which says why it makes nothing anew, if that is so."""
    if at is None:
        return plan
    return replace(plan, forsaken_at=at, blocked={**plan.blocked, observed.root.name: FORSAKEN})


def _is_something_lost(desired: ProviderTree, observed: ObservedTree, last_pass: LastPass) -> bool:
    """Whether somebody deleted what the last pass left and this host still wants."""
    if last_pass.root is None or last_pass.root.uuid != observed.root.uuid:
        return False
    wanted = {identity.provider_uuid(observed.root.uuid, p.key) for p in desired.providers}
    return any(u in wanted and u not in observed.providers for u in last_pass.providers)


def _leaves(observed: ObservedTree) -> Iterator[ObservedProvider]:
    """Those of ours that nothing stands below: Placement deletes no others."""
    parents = {line.parent for line in observed.listed}
    ours = filter(is_ours, observed.providers.values())
    return (have for have in ours if have.uuid not in parents)


def _generation(observed: ObservedTree) -> int:
    return next(line.generation for line in observed.listed if line.uuid == observed.root.uuid)
