"""The command line, as a test calls it."""

import json
from dataclasses import dataclass


@dataclass
class Run:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The only line of a command that failed: no data, no traceback."""
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("pci-placement: ")
        assert "Traceback" not in line
        return line
