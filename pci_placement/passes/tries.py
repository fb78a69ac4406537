"""When a pass is planned anew at once, and what became of all its tries."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from pci_placement.errors import GenerationConflict, ReshapeForbidden
from pci_placement.model import ObservedTree, Outcome, Result

from .planning import Sought

TRIES = 4
DONE_BEFORE = (
    "actions that were done before somebody else wrote in between: {}; the next sync goes on from "
    "there"
)


@contextlib.contextmanager
def told_what_was_done(outcomes: tuple[Outcome, ...]) -> Iterator[None]:
    """Say of whatever ends a pass between two tries what the ones before it had done."""
    try:
        yield
    except BaseException as error:
        if done := [each for o in outcomes for each in o.results if each.result is Result.DONE]:
            error.add_note(DONE_BEFORE.format(len(done)))
        raise


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
