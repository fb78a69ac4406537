"""Carrying out a plan: each action is one or two requests, and has a result of its own."""

from __future__ import annotations

from collections.abc import Iterable

from pci_placement.errors import (
    GenerationConflict,
    InUse,
    NameTaken,
    PciPlacementError,
    PlacementError,
    ReshapeForbidden,
)
from pci_placement.model import (
    Action,
    Done,
    Outcome,
    Plan,
    ProviderUuid,
    Result,
)

from .write import Send, Writer


def carry_out(plan: Plan, send: Send) -> Outcome:
    """Apply the actions in order.

    An action that fails lets later ones on the same provider, and on its children, be skipped. A
    generation conflict, a lost connection or a refused login stops the whole plan.
    """
    writer = Writer(send, dict(plan.generations))
    results: list[Done] = []
    broken: set[ProviderUuid] = set()
    taken: set[ProviderUuid] = set()
    for position, action in enumerate(plan.actions):
        if broken & action.awaits():
            broken |= action.changes()
            results.append(
                Done(action, Result.SKIPPED, "a provider that it rests on was not written")
            )
            continue
        try:
            writer.write(action)
        except InUse as error:
            broken |= action.changes()
            results.append(Done(action, Result.SKIPPED, str(error)))
        except PciPlacementError as error:
            if isinstance(error, NameTaken):
                taken.add(action.uuid)
            if _is_of_one_provider(error):
                broken |= action.changes()
                results.append(Done(action, Result.FAILED, str(error)))
                continue
            unfinished = _unfinished(plan.actions[position:], error)
            return Outcome((*results, *unfinished), writer.generations, error, frozenset(taken))
        else:
            results.append(Done(action, Result.DONE))
    return Outcome(tuple(results), writer.generations, None, frozenset(taken))


def _is_of_one_provider(error: PciPlacementError) -> bool:
    """Whether the rest of a plan can go on; after a conflict it rests on what is no longer true."""
    stopping = GenerationConflict | ReshapeForbidden
    return isinstance(error, PlacementError) and not isinstance(error, stopping)


def _unfinished(actions: Iterable[Action], error: PciPlacementError) -> list[Done]:
    first, *rest = actions
    return [
        Done(first, Result.FAILED, str(error)),
        *(Done(action, Result.SKIPPED, "not tried") for action in rest),
    ]
