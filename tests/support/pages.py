"""The pages of the documentation, and the command lines on them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "doc").glob("*.md"), ROOT / "README.md"])

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_INDENTED = re.compile(r"^ {4}(?:\$ )?(.+)$", re.M)
_INLINE = re.compile(r"`([^`]+)`")
PLAYED = "console"


def command_lines(program: str) -> list[str]:
    """All lines that call a program, each once, without what is only a pattern of one."""
    found = {" ".join(shlex.split(line, comments=True)) for line in _lines(program)}
    return sorted(line for line in found if not re.search(r"[…\[]", line))


def _lines(program: str) -> Iterator[str]:
    for page in PAGES:
        text = page.read_text()
        prose = _BLOCK.sub("", text)
        played = [block for kind, block in _BLOCK.findall(text) if kind == PLAYED]
        found = [line[2:] for block in played for line in block.splitlines() if line[:2] == "$ "]
        found += _INDENTED.findall(prose)
        found += [" ".join(code.split()) for code in _INLINE.findall(prose)]
        yield from (line for line in found if line.startswith(f"{program} "))
