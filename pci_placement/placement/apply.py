"""Carrying out a plan: each action is one or two requests, and has a result of its own.

Inventories that are set one after the other are set in one request, where that is allowed: it is
one transaction, and of many a third of the work.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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
    Inventories,
    Outcome,
    Plan,
    ProviderUuid,
    Result,
    SetInventories,
)

from .write import Send, Writer

_WORTH_ONE_REQUEST = 2
CUT_OFF = "{} of the {} planned are done, and one more may be; the next pass goes on from there"
NOT_WRITTEN = "a provider that it rests on was not written"


def unheard(_: Done) -> None:
    """Hear of no action what became of it."""


def carry_out(
    plan: Plan,
    send: Send,
    together: bool = True,
    others: Mapping[ProviderUuid, Inventories] | None = None,
    told: Callable[[Done], None] = unheard,
) -> Outcome:
    """Apply the actions in order, those that can be so `together`; what `others` have there stays.

    What becomes of each is told at once.

    An action that fails lets later ones on the same provider, and on its children, be skipped. A
    generation conflict, a lost connection or a refused login stops the whole plan.
    """
    run = _Run(Writer(send, dict(plan.generations), others or {}), together, told)
    with _told_how_far(run, len(plan.actions)):
        for group in _groups(plan.actions):
            run.carry_out(group)
    return Outcome(
        tuple(run.results),
        run.writer.generations,
        run.stopped,
        frozenset(run.taken),
        run.forbidden,
        frozenset(run.in_use),
    )


@contextlib.contextmanager
def _told_how_far(run: _Run, actions: int) -> Iterator[None]:
    """Say of whatever cuts a plan off (Ctrl-C, say) how much of it was done."""
    try:
        yield
    except BaseException as error:
        error.add_note(CUT_OFF.format(len(run.results), actions))
        raise


@dataclass(slots=True)
class _Run:
    """A plan that is being carried out."""

    writer: Writer
    together: bool
    told: Callable[[Done], None]
    results: list[Done] = field(default_factory=list)
    broken: set[ProviderUuid] = field(default_factory=set)
    taken: set[ProviderUuid] = field(default_factory=set)
    in_use: set[ProviderUuid] = field(default_factory=set)
    stopped: PciPlacementError | None = None
    forbidden: bool = False

    def carry_out(self, group: Sequence[Action]) -> None:
        """Write what follows each other: at once, or one after the other."""
        rest = self._left_of(group)
        if rest and not self._at_once(rest):
            for action in rest:
                self._one(action)

    def _left_of(self, group: Sequence[Action]) -> Sequence[Action]:
        """What of a group rests on nothing that was not written; the others are skipped."""
        if len(group) < _WORTH_ONE_REQUEST or not self.together or self.stopped:
            return group
        for action in group:
            if self.broken & action.awaits():
                self._one(action)
        return [action for action in group if not self.broken & action.awaits()]

    def _at_once(self, actions: Sequence[Action]) -> bool:
        """Whether they were written in one request, or not at all because that stopped the plan."""
        inventories = {a.uuid: a.inventories for a in actions if isinstance(a, SetInventories)}
        if len(inventories) < _WORTH_ONE_REQUEST or not self.together or self.stopped:
            return False
        try:
            self.writer.write_together(inventories)
        except ReshapeForbidden:
            self.together, self.forbidden = False, True
            return False
        except PciPlacementError as error:
            if _is_of_one_provider(error):
                return False  # one transaction: nothing was written, and one of them is the cause
            self._stop(actions, error)
        else:
            self._became(*(Done(action, Result.DONE) for action in actions))
        return True

    def _one(self, action: Action) -> None:
        if self.stopped:
            self._became(Done(action, Result.SKIPPED, "not tried"))
        elif self.broken & action.awaits():
            self._fail(action, Result.SKIPPED, NOT_WRITTEN)
        else:
            self._write(action)

    def _write(self, action: Action) -> None:
        try:
            self.writer.write(action)
        except InUse as error:
            self.in_use |= action.changes()
            self._fail(action, Result.SKIPPED, str(error))
        except PciPlacementError as error:
            if isinstance(error, NameTaken):
                self.taken.add(action.uuid)
            if _is_of_one_provider(error):
                self._fail(action, Result.FAILED, str(error))
            else:
                self._stop([action], error)
        else:
            self._became(Done(action, Result.DONE))

    def _fail(self, action: Action, result: Result, why: str) -> None:
        self.broken |= action.changes()
        self._became(Done(action, result, why))

    def _stop(self, actions: Iterable[Action], error: PciPlacementError) -> None:
        self.stopped = error
        self._became(*(Done(action, Result.FAILED, str(error)) for action in actions))

    def _became(self, *done: Done) -> None:
        self.results += done
        for each in done:
            self.told(each)


def _groups(actions: Iterable[Action]) -> Iterator[list[Action]]:
    """The actions in order; inventories that are set one after the other make one group."""
    group: list[Action] = []
    for action in actions:
        if not isinstance(action, SetInventories):
            yield from filter(None, (group, [action]))
            group = []
        elif any(action.uuid == other.uuid for other in group):
            yield group
            group = [action]
        else:
            group.append(action)
    yield from filter(None, [group])


def _is_of_one_provider(error: PciPlacementError) -> bool:
    """Whether the rest of a plan can go on; after a conflict it rests on what is no longer true."""
    stopping = GenerationConflict | ReshapeForbidden
    return isinstance(error, PlacementError) and not isinstance(error, stopping)
