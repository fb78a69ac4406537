"""The file that node_exporter reads; what was counted goes on from it in the next process."""

from __future__ import annotations

import contextlib

from pci_placement.model import Problem, Severity
from pci_placement.state.folder import Folder

from .catalogue import OF_PROCESS, Numbers, names_of

LONGEST_FILE = 2**22

METRICS_NOT_WRITTEN = "cannot write metrics to {}: {}"
WHERE_TO_WRITE = "let [pci_placement] metrics_file be in a folder that is there and can be written"


class TextFile:
    """Replaces one file; path is empty where there is none."""

    def __init__(self, path: str) -> None:
        self.path = path

    def read(self) -> Numbers:
        """What earlier processes left there; nothing where it is none of theirs."""
        if self.path:
            # whatever somebody else put there is not worth more than to begin anew
            with contextlib.suppress(Exception):
                return _without(OF_PROCESS_NAMES, self._read_back())
        return {}

    def write(self, numbers: Numbers) -> Problem | None:
        """Let the file say these; why it could not be written."""
        if not self.path:
            return None
        from .exposition import rendered

        try:
            self._folder.publish(self._name, rendered(numbers))
        except OSError as error:
            told = METRICS_NOT_WRITTEN.format(self.path, error.strerror or error)
            return Problem(told, WHERE_TO_WRITE, severity=Severity.WARNING)
        return None

    def remove(self) -> None:
        """Take it away: two files with the same metrics are an error to node_exporter."""
        if self.path:
            with contextlib.suppress(OSError):
                self._folder.remove(self._name)

    def _read_back(self) -> Numbers:
        from .exposition import read_back

        return read_back(self._folder.read(self._name, LONGEST_FILE).decode())

    @property
    def _folder(self) -> Folder:
        return Folder(self.path.rpartition("/")[0] or "/")

    @property
    def _name(self) -> str:
        return self.path.rpartition("/")[2]


OF_PROCESS_NAMES = names_of(OF_PROCESS)


def _without(names: frozenset[str], numbers: Numbers) -> Numbers:
    return {which: n for which, n in numbers.items() if which.name not in names}
