"""From a plan, and what became of it, to the rows of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pci_placement.agent.words import about, detail
from pci_placement.model import (
    Action,
    ObservedProvider,
    ObservedTree,
    Plan,
    Providers,
    ProviderUuid,
    Reshape,
)
from pci_placement.model.outcome import Done
from pci_placement.plan.effect import carry_over

from .columns import ListCell, MappingCell

Row = dict[str, Any]

PLAN_BRIEF = "action provider detail reason consumers".split()
PLAN = [*PLAN_BRIEF, "uuid", "reason_code", "before", "after"]
RESULT = "action provider result".split()


def plan_rows(plan: Plan, observed: ObservedTree) -> list[Row]:
    """What would be done, in order, and why; and what it makes of what."""
    names = {line.uuid: line.name for line in observed.listed}
    now = dict(observed.providers)
    return [_plan_row(action, now, names) for action in plan.actions]


def _plan_row(
    action: Action, now: dict[ProviderUuid, ObservedProvider], names: dict[ProviderUuid, str]
) -> Row:
    before = _states(action, now, names)
    carry_over(action, now)
    names |= {uuid: now[uuid].name for uuid in action.changes() if uuid in now}
    return {
        "action": action.verb,
        "provider": action.name or None,
        "detail": detail(action),
        "reason": str(action.reason),
        "consumers": ListCell(list(action.users())),
        "uuid": action.uuid or None,
        "reason_code": action.reason.code.value,
        "before": before,
        "after": _states(action, now, names),
    }


def _states(
    action: Action, now: Providers, names: Mapping[ProviderUuid, str]
) -> MappingCell | None:
    """The provider that an action is about; of a reshape all, by their names."""
    states = {u: _state(now[u], names) for u in sorted(action.changes()) if u in now}
    if isinstance(action, Reshape):
        return MappingCell({action.names[uuid]: state for uuid, state in states.items()})
    state = states.get(action.uuid)
    return MappingCell(state) if state else None


def _state(have: ObservedProvider, names: Mapping[ProviderUuid, str]) -> Row:
    return {
        "name": have.name,
        "parent": names.get(have.parent) if have.parent else None,
        "inventories": {name: asdict(i) for name, i in sorted(have.inventories.items())},
        "traits": sorted(have.traits),
    }


def result_row(done: Done) -> Row:
    """What became of one action."""
    return {
        "action": done.action.verb,
        "provider": about(done.action),
        "result": done.result.value,
    }
