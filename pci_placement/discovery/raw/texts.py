"""Small files and folders of /sys and /proc, of which none needs to be there."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def listed(folder: str, prefix: str = "") -> list[str]:
    """The names in a folder, in order; nothing where it cannot be listed."""
    try:
        return sorted(name for name in os.listdir(folder) if name.startswith(prefix))
    except OSError:
        return []


def paths(folder: str, prefix: str = "") -> list[str]:
    """What is in a folder, in order; nothing where it cannot be listed."""
    return [os.path.join(folder, name) for name in listed(folder, prefix)]


def lines(path: str) -> list[str]:
    """The lines of a file; a name in it may hold whatever str.splitlines splits at."""
    return text(path).split("\n")


def word(path: str) -> str:
    """The content of a file that holds one word."""
    return text(path).strip()


def text(path: str) -> str:
    """The content of a file; nothing where it cannot be read."""
    try:
        with open(path, "rb") as file:
            # bytes, because a name may hold a carriage return; no path may hold a NUL
            return file.read().decode(errors="replace").replace("\0", "")
    except OSError:
        return ""


def decoded(text: str, mark: str, digits: int, meaning: Callable[[str], str | None]) -> str:
    """A text as it was before some characters of it were written as a mark and so many digits.

    A mark before anything without a meaning stands for itself.
    """
    first, *others = text.split(mark)
    found = [(meaning(other[:digits]), other) for other in others]
    return first + "".join(
        mark + other if character is None else character + other[digits:]
        for character, other in found
    )


def with_all_below(start: str, below: Callable[[str], Iterable[str]]) -> list[str]:
    """A thing and all that it rests on, directly or through others, in whatever knots."""
    found, known = [start], {start}
    for thing in found:  # grows meanwhile
        new = [other for other in dict.fromkeys(below(thing)) if other not in known]
        known.update(new)
        found += new
    return found
