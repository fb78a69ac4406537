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
    Reshape,
    SetInventories,
    SetTraits,
    Undrain,
)
from pci_placement.model.last_pass import REREAD
from pci_placement.model.outcome import Outcome, Result
from pci_placement.model.plan import concerned

Providers = Mapping[str, ObservedProvider]


def after(before: Providers, outcome: Outcome) -> dict[str, ObservedProvider]:
    """Carry the actions that were done over to what was read before them.

    A provider on which an action was not done, or not to its end, keeps what was read before and
    loses its generation: it is to be read again.
    """
    providers = dict(before)
    unsure = unfinished(outcome)
    for done in outcome.results:
        if not concerned(done.action) & unsure:
            _carry_over(done.action, providers)
    return {
        uuid: replace(provider, generation=_generation(provider, outcome, unsure))
        for uuid, provider in providers.items()
    }


def unfinished(outcome: Outcome) -> set[str]:
    """The providers on which not everything was done."""
    return {
        uuid
        for done in outcome.results
        if done.result is not Result.DONE
        for uuid in concerned(done.action)
    }


def _generation(provider: ObservedProvider, outcome: Outcome, unsure: set[str]) -> int:
    if provider.uuid in unsure:
        return REREAD
    return outcome.generations.get(provider.uuid, provider.generation)


def _carry_over(action: Action, providers: dict[str, ObservedProvider]) -> None:
    uuid, have = action.uuid, providers.get(action.uuid)
    match action:
        case CreateProvider():
            providers[uuid] = ObservedProvider(uuid, action.name, action.parent, 0, {}, frozenset())
        case DeleteProvider():
            providers.pop(uuid, None)
        case Reshape():
            for each, inventories in action.inventories.items():
                if each in providers:
                    providers[each] = replace(providers[each], inventories=inventories)
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
