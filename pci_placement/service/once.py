"""One pass, for cron and for a timer."""

from __future__ import annotations

import argparse

from pci_placement.quiet.invocation import Invocation
from pci_placement.quiet.look import look

from .files import invocation_of
from .logs import LOGGER, start_logging


def once(arguments: argparse.Namespace) -> int:
    """Make one pass; gives the exit code that `sync` would end with.

    Where everything is as it was when the last one found nothing to do, that one's answer is given,
    and what it said is said again.
    """
    start_logging(arguments)
    invocation = _invocation(arguments)
    known = look(invocation) if invocation else None
    if known is None:
        from .whole import whole

        return whole(arguments, invocation)
    for level, line in known.said:
        LOGGER.log(level, "%s", line)
    return known.code


def _invocation(arguments: argparse.Namespace) -> Invocation | None:
    """What decides about the note; None where more is wanted than an answer.

    Whose login is in clouds.yaml, or in the environment that openstacksdk reads, gets no note.
    """
    if arguments.os_cloud or arguments.verbose or arguments.debug:
        return None
    return invocation_of(arguments)
