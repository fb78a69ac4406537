"""What the running host has mounted, and the devices and servers behind it."""

from __future__ import annotations

import os

from .texts import decoded, lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# how /proc writes a blank, # and a backslash; tab and newline stay as they are: a message is a line
# Source: Linux, fs/proc_namespace.c, mangle.
_ESCAPED = {"040": " ", "043": "#", "134": "\\"}
_MORE_DEVICES = ("logdev", "rtdev")  # of xfs
_SERVER = ("addr",)  # of nfs and cifs
_LEAST = 6  # fields before the dash: the tags of shared mounts may follow


class Mount:
    """A mount: the number of its block device, where it is, and what is said to be its source.

    Source: Linux, Documentation/filesystems/proc.rst, /proc/<pid>/mountinfo.
    """

    __slots__ = ("kind", "number", "options", "source", "where")

    def __init__(self, number: str, where: str, kind: str, source: str, options: str) -> None:
        self.number = number
        self.where = where
        self.kind = kind
        self.source = source
        self.options = options

    @property
    def devices(self) -> list[str]:
        """Paths of block devices, perhaps; bcachefs names all of its own, with colons between."""
        several = self.source.split(":") if self.source.startswith("/") else []
        more = values_of(_MORE_DEVICES, self.options)
        return [*dict.fromkeys([self.source, *several, *more])]

    @property
    def servers(self) -> list[str]:
        """The addresses of the servers that it comes from."""
        return values_of(_SERVER, self.options)


def read_mounts(proc: str) -> list[Mount]:
    """All mounts. In a container, process 1 may be that of the host and see more."""
    paths = [os.path.join(proc, process, "mountinfo") for process in ("1", "self")]
    return [*_mounts(dict.fromkeys(line for path in paths for line in lines(path)))]


def _mounts(texts: Iterable[str]) -> Iterator[Mount]:
    for line in texts:
        place, _, source = line.partition(" - ")
        fields, said = place.split(" "), source.split(" ", 2)
        if len(fields) >= _LEAST and len(said) > 1:
            kind, named, *options = map(unescaped, said)
            yield Mount(fields[2], unescaped(fields[4]), kind, named, "".join(options))


def unescaped(text: str) -> str:
    """A path as it is, from how /proc writes it."""
    return decoded(text, "\\", 3, _ESCAPED.get)


def values_of(names: tuple[str, ...], options: str) -> list[str]:
    """What options with these names are set to, in `a=1,b,c=2`; not the empty ones."""
    pairs = (option.partition("=") for option in options.split(","))
    return [value for name, _, value in pairs if name in names and value]
