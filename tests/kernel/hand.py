"""The outside's end of guest/hand.py, and what the guest's clock shows in our time."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

SAMPLES = 8
LOOP = 200_000
PATIENCE = 300.0
"""Seconds for one answer; the guest is slow, and some writes wait for the kernel."""


class HandError(Exception):
    """What was asked for cannot be done in the guest."""


class Hand:
    """One connection to what acts in the guest: `hand.write(path="…", text="…")`."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._file = self._socket.makefile("rw", encoding="utf-8")

    def __getattr__(self, what: str) -> Any:
        return lambda **arguments: self._ask(what, arguments)

    def _ask(self, what: str, arguments: dict[str, object]) -> Any:
        self._file.write(json.dumps([what, arguments]) + "\n")
        self._file.flush()
        line = self._file.readline()
        if not line:
            raise HandError(f"{what} {arguments}: the guest hung up")
        answer = json.loads(line)
        if "error" in answer:
            raise HandError(f"{what} {arguments}: {answer['error']}")
        return answer["answer"]

    def offset(self) -> tuple[float, float]:
        """How far our clock is ahead of the guest's, and by how much that may be wrong.

        From the quickest of some answers: what the way back took is at most all that it took.
        """
        return min((self._sample() for _ in range(SAMPLES)), key=lambda pair: pair[1])

    def slowness(self) -> float:
        """How many times longer Python takes in the guest than here."""
        began = time.perf_counter()
        sum(i * i for i in range(LOOP))
        here = time.perf_counter() - began
        return self.spin(times=LOOP) / here

    def _sample(self) -> tuple[float, float]:
        asked = time.monotonic()
        there, _ = self.clock()
        answered = time.monotonic()
        return (asked + answered) / 2 - there, (answered - asked) / 2
