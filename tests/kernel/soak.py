"""`make soak`: what happens to a node in a year, in an hour.

In the first third of the time the agent is killed every few minutes; the process that is there
then stays to the end, and its memory is what is looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from random import Random

from .expected import SOAKED, counted, unexpected
from .follow import LIMIT, Followed, follow
from .play import Say, begin
from .random_steps import Steps
from .report import latencies, line_of, told
from .sizes import Growth, Sizes
from .stage import Stage

KILLS = 1 / 3
"""The share of the time in which the agent is killed now and then."""

BETWEEN_KILLS = (60.0, 180.0)
WARM_UP, SHORT_WARM_UP = 600.0, 0.25
"""Seconds until memory is to be flat, or this share of what a process lives where that is less."""

MOST_CLAIMS = 3
AWAY = (1.0, 8.0)
"""Seconds for which Placement is not there."""

PATIENCE = 180.0


class Soak:
    """One soak, drawn from its seed."""

    def __init__(self, stage: Stage, seconds: float, seed: int, say: Say) -> None:
        self._stage, self._seconds, self._seed, self._say = stage, seconds, seed, say
        self._draw = Random(seed)  # noqa: S311  nothing secret, and it must be the same again
        self._steps = Steps(stage, self._draw)
        self._sizes = Sizes(stage.machine.hand(), lambda: stage.agent.pid)
        self._done: list[Followed] = []
        self._after_kill: list[float] = []
        self._after_restart: list[float] = []
        self._pid = 0

    def run(self) -> None:
        """Go on for so long, then come to rest and compare."""
        self._say(f"soak of {self._seconds:.0f} s, seed {self._seed}")
        begin(self._stage, self._say)
        self._pid = self._stage.agent.pid
        self._sizes.start()
        began = time.monotonic()
        self._go_on(began + self._seconds * KILLS, self._kill_now_and_then())
        self._go_on(began + self._seconds, iter(lambda: None, 0))
        self._come_to_rest()
        self._sizes.end()
        self._sizes.save(self._stage.agent.folder / "sizes.csv")
        self._judge_log()
        self._sum_up(time.monotonic() - began)

    def _go_on(self, end: float, beside: Iterator[None]) -> None:
        while time.monotonic() < end:
            next(beside)
            self._turn()

    def _kill_now_and_then(self) -> Iterator[None]:
        due = time.monotonic() + self._draw.uniform(*BETWEEN_KILLS)
        while True:
            if time.monotonic() > due:
                self._kill()
                due = time.monotonic() + self._draw.uniform(*BETWEEN_KILLS)
            yield

    # --- one turn

    def _turn(self) -> None:
        """Something happens to the host, and beside it to others."""
        kinds: tuple[Callable[[], None], ...] = (
            self._claim,
            self._release,
            self._restart_placement,
            lambda: None,
        )
        self._draw.choices(kinds, (20, 20, 2, 58))[0]()
        self._done.append(follow(self._stage, self._steps.next()))
        self._say(line_of(self._done[-1]))
        self._stage.judge(self._draw, LIMIT)
        if self._stage.agent.has_ended or self._stage.agent.pid != self._pid:
            self._stage.fault("the agent ended by itself")

    def _claim(self) -> None:
        claims = self._stage.claims
        self._stage.learn()
        offered = list(claims.offered(self._stage.watch.last.rows))
        if offered and len(claims.service.books.given) < MOST_CLAIMS:
            consumer = claims.claim(*self._draw.choice(offered), self._draw)
            self._say(f"  claim {'granted' if consumer else 'not granted'}")

    def _release(self) -> None:
        """That something is free is found out by a pass, and nothing tells it to come."""
        given = sorted(self._stage.claims.service.books.given)
        if given:
            self._stage.claims.release(self._draw.choice(given))
            self._stage.agent.poke()
            self._settle(time.monotonic())
            self._say("  a claim is released")

    def _restart_placement(self) -> None:
        """Something happens meanwhile, which no event tells of later; sometimes a person does."""
        self._stage.placement.stop()
        self._steps.next().act(self._stage)
        time.sleep(self._draw.uniform(*AWAY))
        self._stage.placement.start()
        began = time.monotonic()
        if self._draw.random() < 0.5:
            self._stage.agent.poke()
        self._after_restart.append(self._settle(began))
        self._say(f"  Placement was away: settled after {self._after_restart[-1]:.1f} s")

    def _kill(self) -> None:
        """In the middle of what happens, or of the pass that follows; and more happens then."""
        self._steps.next().act(self._stage)
        time.sleep(self._draw.uniform(0.0, 2.0))
        self._stage.agent.kill()
        self._steps.next().act(self._stage)
        began = time.monotonic()
        self._stage.agent.start()
        self._pid = self._stage.agent.pid
        self._after_kill.append(self._settle(began))
        self._say(f"  the agent was killed: settled after {self._after_kill[-1]:.1f} s")

    def _settle(self, began: float) -> float:
        """Wait until Placement is as the host of now is; gives how many seconds have passed."""
        self._steps.learn()
        while not self._steps.wanted(self._stage.watch.last.ours):
            if time.monotonic() > began + PATIENCE:
                self._stage.fault(f"not settled after {PATIENCE:.0f} s")
                break
            time.sleep(0.1)
        return time.monotonic() - began

    # --- the end

    def _come_to_rest(self) -> None:
        self._steps.restore()
        for consumer in list(self._stage.claims.service.books.given):
            self._stage.claims.release(consumer)
        time.sleep(LIMIT)
        self._stage.agent.poke()
        self._settle(time.monotonic())
        self._stage.judge(self._draw, LIMIT)
        self._stage.compare()

    def _judge_log(self) -> None:
        for line in unexpected(self._stage.agent.above_info(), SOAKED):
            self._stage.fault(f"the agent tells: {line.level} {line.message}")

    def _sum_up(self, lasted: float) -> None:
        for name, value in self._table(lasted):
            self._say(f"  {name:34} {value}")

    def _table(self, lasted: float) -> Iterator[tuple[str, str]]:
        stage, claims, done = self._stage, self._stage.claims, self._done
        growth = self._growth()
        yield "seconds, seed", f"{lasted:.0f}, {self._seed}"
        yield "events of devices and interfaces", f"{sum(each.events for each in done)}"
        yield "steps, passes", f"{len(done)}, {stage.agent.passes}"
        yield "last event to Placement", told(latencies(done))
        yield "  of it to the first request", told([each.asked for each in done if each.asked])
        yield "start to Placement after a kill", told(self._after_kill)
        yield "after Placement was away", told(self._after_restart)
        yield "claims", f"{claims.granted} granted, {claims.refused} refused"
        yield "  of what had just gone", f"{claims.empty}"
        yield "looks at Placement", f"{stage.watch.number}, {stage.judged} of them at rest"
        yield "memory of the last process", growth.told() if growth else "too short a soak"
        yield "expected lines above INFO", counted(stage.agent.above_info())
        yield "Python in the guest", f"{stage.hand.slowness():.0f} times as slow as here"

    def _growth(self) -> Growth | None:
        sizes = self._sizes.of(self._pid)
        if len(sizes) < 8:
            return None
        lived = sizes[-1].at - sizes[0].at
        growth = Growth.of(sizes, min(WARM_UP, lived * SHORT_WARM_UP))
        self._stage.faults += growth.faults()
        return growth
