"""The matrix of one step: each kind of fault at each request, and what was wrong then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from support.database import World

from . import killed
from .kinds import FAULTS, Fault
from .rival import Rival
from .safety import Guard
from .stage import Clean, Pass, Stage, make_pass, read_cache
from .verdict import differences, nothing_left, second_pass
from .wire import Wire

RIVAL, ELSEWHERE = RIVALS = ("rival-claim", "rival-elsewhere")
BY_NAME = {fault.name: fault for fault in FAULTS}


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of fault at one request of a step; at counts from 1."""

    kind: str
    at: int

    def __str__(self) -> str:
        return f"{self.kind}@{self.at}"


def cases(clean: Clean) -> list[Case]:
    """Every case of a step; a step that writes nothing has none."""
    if not clean.writes:
        return []
    numbers = range(1, len(clean.asked) + 1)
    kinds = (*BY_NAME, *RIVALS, *killed.NAMES)
    return [
        *(Case(kind, at) for kind in kinds for at in numbers if _concerns(kind, clean, at)),
        *(Case(kind, len(clean.asked)) for kind in killed.SAVING),
    ]


def _concerns(kind: str, clean: Clean, at: int) -> bool:
    """After a request that only reads, a death is the same as before the next one."""
    return kind not in (RIVAL, "killed-after") or not clean.asked[at - 1].startswith("GET ")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Tries the cases of one step.

    ends are the complaints of the clean pass by what it starts from: the same database and the
    same cache lead to the same end.
    """

    stage: Stage
    clean: Clean
    send: Callable[..., Any]
    ends: dict[tuple, tuple[str, ...]] = field(default_factory=dict)

    @property
    def guard(self) -> Guard:
        return Guard(
            self.stage.known.start.world,
            self.clean.wants,
            self.stage.before,
            self.stage.cards,
            self.stage.seats,
        )

    def attempt(self, case: Case) -> list[str] | None:
        """Play one case; complaints, or None where the fault finds nothing to strike."""
        if case.kind in RIVALS:
            return self._with_rival(case)
        if case.kind in BY_NAME:
            return self._with_fault(BY_NAME[case.kind], case)
        return self._with_death(case)

    def _pass(self, fault: Fault, at: int) -> tuple[Wire, list[str]]:
        """A pass with a fault, and whether it crashed."""
        self.stage.reset()
        wire = Wire(self.stage.known, fault, at)
        return wire, list(_crashes(lambda: make_pass(self.stage, wire)))

    def _with_fault(self, fault: Fault, case: Case) -> list[str] | None:
        wire, problems = self._pass(fault, case.at)
        if not wire.struck:
            return None
        return [*problems, *self.guard.complaints(wire.moments), *self._after(self._clean_pass)]

    def _with_death(self, case: Case) -> list[str]:
        self.stage.reset()
        code = killed.sync(self.stage, killed.bomb(case.kind, case.at))
        problems = [] if code == -9 else [f"was not killed, but ended with {code}"]
        moments = [self.stage.known.now.world]
        again = self._clean_process if case.kind in killed.SAVING else self._clean_pass
        return [*problems, *self.guard.complaints(moments), *self._after(again)]

    def _after(self, again: Callable[[], list[str]]) -> tuple[str, ...]:
        """What is wrong after one more clean pass."""
        now = (again.__name__, self.stage.known.now.name, _frozen(self.stage))
        if now not in self.ends:
            self.ends[now] = (*again(), *self._end(self.clean.end))
        return self.ends[now]

    def _clean_pass(self) -> list[str]:
        moments, problems = second_pass(self.stage)
        return [*problems, *self.guard.complaints(moments)]

    def _clean_process(self) -> list[str]:
        code = killed.sync(self.stage)
        said = (self.stage.folder / "output").read_text()
        problems = [] if code in killed.GOOD else [f"the clean sync ended with {code}: {said}"]
        if len(read_cache(self.stage.state_folder)) != 1:
            problems.append(f"more than a cache is left: {list(_frozen(self.stage))}")
        return [*problems, *self.guard.complaints([self.stage.known.now.world])]

    def _end(self, wanted: World) -> Iterator[str]:
        yield from differences(wanted, self.stage.known.now.world)
        yield from nothing_left(self.stage)

    def _with_rival(self, case: Case) -> list[str] | None:
        rival = Rival(self.stage, self.guard, self.send, case.at, case.kind == ELSEWHERE)
        wire, problems = self._pass(rival.fault, case.at)
        if not rival.held:
            return None
        moments, wrong = second_pass(self.stage)
        problems += [*wrong, *self.guard.complaints([*wire.moments, *moments])]
        if rival.could_have_come_first():
            return [*problems, *self._end(self._with_claim_first(rival))]
        rival.release()
        return [*problems, *self._clean_pass(), *self._end(self.clean.end)]

    def _with_claim_first(self, rival: Rival) -> World:
        """The end of a clean pass for which the rival's claim is nothing new."""
        there, cache = self.stage.known.now, read_cache(self.stage.state_folder)
        self.stage.reset()
        rival.claim()
        make_pass(self.stage, Wire(self.stage.known))
        end = self.stage.known.now.world
        self.stage.restore(there, cache)
        return end


def _crashes(attempt: Callable[[], Pass]) -> Iterator[str]:
    """Anything but an error of ours would be a traceback on somebody's screen."""
    try:
        attempt()
    except Exception as error:
        yield f"the pass crashed with {type(error).__name__}: {error}"


def _frozen(stage: Stage) -> tuple:
    return tuple(sorted(read_cache(stage.state_folder).items()))
