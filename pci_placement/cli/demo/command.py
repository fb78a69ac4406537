"""The command `demo`."""

from __future__ import annotations

import argparse
import contextlib
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from pci_placement.cli.base import PciCommand
from pci_placement.cli.helps import LOCAL
from pci_placement.embedded import EmbeddedPlacement

from . import screen
from .story import Stage, play


class Demo(PciCommand):
    """Show it all: two hosts, a real Placement on a SQLite file, a claim. Changes nothing here."""

    only_reads = True
    example = "--keep"
    codes = LOCAL

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --keep and --port."""
        parser.add_argument(
            "--keep", action="store_true", help="leave Placement up at the end, until Ctrl-C"
        )
        parser.add_argument(
            "--port", type=int, default=0, help="where Placement listens (default: a free port)"
        )

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Tell the story in a folder of its own, which is removed at the end."""
        with (
            _ended_by_sigterm(),
            tempfile.TemporaryDirectory(prefix="pci-placement-demo-") as name,
        ):
            folder = Path(name)
            screen.progress("Starting a real Placement on a SQLite file")
            with EmbeddedPlacement(folder / "placement", port=parsed_args.port) as server:
                screen.done(f"it listens on {server.url}.")
                stage = play(server, folder)
                _outlook(server, stage)
                if parsed_args.keep:
                    _wait()


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Whoever ends it in another way than by Ctrl-C finds nothing left behind either."""
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _frame: FrameType | None) -> None:
    # as a shell says it of whoever a signal ended
    raise SystemExit(128 + number)


def _outlook(server: EmbeddedPlacement, stage: Stage) -> None:
    screen.heading("To look around yourself")
    exports = [f"export {name}={value}" for name, value in server.environment().items()]
    uuid = stage.observed().root.uuid
    screen.examples(
        "With `pci-placement demo --keep` this Placement stays up. In another terminal, with "
        "openstackclient\nand osc-placement (`.venv/bin` has both after `make test`):",
        [
            *exports,
            f"openstack resource provider list --in-tree {uuid} --os-placement-api-version 1.14",
            "openstack resource provider inventory list <uuid of a provider>",
            "openstack resource provider trait list <uuid> --os-placement-api-version 1.6",
            "openstack allocation candidate list --os-placement-api-version 1.29 "
            "--resource CUSTOM_PCI_QUICKASSIST=2",
            f"pci-placement --config-file {stage.file} --sysfs {stage.host.sysfs} provider list",
        ],
    )


def _wait() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        screen.tell("It stays up until you press Ctrl-C.")
        threading.Event().wait()
