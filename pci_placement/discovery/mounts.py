"""What the running host has mounted, and the devices and servers behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .texts import lines

_MOUNT = re.compile(r"[^ ]+ [^ ]+ ([0-9]+:[0-9]+) [^ ]+ ([^ ]+) .*? - ([^ ]+) ([^ ]*)(?: (.*))?")
# how /proc writes a blank, # and a backslash; tab and newline stay as they are: a message is a line
# Source: Linux, fs/proc_namespace.c, mangle.
_ESCAPED = re.compile(r"\\(040|043|134)")
_MORE_DEVICES = re.compile(r"(?:^|,)(?:logdev|rtdev)=([^,]+)")  # of xfs
_SERVER = re.compile(r"(?:^|,)addr=([^,]+)")  # of nfs and cifs


@dataclass(frozen=True, slots=True)
class Mount:
    """A mount: the number of its block device, where it is, and what is said to be its source.

    Source: Linux, Documentation/filesystems/proc.rst, /proc/<pid>/mountinfo.
    """

    number: str
    where: str
    kind: str
    source: str
    options: str = ""

    @property
    def devices(self) -> list[str]:
        """Paths of block devices, perhaps; bcachefs names all of its own, with colons between."""
        several = self.source.split(":") if self.source.startswith("/") else []
        return list(dict.fromkeys([self.source, *several, *_MORE_DEVICES.findall(self.options)]))

    @property
    def servers(self) -> list[str]:
        """The addresses of the servers that it comes from."""
        return _SERVER.findall(self.options)


def read_mounts(proc: Path) -> Iterator[Mount]:
    """All mounts. In a container, process 1 may be that of the host and see more."""
    paths = [proc / process / "mountinfo" for process in ("1", "self")]
    for found in map(_MOUNT.match, dict.fromkeys(line for path in paths for line in lines(path))):
        if found:
            yield Mount(*(unescaped(field or "") for field in found.groups()))


def unescaped(text: str) -> str:
    """A path as it is, from how /proc writes it."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)
