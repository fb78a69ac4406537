"""The file of a capture, as bytes: what is in it is understood elsewhere."""

from __future__ import annotations


def read_file(path: str) -> bytes | None:
    """What a file holds; None for a folder, and for what is not there or cannot be read."""
    try:
        with open(path, "rb") as opened:
            return opened.read()
    except OSError:
        return None


def write_new_file(path: str, content: bytes) -> None:
    """Write a file that is not there yet. Raises OSError, FileExistsError where it is."""
    with open(path, "xb") as opened:
        opened.write(content)
