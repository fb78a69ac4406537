"""What the help of every command says at its end: an example, and how the command may end."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Collection

from pci_placement.errors import ExitCode

MEANINGS = {
    ExitCode.DONE: "done, or nothing to do",
    ExitCode.ERROR: "an error, told in one message",
    ExitCode.USAGE: "usage, or an invalid configuration: nothing was written",
    ExitCode.CHANGES: "there is something to do (--detailed-exitcode)",
    ExitCode.WITHHELD: "removals were withheld and drained instead",
    ExitCode.PARTLY: "done in part: some cards were held or failed, or something cannot go yet",
    ExitCode.TRY_AGAIN: "try again later: no answer, or another pass is running",
}
LOCAL = (ExitCode.DONE, ExitCode.ERROR, ExitCode.USAGE)
"""How what needs no Placement may end."""
ASKING = (*LOCAL, ExitCode.TRY_AGAIN)
"""How what asks Placement may end."""


class LinesKept(argparse.HelpFormatter):
    """Wraps each line of a description by itself: argparse makes one paragraph of all."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(
            textwrap.fill(line, width, initial_indent=indent, subsequent_indent=indent)
            if not line.startswith(" ")
            else indent + line
            for line in text.splitlines()
        )


def epilog(prog_name: str, example: str, codes: Collection[ExitCode]) -> str:
    """The example as somebody types it, and the exit codes with their meanings."""
    lines = [f"  {code:<3} {MEANINGS[code]}" for code in sorted(codes)]
    return "\n".join(["example:", f"  $ {prog_name} {example}".rstrip(), "", "exit codes:", *lines])
