"""What Placement has after a plan was carried out, without asking again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pci_placement.model import (
    Action,
    CreateProvider,
    DeleteProvider,
    Drain,
    MoveProvider,
    ObservedProvider,
    RenameProvider,
    SetInventories,
    SetTraits,
    Undrain,
)

from .apply import Outcome, Result

Providers = Mapping[str, ObservedProvider]


def after(before: Providers, outcome: Outcome) -> dict[str, ObservedProvider]:
    """Carry the actions that were done over to what was read before them.

    A provider on which an action was not done, or not to its end, is left out: it is to be read
    again.
    """
    providers = dict(before)
    unsure = {done.action.uuid for done in outcome.results if done.result is not Result.DONE}
    for done in outcome.results:
        if done.action.uuid and done.action.uuid not in unsure:
            _carry_over(done.action, providers)
    return {
        uuid: replace(provider, generation=outcome.generations.get(uuid, provider.generation))
        for uuid, provider in providers.items()
        if uuid not in unsure
    }


def _carry_over(action: Action, providers: dict[str, ObservedProvider]) -> None:
    uuid, have = action.uuid, providers.get(action.uuid)
    match action:
        case CreateProvider():
            providers[uuid] = ObservedProvider(uuid, action.name, action.parent, 0, {}, frozenset())
        case DeleteProvider():
            providers.pop(uuid, None)
        case _ if have is not None:
            providers[uuid] = _changed(action, have)


def _changed(action: Action, have: ObservedProvider) -> ObservedProvider:
    match action:
        case RenameProvider() | MoveProvider():
            return replace(have, name=action.name, parent=action.parent)
        case SetTraits():
            return replace(have, traits=action.traits)
        case SetInventories():
            return replace(have, inventories=action.inventories)
        case Drain() | Undrain():
            return replace(have, traits=action.traits, inventories=action.inventories)
    return have
