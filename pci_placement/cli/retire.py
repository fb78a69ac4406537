"""`retire`: take everything of ours off this node."""

from __future__ import annotations

import argparse
from typing import Any

from pci_placement.agent import Agent
from pci_placement.errors import ExitCode, RequestError

from . import plan_rows
from .consent import add_yes, obtain
from .helps import ASKING
from .passes import PassCommand

RETIRES = (
    "retire takes all that pci-placement keeps for this node out of Placement, and lets sync offer "
    "nothing: retire --dry-run shows it"
)
RETIRES_BELOW = (
    "retire --root {0} takes all that this host left below {0} out of Placement: "
    "retire --root {0} --dry-run shows it"
)
NOW_RETIRED = (
    "this node is retired: a later sync goes on with it and offers nothing, until "
    "`pci-placement retire --undo`"
)
UNDONE = "the next sync offers what this host has"
NOT_RETIRED = "nothing to undo: this node is not retired"
GOES_ON = "a later sync goes on with what is left below {}"
UNDO_HERE = "--undo is about this node: leave --root out, or make it the root of this node first"
ONLY_OTHERS = "--force is for --root: it allows a root of which this host knows nothing"


class Retire(PassCommand):
    """Take everything of ours off this node: drain what is used, delete what is free.

    Say it again until nothing is left; a later sync goes on with it and offers nothing.
    """

    example = "--dry-run"
    codes = (*ASKING, ExitCode.PARTLY)

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --dry-run, --undo, --root, --force and --yes."""
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--dry-run", action="store_true", help="show what it would do")
        either.add_argument("--undo", action="store_true", help="let sync offer devices again")
        parser.add_argument(
            "--root",
            default="",
            metavar="NAME_OR_UUID",
            help="only what this host left below the root that it had before it was renamed",
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="with --root: also where this host knows of nothing that it left there",
        )
        add_yes(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Make one pass that wants nothing."""
        agent, root, force = self.agent(self.settings()), parsed_args.root, parsed_args.force
        _check(parsed_args)
        if parsed_args.undo:
            return self._undo(agent)
        if parsed_args.dry_run:
            return self.show(agent.preview_retirement(root, force))
        self.refuse_capture()
        if not parsed_args.yes:
            with self.progress.silent():
                obtain(RETIRES_BELOW.format(root) if root else RETIRES)
        if root:
            return self._below(agent, root, force)
        answer = agent.retire()
        if answer.standing.enabled:
            self.inform(NOW_RETIRED)
        return self.report_answer(answer)

    def _below(self, agent: Agent, root: str, force: bool) -> tuple[Any, Any]:
        answer = agent.retire_below(root, force)
        if answer.left:
            self.inform(GOES_ON.format(root))
        return self.report_answer(answer)

    def _undo(self, agent: Agent) -> tuple[Any, Any]:
        self.inform(UNDONE if agent.undo_retirement() else NOT_RETIRED)
        return self.table(plan_rows.RESULT, [])


def _check(parsed_args: argparse.Namespace) -> None:
    if parsed_args.undo and parsed_args.root:
        raise RequestError(UNDO_HERE)
    if parsed_args.force and not parsed_args.root:
        raise RequestError(ONLY_OTHERS)
