"""What somebody else did to our providers since the last pass: said where it is mended."""

from __future__ import annotations

from dataclasses import replace

from pci_placement.model import (
    Action,
    CreateProvider,
    Inventories,
    LastPass,
    ObservedProvider,
    ObservedTree,
    Plan,
    RenameProvider,
    SetInventories,
    SetTraits,
)

DELETED = "somebody deleted it since the last pass"
RENAMED = "somebody renamed it since the last pass: {}"
TRAITS_CHANGED = "somebody changed its traits since the last pass: {}"
INVENTORIES_CHANGED = "somebody changed its inventories since the last pass: {}"


def tell_drift(plan: Plan, observed: ObservedTree, last_pass: LastPass) -> Plan:
    """Give the reasons of actions that only mend what somebody else changed."""
    if last_pass.root is None or last_pass.root.uuid != observed.root.uuid:
        return plan
    actions = tuple(
        _told(a, last_pass.providers.get(a.uuid), observed.providers.get(a.uuid))
        for a in plan.actions
    )
    return replace(plan, actions=actions)


def _told(action: Action, then: ObservedProvider | None, now: ObservedProvider | None) -> Action:
    if then is None:
        return action
    match action:
        case CreateProvider():
            return replace(action, reason=DELETED)
        case RenameProvider() if now and then.name == action.name:
            return replace(action, reason=RENAMED.format(f"it is called {now.name}"))
        case SetTraits() if now and then.traits == action.traits:
            return replace(action, reason=TRAITS_CHANGED.format(_signed(then, now)))
        case SetInventories() if now and then.inventories == action.inventories:
            return replace(
                action,
                reason=INVENTORIES_CHANGED.format(_difference(then.inventories, now.inventories)),
            )
    return action


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
