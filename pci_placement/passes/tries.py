"""When a pass is planned anew at once, and what became of all its tries."""

from __future__ import annotations

from dataclasses import replace

from pci_placement.errors import GenerationConflict, ReshapeForbidden
from pci_placement.model import ObservedTree, Outcome, Result

from .planning import Sought

TRIES = 4


def joined(outcomes: tuple[Outcome, ...]) -> Outcome:
    """All tries as one: what an abandoned try did, then the whole last one."""
    *abandoned, last = outcomes
    done = [d for o in abandoned for d in o.results if d.result is Result.DONE]
    return replace(last, results=(*done, *last.results))


def is_worth_another_try(outcome: Outcome, sought: Sought, observed: ObservedTree) -> bool:
    """Whether it ended because something is other than was thought, which is known now."""
    known = isinstance(outcome.stopped, GenerationConflict | ReshapeForbidden)
    believed = {uuid for uuid, have in observed.providers.items() if have.unused}
    return known or bool(outcome.taken - set(sought) or outcome.in_use & believed)
