"""`pci-placement-agent` as a process of its own, and the lines that it writes."""

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Sequence

from .command import SCRIPT
from .daemons import PATIENCE

AGENT = SCRIPT.with_name("pci-placement-agent")
PROMISED = 10
"""Seconds for the end after SIGTERM: 5 are promised, and machines are busy."""


class Service:
    """A process that makes passes, and the lines that it writes."""

    def __init__(self, *arguments: object, before: Sequence[str] = (), **environment: str) -> None:
        command = [*before, AGENT, *map(str, arguments), "--log-format", "json"]
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )
        self.lines: list[dict] = []

    def await_line(self, part: str) -> dict:
        """Read what it writes until a line has this in it; a process that does not is killed."""
        with _killed_after(PATIENCE, self.process):
            for text in self.process.stderr:
                self.lines.append(json.loads(text))
                if part in self.lines[-1]["message"]:
                    return self.lines[-1]
        raise AssertionError(f"it ended without a word of {part!r}: {self.lines}")

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.send(number)
        _, rest = self.process.communicate(timeout=PROMISED)
        self.lines += map(json.loads, rest.splitlines())
        return self.process.returncode

    def messages(self, *levels: str) -> list[str]:
        return [line["message"] for line in self.lines if line["level"] in levels]


@contextlib.contextmanager
def _killed_after(seconds: float, process: subprocess.Popen):
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
