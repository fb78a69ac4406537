"""The agent in the guest: one process after the other, and what they wrote into their log."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .hand import Hand

LOG = "agent.log"
CONFIG = "pci.conf"
UP = "pass after pass"
"""What it says once it listens to signals."""

PATIENCE = 120.0
METHODS = ("GET ", "PUT ", "POST ", "DELETE ")

_PYTHON = "import sys; from pci_placement.{}.main import main; sys.exit(main(sys.argv[1:]))"


class AgentError(Exception):
    """The agent does not start."""


def command(program: str, *arguments: str) -> list[str]:
    """A program of the package (cli or service) in the guest, with its configuration."""
    python = ["python3", "-c", _PYTHON.format(program)]
    return [*python, "--config-file", f"/mnt/run/{CONFIG}", *arguments]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log, at seconds since 1970; what is no JSON is of level RAW."""

    level: str
    message: str
    at: float = 0.0
    number: int = 0

    @staticmethod
    def of(text: str) -> Line:
        """Understand a line."""
        try:
            fields = json.loads(text)
            at = datetime.fromisoformat(fields["time"]).timestamp()
            return Line(fields["level"], fields["message"], at, fields.get("pass", 0))
        except (ValueError, KeyError):
            return Line("RAW", text)

    @property
    def is_request(self) -> bool:
        """Whether it tells of a request."""
        return self.message.startswith(METHODS)


class Agent:
    """Starts it, kills it, reads its log."""

    def __init__(self, hand: Hand, run: Path) -> None:
        self.folder = run
        self._hand, self._log = hand, run / LOG
        self._read = 0
        self.lines: list[Line] = []
        self.pid = 0

    def start(self) -> None:
        """Start a process, and have it make its first pass at once.

        By itself it would wait for a part of its interval, because the guest has just booted.
        """
        service = command("service", "--log-format", "json", "--verbose")
        self.pid = self._hand.start(command=service, log=LOG)
        end = time.monotonic() + PATIENCE
        while not any(line.message.startswith(UP) for line in self.news()):
            if self.has_ended or time.monotonic() > end:
                raise AgentError(f"the agent does not start; see {self._log}")
            time.sleep(0.1)
        self.poke()

    def poke(self) -> None:
        """Have it make a pass now, as an operator can."""
        self._hand.signal(pid=self.pid, number=signal.SIGUSR1)

    def kill(self) -> None:
        """Kill it as the kernel does when memory is short."""
        self._hand.end(pid=self.pid, number=signal.SIGKILL)

    def stop(self) -> int:
        """End it as systemd does; gives the exit code."""
        return self._hand.end(pid=self.pid, number=signal.SIGTERM)

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone, though nobody killed it."""
        return self._hand.ended(pid=self.pid) is not None

    def news(self) -> list[Line]:
        """What it has written since this was asked for the last time."""
        with self._log.open("rb") as file:
            file.seek(self._read)
            whole, end, _ = file.read().rpartition(b"\n")
        self._read += len(whole + end)
        found = [Line.of(text) for text in whole.decode(errors="replace").splitlines()]
        self.lines += found
        return found

    def above_info(self) -> Iterator[Line]:
        """All so far that somebody would have to look at."""
        self.news()
        return (line for line in self.lines if line.level not in ("DEBUG", "INFO"))

    @property
    def passes(self) -> int:
        """How many passes it told of, whichever process."""
        self.news()
        return passes(line.number for line in self.lines if line.number)


def passes(numbers: Iterator[int]) -> int:
    """How many passes there were; each process counts its own from one."""
    made, before = 0, 0
    for number in numbers:
        made += number - before if number >= before else number
        before = number
    return made
