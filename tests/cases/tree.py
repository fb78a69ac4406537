"""The /sys of a case, written from its `files`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path


def write_host(root: Path, files: Mapping[str, str]) -> None:
    """Let the host have these files and no others."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "bus/pci/devices").mkdir(parents=True)
    for path, value in files.items():
        write(root / path, value)


def write(path: Path, value: str) -> None:
    """Write a file, a symbolic link, or an empty folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind, _, rest = value.partition(":")
    if kind == "link":
        path.symlink_to(rest)
    elif kind == "dir":
        path.mkdir(exist_ok=True)
    else:
        path.write_text(value)
