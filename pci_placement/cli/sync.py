"""`plan` and `sync`: what would be written to Placement, and writing it."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import Any

from pci_placement.agent import Preview
from pci_placement.agent.offline import plan_offline
from pci_placement.agent.telling import advice
from pci_placement.errors import ExitCode, RequestError
from pci_placement.passes.values import PlannedPass
from pci_placement.settings import Settings

from . import plan_rows
from .consent import add_yes, obtain
from .helps import ASKING
from .passes import PassCommand
from .reviewed import NO_PROVIDERS, approval, keep, read_rows

OBSERVED_OFFLINE = "--observed is for --offline: without it Placement itself is asked"
FORCES = (
    "sync --force removes all that this host no longer offers, however much it is: "
    "sync --dry-run --force shows it"
)


class Plan(PassCommand):
    """Show what sync would write to Placement, and why; write nothing."""

    only_reads = True
    brief = plan_rows.PLAN_BRIEF
    columns = plan_rows.PLAN
    example = "--detailed-exitcode"
    codes: Collection[ExitCode] = (*ASKING, ExitCode.CHANGES)

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --detailed-exitcode, --offline, --observed and --out."""
        parser.add_argument(
            "--detailed-exitcode", action="store_true", help="exit 3 if there is something to do"
        )
        parser.add_argument(
            "--offline",
            action="store_true",
            help="as if Placement had nothing of this host yet; needs no Placement",
        )
        parser.add_argument(
            "--observed",
            metavar="FILE",
            help="with --offline: as if Placement had what provider list -f json printed there",
        )
        parser.add_argument(
            "--out", metavar="FILE", help="keep the plan for sync --plan FILE, in a file"
        )

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Look, and show the plan."""
        settings = self.settings()
        if parsed_args.observed and not parsed_args.offline:
            raise RequestError(OBSERVED_OFFLINE)
        if parsed_args.offline:
            preview = self.offline(settings, parsed_args.observed)
        else:
            preview = self.previewed(settings)
        if parsed_args.out:
            keep(preview.planned, parsed_args.out)
        shown = self.show(preview)
        if parsed_args.detailed_exitcode and shown[1]:
            self.exit_code = ExitCode.CHANGES
        return shown

    def offline(self, settings: Settings, observed: str | None) -> Preview:
        """What sync would do if Placement had what a file says, or nothing."""
        rows, host = read_rows(observed) if observed else (), self.host(settings)
        try:
            planned = plan_offline(settings, host, rows)
        except (AttributeError, KeyError, TypeError) as error:
            raise RequestError(NO_PROVIDERS.format(observed)) from error
        self.advise(settings, planned)
        return Preview(planned)

    def previewed(self, settings: Settings, full: bool = False, force: bool = False) -> Preview:
        """What sync would do, as if it were enabled."""
        preview = self.agent(settings).preview(full, force)
        if not preview.retires:
            self.advise(settings, preview.planned)
        return preview

    def advise(self, settings: Settings, planned: PlannedPass) -> None:
        """Tell what of the lists has no effect on this host; what is held is told anyway."""
        self.warn(advice(settings, planned.host, notes=self.is_verbose))


class Sync(Plan):
    """Make Placement true to the PCI devices of this host: one pass."""

    only_reads = False
    brief = plan_rows.RESULT
    columns = plan_rows.RESULT
    example = "--dry-run"
    codes = (*ASKING, ExitCode.WITHHELD, ExitCode.PARTLY)

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Replace the options of plan."""
        parser.add_argument(
            "--dry-run", action="store_true", help="show what it would do, as plan does"
        )
        parser.add_argument(
            "--full", action="store_true", help="read all of our providers from Placement again"
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="remove all that is to go, however much it is and whatever the policy",
        )
        parser.add_argument(
            "--plan",
            metavar="FILE",
            help="carry out what plan --out FILE kept, or refuse where that is no longer the plan",
        )
        add_yes(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Any, Any]:
        """Make one pass, or show what it would do."""
        settings = self.settings()
        if parsed_args.dry_run:
            return self.show(self.previewed(settings, parsed_args.full, parsed_args.force))
        self.refuse_capture()
        if parsed_args.force and not parsed_args.yes:
            with self.progress.silent():
                obtain(FORCES)
        approve = approval(parsed_args.plan) if parsed_args.plan else None
        answer = self.agent(settings).sync(parsed_args.full, parsed_args.force, approve)
        if answer.made and not answer.retires:
            self.advise(settings, answer.made.report.planned)
        return self.report_answer(answer)
