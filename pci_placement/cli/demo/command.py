"""The command `demo`."""

from __future__ import annotations

import argparse
import contextlib
import functools
import shlex
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from pci_placement.cli.base import PciCommand
from pci_placement.cli.helps import LOCAL
from pci_placement.cli.options import whole_number
from pci_placement.cli.progress import Progress
from pci_placement.embedded import EmbeddedPlacement

from . import screen
from .story import Stage, play

PROGRAM, PICTURE = "pci-placement", "topology.html"
GONE_NOW = "Placement and the folder are gone now; `pci-placement demo --keep` leaves them up."


class Untold(Progress):
    """Counts, and never writes a line."""

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Write nothing, however long it takes."""
        yield


class Demo(PciCommand):
    """Show it all: a host, a real Placement on a SQLite file, a claim. Changes nothing here."""

    only_reads = True
    example = "--keep"
    codes = LOCAL

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add --all, --keep and --port."""
        parser.add_argument(
            "--all", action="store_true", help="also this machine, and what is left out else"
        )
        parser.add_argument(
            "--keep", action="store_true", help="leave Placement up at the end, until Ctrl-C"
        )
        parser.add_argument(
            "--port",
            type=whole_number(0, 65535),
            default=0,
            help="where Placement listens (default: a free port)",
        )

    @functools.cached_property
    def progress(self) -> Progress:
        """None of its own: the story tells what takes a moment."""
        return Untold()

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Tell the story in a folder of its own, which is removed at the end."""
        program = Path(sys.argv[0]).resolve()
        with (
            ended_by_signals(),
            tempfile.TemporaryDirectory(prefix="pci-placement-demo-") as name,
            contextlib.chdir(name),
        ):
            folder = Path(name)
            screen.progress("Starting a real Placement on a SQLite file")
            with EmbeddedPlacement(folder / "placement", port=parsed_args.port) as server:
                screen.done(server.url)
                stage = play(server, folder, parsed_args.all)
                _outlook(stage, folder, program, parsed_args.all)
                _wait(parsed_args.keep)


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Whoever ends it in another way than by Ctrl-C finds nothing left behind either."""
    before = {number: signal.signal(number, _end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    # as a shell says it of whoever a signal ended
    raise SystemExit(128 + number)


def _outlook(stage: Stage, folder: Path, program: Path, everything: bool) -> None:
    """What somebody may type elsewhere while this Placement is there, and the picture."""
    screen.heading("To look around yourself")
    picture = folder / PICTURE
    picture.write_text(stage.output("topology --format html"))
    screen.examples(
        "While this Placement is up, all of these commands work in another terminal after",
        [f"cd {shlex.quote(str(folder))}", *_path(program)],
    )
    shown = ["topology", "doctor", "provider list"]
    screen.examples("such as", list(map(stage.typed, shown)))
    if everything:
        _with_openstackclient(stage)
    screen.tell(f"And this is a picture of the host, for a browser: {picture}")


def _path(program: Path) -> list[str]:
    """What lets a shell find the program that runs now."""
    found = shutil.which(program.name)
    if program.name != PROGRAM or (found and Path(found).resolve() == program):
        return []
    return [f"PATH={shlex.quote(str(program.parent))}:$PATH"]


def _with_openstackclient(stage: Stage) -> None:
    uuid = stage.observed().root.uuid
    screen.examples(
        "With openstackclient and osc-placement (`.venv/bin` has both after `make test`):",
        [
            *(f"export {name}={value}" for name, value in stage.server.environment().items()),
            f"openstack resource provider list --in-tree {uuid} --os-placement-api-version 1.14",
            "openstack allocation candidate list --os-placement-api-version 1.29 "
            "--resource CUSTOM_PCI_QUICKASSIST=2",
        ],
    )


def _wait(keep: bool) -> None:
    """Leave everything up for who looks around: until Ctrl-C, or Enter on a terminal."""
    with contextlib.suppress(KeyboardInterrupt, EOFError):
        if keep:
            screen.tell("It stays up until you press Ctrl-C.")
            threading.Event().wait()
        elif sys.stdin and sys.stdin.isatty() and sys.stdout.isatty():
            screen.tell("Look around; press Enter to end.")
            sys.stdin.readline()
        else:
            screen.tell(GONE_NOW)
