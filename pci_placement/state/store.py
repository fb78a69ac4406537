"""What is kept between passes: a cache file that may be lost, a lock, the note of a retirement.

The cache saves requests: a provider whose generation has not moved since is not read again. It
also knows which keys and entry traits were ours at the last pass, after the configuration forgot,
and which devices each inventory counts.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from pci_placement.errors import Locked
from pci_placement.model import LastPass

from .versions import pack, unpack


class StateFile:
    """The cache and the lock of one root in one Placement."""

    def __init__(self, directory: str | os.PathLike[str], *identity: str | None) -> None:
        digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
        self._directory = Path(directory)
        self._path = self._directory / f"{digest}.json"
        self._lock_path = self._directory / f"{digest}.lock"
        self._retired_path = self._directory / f"{digest}.retired"

    def load(self) -> LastPass:
        """Read the cache; a missing, foreign or damaged one is an empty one."""
        try:
            return unpack(self._path.read_bytes())
        except (OSError, ValueError):
            return LastPass()

    def save(self, last_pass: LastPass) -> None:
        """Replace the cache in one step. Raises OSError where the folder cannot be written."""
        self._directory.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        new.write_bytes(pack(last_pass))
        new.replace(self._path)

    def retired_since(self) -> str | None:
        """When this node was retired, None if it was not."""
        try:
            return self._retired_path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def retire(self, now: str) -> None:
        """Let later passes know that this host wants nothing any more.

        Raises OSError where the folder cannot be written.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        if self.retired_since() is None:
            self._retired_path.write_text(f"{now}\n", encoding="utf-8")

    def end_retirement(self) -> None:
        """Let later passes offer what this host has."""
        self._retired_path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second pass out for as long as the context lasts.

        Raises Locked, which names the process that is ahead, or OSError where the folder cannot
        be written. The kernel drops the lock when its holder dies.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "of unknown number"
                raise Locked(f"another pass is running (process {holder}); try again") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
