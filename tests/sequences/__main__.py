"""`make nightly`: as many random steps as one likes, or the sequence of one seed again."""

import argparse
import os
import sys
import time

from .run import Tally, try_seed

STEPS = int(os.environ.get("SEQUENCES_STEPS", "100000"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sequences", description=__doc__)
    parser.add_argument("seed", type=int, nargs="?", help="play this seed alone")
    parser.add_argument("--steps", type=int, default=STEPS, help="default: %(default)s")
    parser.add_argument("--first", type=int, default=int(time.time()), help="default: the time")
    parser.add_argument("--faults", type=int, default=1, help="stop after so many faults")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _search(first: int, asked: argparse.Namespace, steps: int) -> bool:
    tally, seed, found = Tally(), first, []
    began = time.monotonic()
    _say(f"seeds from {first} on")
    while tally.steps < steps and len(found) < asked.faults:
        broken = try_seed(seed, tally)
        if broken:
            found.append(broken)
            _say(f"{broken}")
        seed += 1
    speed = tally.steps / (time.monotonic() - began)
    _say(f"{tally.steps} steps in {seed - first} sequences, {speed:.0f} steps a second")
    _say(" ".join(f"{what}={n}" for what, n in sorted(tally.counts.items())))
    return not found


def main() -> None:
    """Search, and end with 1 if a promise was broken."""
    asked = _arguments()
    one = asked.seed is not None
    first, steps = (asked.seed, 1) if one else (asked.first, asked.steps)
    sys.exit(not _search(first, asked, steps))


if __name__ == "__main__":
    main()
