"""Tells systemd how this service is; without a systemd that wants to know, nobody.

A datagram to the socket that it names is the whole protocol, which its manual calls stable and
recommends to speak without a library.

Source: systemd, man/sd_notify.xml, man/sd_watchdog_enabled.xml.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Notify:
    """Where to tell it, and how often systemd wants to hear from us: every so many seconds, or 0.

    All that is told may get lost: nobody waits for systemd.
    """

    address: str = ""
    watchdog: float = 0.0

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Notify:
        """As the environment of this process says."""
        address = environment.get("NOTIFY_SOCKET", "")
        if address.startswith("@"):  # an address without a file
            address = f"\0{address[1:]}"
        return cls(address, _watchdog(environment) if address else 0.0)

    def ready(self) -> None:
        """The service is up, or is again after it read its configuration."""
        self._say("READY=1")

    def reloading(self) -> None:
        """The configuration is being read."""
        self._say("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The service is about to end."""
        self._say("STOPPING=1")

    def alive(self) -> None:
        """The service does what it should."""
        self._say("WATCHDOG=1")

    def status(self, sentence: str) -> None:
        """What the service does, for people."""
        self._say(f"STATUS={' '.join(sentence.split())}")

    def starts_within(self, seconds: float) -> None:
        """It may take so long until the service is up, or tells this once more."""
        self._say(f"EXTEND_TIMEOUT_USEC={int(seconds * _MICRO)}")

    def _say(self, *lines: str) -> None:
        if not self.address:
            return
        with (
            contextlib.suppress(OSError, UnicodeError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way,
        ):
            way.setblocking(False)
            way.sendto("\n".join(lines).encode(), self.address)


def _watchdog(environment: Mapping[str, str]) -> float:
    """Seconds after which systemd takes this process for hung; 0 where it does not look."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    text = environment.get("WATCHDOG_USEC", "")
    return int(text) / _MICRO if text.isascii() and text.isdigit() else 0.0
