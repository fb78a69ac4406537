"""Where the numbers are to be read: a file and a port, as the configuration has them now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pci_placement.model import Problem, Severity

from .catalogue import Numbers
from .textfile import TextFile

if TYPE_CHECKING:
    from pci_placement.conf.listen import Listen

    from .server import Server

NOT_SERVED = "cannot serve metrics on {}: {}"
TRIED_AGAIN = "free it or change [pci_placement] metrics_listen; it is tried again after every pass"


class Places:
    """Brings the numbers to where they are to be read; what cannot be done ends nothing."""

    def __init__(self, numbers: Callable[[], Numbers]) -> None:
        self._numbers = numbers
        self._listen: Listen | None = None
        self._server: Server | None = None
        self._file = TextFile("")

    def move(self, file: str, listen: Listen | None) -> None:
        """Let them be read here from now on, and no longer where they were."""
        if file != self._file.path:
            self._file.remove()
            self._file = TextFile(file)
        if listen != self._listen:
            self._stop()
            self._listen = listen

    def left(self) -> Numbers:
        """What earlier processes left."""
        return self._file.read()

    def publish(self) -> list[Problem]:
        """Let the file say what is so now, and the port be served; what of it cannot be done."""
        return [problem for problem in self._publish() if problem]

    def _publish(self) -> Iterator[Problem | None]:
        yield self._file.write(self._numbers())
        yield self._serve()

    def _serve(self) -> Problem | None:
        if self._listen and not self._server:
            # http.server takes as long to load as half of a process that finds nothing to do
            from .server import Server

            try:
                self._server = Server(self._listen, self._numbers)
            except OSError as error:
                told = NOT_SERVED.format(self._listen, error.strerror or error)
                return Problem(told, TRIED_AGAIN, severity=Severity.WARNING)
        return None

    def _stop(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
