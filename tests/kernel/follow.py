"""How long Placement takes to follow: from the kernel's last event of a step to the last write."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .stage import Stage
from .watch import Wanted

LIMIT = 5.0
"""Seconds within which Placement is to follow an event of the kernel."""

GIVEN_UP = 60.0
QUIET = 2.5
"""Seconds for which nothing may change any more before the next step."""

POLL = 0.1

Event = tuple[str, str]
"""Action and subsystem of an event of the kernel."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to the host, and what Placement must then come to have.

    events are those by which the host has changed; there are none where Placement must stay as it
    is all the time. limit is how long it may take from the last of them.
    """

    name: str
    act: Callable[[Stage], object]
    wanted: Wanted
    events: tuple[Event, ...] = ()
    limit: float = LIMIT


@dataclass(frozen=True, slots=True)
class Followed:
    """When Placement was as wanted, in seconds after the last event, and after `act` returned.

    None where it was so before. asked is when the agent's first request after the event was
    answered, in seconds after that; wrong_by is how exactly the guest's clock is known.
    """

    name: str
    events: int
    after_event: float | None = None
    after_return: float | None = None
    asked: float | None = None
    wrong_by: float = 0.0


def follow(stage: Stage, step: Step) -> Followed:
    """Take a step and wait until Placement has followed, or never will."""
    stage.agent.news()
    known = stage.hand.count()
    began = time.monotonic()
    step.act(stage)
    returned = time.monotonic()
    if not step.events:
        return _stays(stage, step, began, known)
    at = _await(stage, step, began, known)
    last, number = _last(stage, known, step.events), _count(stage, known)
    if at is None or last is None:
        have = {key: (dict(r.stocks), r.claims) for key, r in stage.watch.last.ours.items()}
        stage.fault(f"{step.name}: Placement did not follow in {GIVEN_UP:.0f} s: {have}")
        return Followed(step.name, number)
    if at <= began:
        return Followed(step.name, number)
    return _followed(stage, step, (at, returned, last), number)


def _followed(stage: Stage, step: Step, times: tuple[float, float, float], n: int) -> Followed:
    at, returned, last = times
    offset, wrong_by = stage.hand.offset()
    found = at - last - offset
    if found > step.limit:
        stage.fault(f"{step.name}: Placement followed after {found:.1f} s")
    return Followed(step.name, n, found, at - returned, _asked(stage, last), wrong_by)


def _asked(stage: Stage, last: float) -> float | None:
    """How long after an event the agent had asked Placement something."""
    since_boot, since_1970 = stage.hand.clock()
    at = last + since_1970 - since_boot
    later = (line.at - at for line in stage.agent.news() if line.is_request and line.at > at)
    return next(later, None)


def _await(stage: Stage, step: Step, began: float, known: int) -> float | None:
    """When Placement was as wanted, for good; None if it never is."""
    end = time.monotonic() + GIVEN_UP
    while time.monotonic() < end:
        since, quiet = stage.watch.lasting(began, step.wanted), time.monotonic() - QUIET
        if since and max(since, began) < quiet and _last(stage, known, step.events) is not None:
            return since
        time.sleep(POLL)
    return None


def _stays(stage: Stage, step: Step, began: float, known: int) -> Followed:
    time.sleep(QUIET)
    looks = stage.watch.since(began)
    if not all(step.wanted(look.ours) for look in looks):
        stage.fault(f"{step.name}: Placement did not stay as it was: {looks[-1].ours}")
    return Followed(step.name, _count(stage, known))


def _last(stage: Stage, known: int, events: tuple[Event, ...]) -> float | None:
    found = [at for at, *kind, _ in stage.hand.events(since=known) if tuple(kind) in events]
    return found[-1] if found else None


def _count(stage: Stage, known: int) -> int:
    """How many events of devices and interfaces there were."""
    return sum(kind in ("pci", "net") for _, _, kind, _ in stage.hand.events(since=known))
