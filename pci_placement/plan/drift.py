"""What somebody else did to our providers since the last pass: said where it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pci_placement.model import (
    Action,
    Inventories,
    LastPass,
    ObservedProvider,
    ObservedTree,
    Plan,
    Providers,
)

from .effect import carry_over

DELETED = "somebody deleted it since the last pass"
RENAMED = "somebody renamed it since the last pass: it is called {}"
MOVED = "somebody moved it since the last pass: it is below another provider"
TRAITS_CHANGED = "somebody changed its traits since the last pass: {}"
INVENTORIES_CHANGED = "somebody changed its inventories since the last pass: {}"


def tell_drift(plan: Plan, observed: ObservedTree, last_pass: LastPass) -> Plan:
    """Give the reasons of actions that only mend what somebody else changed."""
    if last_pass.root is None or last_pass.root.uuid != observed.root.uuid:
        return plan
    placed, told = dict(observed.providers), []
    for action in plan.actions:
        told.append(_told(action, observed, placed, last_pass))
        carry_over(action, placed)
    return replace(plan, actions=tuple(told))


def _told(action: Action, observed: ObservedTree, placed: Providers, last_pass: LastPass) -> Action:
    """Tell of one action; placed is where providers are once those before it are done."""
    then, now = last_pass.providers.get(action.uuid), observed.providers.get(action.uuid)
    if then is None:
        return action
    if now is None:
        return _because(action, DELETED) if action.effect({}) else action
    here = placed.get(now.uuid, now)
    now = replace(now, name=here.name, parent=here.parent)
    after = action.effect({now.uuid: now}).get(now.uuid)
    found = "; ".join(_drift(then, now, after)) if after else ""
    return _because(action, found) if found else action


def _because(action: Action, drift: str) -> Action:
    return replace(action, reason=replace(action.reason, drift=drift))


def _drift(then: ObservedProvider, now: ObservedProvider, after: ObservedProvider) -> Iterator[str]:
    """Say of what an action changes where it only brings back what the last pass left."""
    if then.name == after.name != now.name:
        yield RENAMED.format(now.name)
    if then.parent == after.parent != now.parent:
        yield MOVED
    if then.traits == after.traits != now.traits:
        yield TRAITS_CHANGED.format(_signed(then, now))
    if then.inventories == after.inventories != now.inventories:
        yield INVENTORIES_CHANGED.format(_difference(then.inventories, now.inventories))


def _signed(then: ObservedProvider, now: ObservedProvider) -> str:
    new, lost = sorted(now.traits - then.traits), sorted(then.traits - now.traits)
    return " ".join([f"+{t}" for t in new] + [f"-{t}" for t in lost])


def _difference(then: Inventories, now: Inventories) -> str:
    lines = [
        f"{name} {field} {getattr(inventory, field)} instead of {getattr(then[name], field)}"
        for name, inventory in sorted(now.items())
        if name in then
        for field in inventory.__dataclass_fields__
        if getattr(inventory, field) != getattr(then[name], field)
    ]
    lines += [f"{name} added" for name in sorted(now.keys() - then.keys())]
    lines += [f"{name} gone" for name in sorted(then.keys() - now.keys())]
    return ", ".join(lines)
