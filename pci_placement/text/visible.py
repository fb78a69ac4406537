"""What a terminal would obey, or a reader could not see, made visible.

Device names, resource providers and error bodies are written by others, and a terminal takes an
escape sequence in them for an order. A text is escaped as JSON does it, so that JSON stays JSON.
"""

from __future__ import annotations

from typing import Any


class Ours(str):
    """A text of which no word comes from elsewhere: it may style itself."""

    __slots__ = ()


def visible(text: str, kept: str = "") -> str:
    r"""A text in which whatever a terminal does not print, but for what is kept, reads `\u001b`.

    That is what Python's repr escapes: control and format characters (bidirectional overrides and
    joiners among them), separators but the space, and halves of surrogate pairs.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def visible_cell(value: Any) -> Any:
    """The value of a cell; if it is a text, then one line."""
    return visible(value) if isinstance(value, str) else value
