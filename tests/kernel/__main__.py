"""`make kernel-test`, `make kernel-smoke` and `make soak`: an exit code of 1 means a fault."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .machine import MachineError
from .play import play
from .soak import Soak
from .stage import staged
from .units import try_units

SCENARIO = {"settle_time": 2}
"""Its default, 5 seconds, is all the time that Placement has to follow a card of another kind."""

WELL = "verdict: Placement followed, nothing was lost or given twice"

SOAK = SCENARIO | {"sync_interval": 20, "max_removals": 100}
"""What waits after a failed pass need not wait for minutes, and no removal needs an operator."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m kernel", description=__doc__)
    parser.add_argument("what", choices=["smoke", "steps", "soak", "units"])
    parser.add_argument("image", type=Path, help="the folder that build.sh made")
    parser.add_argument("--seconds", type=float, default=3600.0, help="of a soak")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of a soak")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _faults(wanted: argparse.Namespace) -> Sequence[str]:
    if wanted.what == "units":
        return try_units(wanted.image.resolve(), _say)
    soak = wanted.what == "soak"
    with staged(wanted.image.resolve(), _say, SOAK if soak else SCENARIO) as stage:
        if soak:
            Soak(stage, wanted.seconds, wanted.seed, _say).run()
        else:
            play(stage, wanted.what == "steps", _say)
        if code := stage.agent.stop():
            stage.fault(f"the agent ended with {code} when it was told to end")
        return stage.all_faults()


def main() -> int:
    """Run it, and give an exit code."""
    # so that the guest is ended too, whoever ends us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        faults = _faults(_arguments())
    except MachineError as error:
        faults = [str(error)]
    for fault in faults:
        _say(f"FAULT: {fault}")
    _say(
        f"verdict: {len(faults)} faults" if faults else "verdict: Placement followed, nothing lost"
    )
    return 1 if faults else 0


sys.exit(main())
