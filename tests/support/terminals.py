"""A command on a terminal of some width."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios

from .command import SCRIPT
from .daemons import PATIENCE


def on_terminal(width: int, *arguments: object, told: bool = False) -> list[str]:
    """The lines that a person sees of the data of a command, or of what it tells as well."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    line = [SCRIPT, *map(str, arguments)]
    asked = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    environment = asked | {"PAGER": "cat", "NO_COLOR": "1"}
    err = its if told else subprocess.DEVNULL
    with subprocess.Popen(line, stdout=its, stderr=err, env=environment) as shown:
        os.close(its)
        seen = b"".join(iter(lambda: _read(ours), b""))
        shown.wait(PATIENCE)
    os.close(ours)
    return seen.decode().splitlines()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # whoever wrote has gone
        return b""
