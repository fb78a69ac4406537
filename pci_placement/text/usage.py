"""What is said of a command line that makes no sense."""

from __future__ import annotations

import argparse
from typing import NoReturn

_USAGE = 2  # as argparse itself ends
SEE_HELP = "{}: {}; see {} --help\n"


def tell_in_one_line(parser: argparse.ArgumentParser) -> None:
    """Let a parser say what is wrong and where to read on; argparse puts all options before it."""

    def error(message: str) -> NoReturn:
        parser.exit(_USAGE, SEE_HELP.format(parser.prog, message, parser.prog))

    # cliff makes the parsers of commands itself, of a class of its own
    parser.error = error  # type: ignore[method-assign]
