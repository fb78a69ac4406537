"""Lines for a terminal: as many as a sentence takes, and a word is never broken."""

from __future__ import annotations

import textwrap

_INDENT = "  "
"""What goes on in a second line begins so, and in each one after it."""


def folded(text: str, width: int) -> str:
    """A text of which each line that is too wide is several, and what ends a line stays there."""
    if len(text) <= width:
        return text
    return "\n".join(part for line in text.split("\n") for part in _parts(line, width))


def wrapped(sentence: str, width: int, indent: str = "") -> list[str]:
    """The lines of a sentence: a word is whole, however long, so that it can be copied."""
    return textwrap.wrap(
        sentence,
        width,
        initial_indent=indent,
        subsequent_indent=indent + _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _parts(line: str, width: int) -> list[str]:
    words = line.strip(" ")
    if len(line) <= width or not words:
        return [line]
    begin, _, end = line.partition(words)
    *parts, last = wrapped(words, width, begin)
    return [*parts, last + end]
