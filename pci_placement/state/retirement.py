"""The note that this host wants nothing any more. That it is there counts, whatever it says."""

from __future__ import annotations

from .folder import Folder

_LONGEST = 400
_UNKNOWN_TIME = "an unknown time"


class RetirementNote:
    """Written by `retire`, and read by every later pass; where nobody can tell, by OSError."""

    def __init__(self, folder: Folder, name: str) -> None:
        self._folder = folder
        self._name = name

    def since(self) -> str | None:
        """When this node was retired, None if it was not."""
        try:
            text = self._folder.read(self._name, _LONGEST).decode("utf-8", "replace").strip()
        except FileNotFoundError:
            return None
        return text if text and text.isprintable() else _UNKNOWN_TIME

    def write(self, now: str) -> None:
        """Note it; a node that is retired stays so since then."""
        if self.since() is None:
            self._folder.write(self._name, f"{now}\n".encode())

    def remove(self) -> None:
        """Let later passes offer what this host has."""
        self._folder.remove(self._name)
