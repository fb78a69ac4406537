"""What is kept of one root: a state file that may be lost, a lock, the note of a retirement.

The state file saves requests: a provider whose generation has not moved since is not read again. It
also knows which keys and entry traits were ours at the last pass, after the configuration forgot,
and which devices each inventory counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pci_placement.model import LastPass, Problem, Severity

from .folder import Folder
from .lock import alone
from .retirement import RetirementNote
from .versions import VERSION, NewerVersion, pack, unpack

if TYPE_CHECKING:
    import os

LARGEST = 2**25
"""More bytes than any host needs; a greater file would only fill the memory."""

LOST = "what the last pass left is not known, and less may be offered for a while"
UNREADABLE = "cannot read {}: {}: " + LOST
DAMAGED = "{} is damaged: {}: " + LOST
NEWER = "a newer pci-placement wrote {}: {}, and this one knows none after {}: " + LOST
STATE, LOCK, RETIRED = ".json", ".lock", ".retired"
OPEN_TO_ALL = "everybody on this host can put files into {}, and so decide what is offered"


@dataclass(frozen=True, slots=True)
class Found:
    """What the state file says; where it says nothing though it is there, why."""

    last_pass: LastPass
    problem: Problem | None = None


class StateFile:
    """What is kept of one root, in files that are named by its uuid.

    Those of an older version, and of a root whose uuid nobody has asked for yet, are named by how
    the root was spelled: see `roots`.
    """

    def __init__(self, directory: str | os.PathLike[str], stem: str) -> None:
        self._folder = Folder(directory)
        self._name = f"{stem}{STATE}"
        self._lock_name = f"{stem}{LOCK}"
        self.retirement = RetirementNote(self._folder, f"{stem}{RETIRED}")
        """That this root was retired."""

    @property
    def exists(self) -> bool:
        """Whether a pass has left something, readable or not."""
        return bool(self._folder.stamp(self._name))

    @property
    def is_known(self) -> bool:
        """Whether a pass over this root was ever begun here."""
        return self.exists or bool(self._folder.stamp(self._lock_name))

    @property
    def stamp(self) -> str:
        """What differs once a pass over this root has left something."""
        return self._folder.stamp(self._name)

    def load(self) -> LastPass:
        """Read the state file; one that is missing, damaged or too new is an empty one."""
        return self.look().last_pass

    def look(self) -> Found:
        """Read the state file, and say why it tells nothing where it should."""
        path = self._folder.path / self._name
        try:
            return Found(self._read())
        except (FileNotFoundError, NotADirectoryError):
            return Found(LastPass())
        except OSError as error:
            return _lost(UNREADABLE.format(path, error.strerror), "remove it, or let us read it")
        except NewerVersion as error:
            found = NEWER.format(path, error, VERSION)
            return _lost(found, "the next pass replaces it, unless the newer program makes it")
        except ValueError as error:
            return _lost(DAMAGED.format(path, str(error)[:80]), "the next pass replaces it")

    def complaints(self) -> tuple[Problem, ...]:
        """What to tell an operator before a pass relies on what is kept, and replaces it."""
        return tuple(self._complaints())

    def says(self, last_pass: LastPass) -> bool:
        """Whether this is what the file says already, to the last byte."""
        with contextlib.suppress(OSError):
            return self._folder.read(self._name, LARGEST + 1) == pack(last_pass)
        return False

    def save(self, last_pass: LastPass) -> None:
        """Replace the state file in one step. Raises OSError where it stays as it was."""
        self._folder.write(self._name, pack(last_pass))

    def remove(self) -> None:
        """Forget what passes have left, and that there were any; a retirement stays."""
        self._folder.remove(self._name)
        self._folder.remove(self._lock_name)

    def lock(self) -> AbstractContextManager[None]:
        """Keep a second pass out for as long as the context lasts.

        Raises Locked, which names the process that is ahead, PciPlacementError where the lock is no
        file, or OSError where the folder cannot be written. The kernel drops the lock when its
        holder dies.

        Source: Linux, fs/locks.c, locks_remove_file.
        """
        return alone(self._folder, self._lock_name)

    def _read(self) -> LastPass:
        content = self._folder.read(self._name, LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"it has more than {LARGEST} bytes")
        return unpack(content)

    def _complaints(self) -> Iterator[Problem]:
        if self._folder.is_writable_by_all():
            yield Problem(
                OPEN_TO_ALL.format(self._folder.path),
                f"chmod o-w {self._folder.path}",
                severity=Severity.WARNING,
            )
        if problem := self.look().problem:
            yield problem


def _lost(problem: str, suggestion: str) -> Found:
    return Found(LastPass(), Problem(problem, suggestion, severity=Severity.WARNING))
