"""Small files and folders of /sys and /proc, of which none needs to be there."""

from __future__ import annotations

import os
from pathlib import Path


def real(path: Path) -> Path:
    """Where a path leads; as it stands where it leads nowhere."""
    return Path(os.path.realpath(path))


def listed(folder: Path, prefix: str = "") -> list[Path]:
    """What is in a folder, in order; nothing where it cannot be listed."""
    try:
        return sorted(folder / name for name in os.listdir(folder) if name.startswith(prefix))
    except OSError:
        return []


def lines(path: Path) -> list[str]:
    """The lines of a file; a name in it may hold whatever str.splitlines splits at."""
    return text(path).split("\n")


def text(path: Path) -> str:
    """The content of a file; nothing where it cannot be read."""
    try:
        # bytes, because a name may hold a carriage return; no path may hold a NUL
        return path.read_bytes().decode(errors="replace").replace("\0", "")
    except OSError:
        return ""
