"""How a program was called, as far as it decides which files are read."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_CALLED = "pci-placement"
STATE_DIR = "/var/lib/pci-placement"
_OPTION = rb"^[ \t]*%b[ \t]*[=:][ \t]*(\S+)[ \t]*$"
_STATE_DIR = re.compile(_OPTION % b"state_dir", re.MULTILINE)
_CDI_DIR = re.compile(_OPTION % b"cdi_dir", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Invocation:
    """The configuration files and folders that were named, in order, and the tree of /sys.

    brief tells that less was to be said.
    """

    paths: Sequence[tuple[str, bool]]
    sysfs: str
    program: str
    brief: bool = False

    @property
    def stem(self) -> str:
        """What the note of this call is called."""
        told = repr((list(self.paths), os.path.abspath(self.sysfs), self.program, self.brief))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def files(self) -> list[str]:
        """All files that are or would be read, some of which need not be there, in order."""
        paths = self.paths or list(_default_places(self.program))
        return [file for path, is_dir in paths for file in _files(path, is_dir)]

    def state_dirs(self) -> list[str]:
        """Where the note may lie: what a file says, and the default.

        Only a guess: the note itself tells for which files it holds, to the last byte.
        """
        return [*reversed(self._values(_STATE_DIR)), STATE_DIR]

    def cdi_dirs(self) -> list[str]:
        """Where documents of ours for container runtimes may lie."""
        return self._values(_CDI_DIR)

    def _values(self, option: re.Pattern[bytes]) -> list[str]:
        return [
            value.decode("utf-8", "replace")
            for file in self.files()
            for value in _values(file, option)
        ]


def _files(path: str, is_dir: bool) -> list[str]:
    full = os.path.abspath(os.path.expanduser(path))
    return sorted(glob.glob(os.path.join(glob.escape(full), "*.conf"))) if is_dir else [full]


def _default_places(program: str) -> Iterator[tuple[str, bool]]:
    """Every place in which a file or folder would be found if no path is given.

    Source: oslo_config/cfg.py, _get_config_dirs and _find_config_files.
    """
    snaps = [os.environ.get(name) for name in ("SNAP_COMMON", "SNAP")]
    folders = [f"~/.{_CALLED}", "~", f"/etc/{_CALLED}", "/etc"]
    folders += [os.path.join(snap, "etc", _CALLED) for snap in snaps if snap]
    for folder in folders:
        for name in dict.fromkeys((_CALLED, program)):
            yield os.path.join(folder, f"{name}.conf"), False
            yield os.path.join(folder, f"{name}.conf.d"), True


def _values(file: str, option: re.Pattern[bytes]) -> list[bytes]:
    try:
        with open(file, "rb") as opened:
            return option.findall(opened.read())
    except OSError:
        return []
