"""Sequences from seeds, until one breaks a promise; then the few steps that do."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .judge import Broken
from .steps import Step, sequence
from .world import World

LENGTH = 60


@dataclass
class Found:
    """A sequence that breaks a promise, shrunk."""

    seed: int
    steps: list[Step]
    broken: Broken

    def __str__(self) -> str:
        lines = "".join(f"    {step!r},\n" for step in self.steps)
        return f"seed {self.seed}: {self.broken}\n[\n{lines}]"


def play(steps: Sequence[Step], counts: dict[str, int] | None = None) -> Broken | None:
    """Take the steps one by one; what they broke, if they did."""
    return play_in(World(), steps, counts)


def play_in(
    world: World, steps: Sequence[Step], counts: dict[str, int] | None = None
) -> Broken | None:
    """The same in a world of one's own."""
    try:
        for step in steps:
            world.do(step)
    except Broken as broken:
        return broken
    finally:
        for what, n in world.counts.items():
            if counts is not None:
                counts[what] = counts.get(what, 0) + n
    return None


def shrink(steps: list[Step], broken: Broken) -> tuple[list[Step], Broken]:
    """Drop steps, many and then one by one, as long as the same promise is broken."""
    for size in (16, 8, 4, 2, 1, 1, 1):
        steps = _without_some(steps, size, broken.what)
    return steps, play(steps) or broken


def _without_some(steps: list[Step], size: int, what: str) -> list[Step]:
    at = 0
    while at < len(steps):
        shorter = steps[:at] + steps[at + size :]
        broken = play(shorter)
        if broken and broken.what == what:
            steps = shorter
        else:
            at += size
    return steps


@dataclass
class Tally:
    """What was tried."""

    steps: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def try_seed(seed: int, tally: Tally, length: int = LENGTH) -> Found | None:
    """Play the sequence of a seed; None if every promise held."""
    steps = sequence(seed, length)
    broken = play(steps, tally.counts)
    tally.steps += len(steps)
    if broken is None:
        return None
    return Found(seed, *shrink(steps, broken))
