"""`make kernel-test`: the steps of the scenario, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from random import Random

from . import scenario
from .expected import unexpected
from .follow import Followed, Step, follow
from .lists import NIC
from .report import latencies, line_of, told
from .stage import Stage

START = 120.0
"""Seconds that the first pass may take: the guest loads Python slowly."""

Say = Callable[[str], None]


def play(stage: Stage, whole: bool, say: Say) -> None:
    """Take the steps; whatever must not be is noted on the stage."""
    begin(stage, say)
    pid, done = stage.agent.pid, _walk(stage, scenario.smoke(stage), say)
    _hold(stage)
    if whole:
        done += _walk(stage, scenario.claimed(stage), say)
    stage.compare()
    if stage.agent.has_ended or stage.agent.pid != pid:
        stage.fault("the agent has ended")
    for line in unexpected(stage.agent.above_info()):
        stage.fault(f"the agent tells: {line.level} {line.message}")
    _sum_up(stage, done, say)


def begin(stage: Stage, say: Say) -> None:
    """Start the agent and wait for its first pass."""
    began = time.monotonic()
    stage.agent.start()
    while not scenario.is_offered_at_first(stage)(stage.watch.last.ours):
        if time.monotonic() > began + START:
            stage.fault(f"no first pass in {START:.0f} s")
            return
        time.sleep(0.1)
    say(f"the agent's first pass is done {time.monotonic() - began:.0f} s after its start")


def _walk(stage: Stage, steps: Iterable[Step], say: Say) -> list[Followed]:
    done = []
    for step in steps:
        done.append(follow(stage, step))
        say(line_of(done[-1]))
        stage.judge(Random(len(done)))  # noqa: S311  nothing secret
    return done


def _hold(stage: Stage) -> None:
    """Claim a VF of the second NIC, which is never released."""
    stage.learn()
    key = f"{stage.cards.other_nic}:vf"
    for uuid, name, row in stage.claims.offered(stage.watch.last.rows):
        if row.name.endswith(key) and name == NIC:
            stage.claims.claim(uuid, name, row, Random(1))  # noqa: S311  nothing secret
    if not stage.claims.granted:
        stage.fault(f"nothing could be claimed of {key}")


def _sum_up(stage: Stage, done: Sequence[Followed], say: Say) -> None:
    events = sum(each.events for each in done)
    say(f"{len(done)} steps, {events} events, {stage.agent.passes} passes")
    say(f"from the last event to Placement: {told(latencies(done))}")
    say(f"  of it to the first request:     {told([d.asked for d in done if d.asked])}")
    say(f"the guest takes {stage.hand.slowness():.0f} times as long as this machine for Python")
    say(f"one claim held all the time; {stage.judged} looks at rest, {stage.watch.number} in all")
