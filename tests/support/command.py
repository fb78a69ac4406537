"""The command line, as a test calls it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .daemons import PATIENCE

SCRIPT = Path(sys.executable).with_name("pci-placement")


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


def by_token(url: str, token: str = "admin") -> str:  # noqa: S107  it opens nothing else
    """A section [placement] for a Placement that trusts everybody."""
    return f"auth_type = admin_token\nendpoint = {url}\ntoken = {token}"


def writes(placement) -> list:
    """The requests so far that were to change something."""
    return [request for request in placement.requests if request.method != "GET"]


def script(*arguments: object, **environment: str) -> Run:
    """Run the console script as a process of its own."""
    done = subprocess.run(
        [SCRIPT, *map(str, arguments)],
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)
