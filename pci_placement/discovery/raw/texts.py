"""Small files and folders of /sys and /proc, of which none needs to be there."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


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


def decoded(text: str, mark: str, meaning: Mapping[str, str]) -> str:
    """A text as it was before some characters of it were written as a mark and digits.

    All of the digits are of one length; a mark before others stands for itself.
    """
    first, *others = text.split(mark)
    return first + "".join(_character(mark, other, meaning) for other in others)


def _character(mark: str, text: str, meaning: Mapping[str, str]) -> str:
    digits = len(next(iter(meaning)))
    character = meaning.get(text[:digits])
    return mark + text if character is None else character + text[digits:]


def with_all_below(start: str, below: Callable[[str], Iterable[str]]) -> list[str]:
    """A thing and all that it rests on, directly or through others, in whatever knots."""
    found = [start]
    for thing in found:  # grows meanwhile
        found += [other for other in below(thing) if other not in found]
    return found
