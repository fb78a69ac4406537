"""Listens to the kernel in a thread of its own, for as long as the process lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pci_placement.discovery.watch import Unheard, Watch

AGAIN = 60.0
"""Seconds after which it is tried again to listen."""

_LONG = 3600.0


class Watching:
    """Wakes somebody when there is something to hear.

    why_not says why the kernel is not heard, and is empty where it is.
    """

    def __init__(
        self,
        wake: Callable[[], None],
        listen: Callable[[], Watch] = Watch,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.why_not = ""
        self._wake = wake
        self._listen = listen
        self._pause = pause

    def start(self) -> None:
        """Listen from now on."""
        try:
            first = self._listen()
        except Unheard as error:
            first, self.why_not = None, str(error)
        threading.Thread(target=self._go_on, args=(first,), name="watch", daemon=True).start()

    def _go_on(self, watch: Watch | None) -> None:
        while True:
            if watch:
                self._hear(watch)
            self._pause(AGAIN)
            watch = self._try_again()

    def _hear(self, watch: Watch) -> None:
        """Listen until that is no longer possible."""
        try:
            while True:
                if watch.wait(_LONG):
                    self._wake()
        except Unheard as error:
            self.why_not = str(error)
        except Exception as error:  # nobody would miss a thread that has ended
            self.why_not = f"{type(error).__name__}: {error}"

    def _try_again(self) -> Watch | None:
        try:
            watch = self._listen()
        except Unheard as error:
            self.why_not = str(error)
            return None
        self.why_not = ""
        self._wake()  # for what happened meanwhile
        return watch
