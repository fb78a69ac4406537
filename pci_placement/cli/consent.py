"""Consent to what destroys: asked for on a terminal, and said beforehand anywhere else."""

from __future__ import annotations

import argparse
import sys
from typing import TextIO

from pci_placement.errors import PciPlacementError, RequestError

YES_NEEDED = "{}; say --yes where nobody can be asked (in a script, by cron)"
DECLINED = "nothing was done"
QUESTION = "{}. Go on? [y/N] "


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Add --yes."""
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is meant")


def obtain(what: str) -> None:
    """Ask a person whether what is about to be done is meant.

    Raises RequestError where nobody can be asked, PciPlacementError where the answer is no.
    """
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stderr)):
        raise RequestError(YES_NEEDED.format(what))
    sys.stderr.write(QUESTION.format(what))
    sys.stderr.flush()
    answer = ""
    try:
        answer = sys.stdin.readline()
    finally:
        if not answer.endswith("\n"):  # Ctrl-C or Ctrl-D: what comes next has a line of its own
            sys.stderr.write("\n")
    if answer.strip().lower() not in ("y", "yes"):
        raise PciPlacementError(DECLINED)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
