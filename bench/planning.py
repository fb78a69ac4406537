"""How the time to plan grows with a host, and what judging a plan costs beside it.

Usage: python bench/planning.py [SHAPE …]      (default: all; a part of a name will do)

CPU in milliseconds for hosts of four sizes, each twice the one before: mapping the devices,
planning (everything in plan/ before the judge), judging. The exponent is the slope of the
logarithms: 1 where twice the host takes twice the time.
"""

import gc
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.growing import CHANGES, SHAPES, make_pass

from pci_placement.plan.check import Facts, judge

RUNS = 3
OF_CARDS = (8, 16, 32, 64)
OF_DEVICES = (64, 128, 256, 512)


class Cost(NamedTuple):
    """What one size of host costs, in milliseconds."""

    mapping: float
    planning: float
    judging: float


def cpu(what: Callable[[], object]) -> float:
    """The least CPU that something took, in milliseconds."""
    return 1000 * min(_once(what) for _ in range(RUNS))


def _once(what: Callable[[], object]) -> float:
    before = time.process_time()
    what()
    return time.process_time() - before


def exponent(sizes: tuple[int, ...], times: list[float]) -> float:
    """The slope of the line through the logarithms."""
    xs, ys = [math.log(size) for size in sizes], [math.log(each) for each in times]
    middle, level = sum(xs) / len(xs), sum(ys) / len(ys)
    rise = sum((x - middle) * (y - level) for x, y in zip(xs, ys, strict=True))
    return rise / sum((x - middle) ** 2 for x in xs)


def measure(shape, change, size: int, remembers: bool) -> Cost:
    """One pass over one host."""
    one = make_pass(shape, size, change, remembered=remembers)
    plan, seen = one.planned()
    facts = Facts(one.tree, seen, one.last_pass)
    if found := judge(plan, facts):
        raise SystemExit(f"the judge refuses this plan: {found[0]}")
    gc.collect()
    gc.disable()
    try:
        given = change.after(shape, size)
        return Cost(cpu(given.tree), cpu(one.planned), cpu(lambda: judge(plan, facts)))
    finally:
        gc.enable()


def main() -> None:
    head = ("", "", "", "devices", "mapping", "exp", "planning", "exp", "judge", "exp", "ratio")
    print("{:14} {:24} {:9} {:>8} {:>8} {:>5} {:>8} {:>5} {:>7} {:>5} {:>5}".format(*head))
    for name, shape in SHAPES.items():
        if sys.argv[1:] and not any(part in name for part in sys.argv[1:]):
            continue
        sizes = OF_CARDS if "VF" in name else OF_DEVICES
        for what, change in CHANGES.items():
            for remembers in (True, False):
                if what == "first pass" and remembers:
                    continue
                costs = [measure(shape, change, size, remembers) for size in sizes]
                mapping, planning, judging = map(list, zip(*costs, strict=True))
                print(
                    f"{name:14} {what:24} {'' if remembers else 'forgotten':9} {sizes[-1]:>8} "
                    f"{mapping[-1]:>8.1f} {exponent(sizes, mapping):>5.2f} "
                    f"{planning[-1]:>8.1f} {exponent(sizes, planning):>5.2f} "
                    f"{judging[-1]:>7.1f} {exponent(sizes, judging):>5.2f} "
                    f"{judging[-1] / planning[-1]:>5.2f}",
                    flush=True,
                )


main()
