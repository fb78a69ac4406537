"""`retire`: take everything of ours off this node."""

from __future__ import annotations

import argparse
from typing import Any

from pci_placement.agent import Agent

from . import plan_rows
from .base import PciLister
from .passes import PassCommand

NOW_RETIRED = (
    "this node is retired: a later sync goes on with it and offers nothing, until "
    "`pci-placement retire --undo`"
)
UNDONE = "the next sync offers what this host has"
NOT_RETIRED = "nothing to undo: this node is not retired"


class Retire(PassCommand):
    """Take everything of ours off this node: drain what is used, delete what is free.

    Say it again until nothing is left; a later sync goes on with it and offers nothing.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Add --dry-run and --undo."""
        parser: argparse.ArgumentParser = PciLister.get_parser(self, prog_name)
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--dry-run", action="store_true", help="show what it would do")
        either.add_argument("--undo", action="store_true", help="let sync offer devices again")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Make one pass that wants nothing."""
        settings = self.settings()
        agent = self.agent(settings)
        if parsed_args.undo:
            return self._undo(agent)
        if parsed_args.dry_run:
            return self.show(agent.preview_retirement())
        answer = agent.retire()
        if answer.standing.enabled:
            self.inform(NOW_RETIRED)
        return self.report_answer(answer)

    def _undo(self, agent: Agent) -> tuple[Any, Any]:
        self.inform(UNDONE if agent.undo_retirement() else NOT_RETIRED)
        return self.table(plan_rows.RESULT, [])
