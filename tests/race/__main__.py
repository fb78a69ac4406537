"""`make race`: the suite for as long as one likes."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from support.daemons import DaemonError
from support.mariadb import mariadb
from support.postgres import postgres
from support.served import RETRIES, placements

from .run import run_all

DATABASES = {"postgresql": postgres, "mariadb": mariadb}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make race", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="default: %(default)s")
    parser.add_argument("--workers", type=int, default=4, help="default: %(default)s")
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time")
    parser.add_argument(
        "--retries",
        type=int,
        default=RETRIES,
        help="Placement's allocation_conflict_retry_count; with its own default, 10, Placement "
        "16.0.0 over-commits by itself (default: %(default)s)",
    )
    parser.add_argument("--story", type=Path, help="write all that happened into this file")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run it, and give an exit code."""
    wanted = _arguments()
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            DATABASES[wanted.database]() as connection,
            placements(connection, Path(folder), retries=wanted.retries) as urls,
        ):
            _say(
                f"{len(urls)} processes of Placement on {wanted.database}, {wanted.workers} workers"
            )
            well = run_all(
                urls,
                Path(folder) / "race",
                wanted.seconds,
                wanted.workers,
                wanted.seed,
                _say,
                wanted.story,
            )
    except DaemonError as error:
        _say(str(error))
        return 1
    return 0 if well else 1


sys.exit(main())
