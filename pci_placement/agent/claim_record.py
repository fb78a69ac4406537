"""The record of who has which device, for one who changes it: alone, and written down for good."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pci_placement.errors import ClaimRefused, ClaimUnknown, Locked
from pci_placement.model import ClaimRecord, ProviderUuid
from pci_placement.settings import Settings
from pci_placement.state.claims import ClaimsFile, Unknown
from pci_placement.state.roots import Roots

PAUSE = 0.05
NOT_WRITTEN_DOWN = "cannot write down who has which device in {}: {}; so nobody was given any"


@dataclass(slots=True)
class Desk:
    """Where the record lies while one changes it: record is what it says at this moment."""

    file: ClaimsFile
    record: ClaimRecord
    folder: str

    def write(self, record: ClaimRecord) -> None:
        """Replace it, for good. Raises ClaimRefused where it stays as it was."""
        if record != self.record:
            with _told(self.folder):
                self.file.write(record)
        self.record = record


@contextlib.contextmanager
def at_desk(
    settings: Settings,
    roots: Roots,
    root: ProviderUuid,
    patience: float | None = None,
    now: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Desk]:
    """Wait until nobody else changes the record of a root, and read it.

    Raises Locked after so many seconds (pass_timeout), ClaimUnknown where nobody can tell what it
    says, and ClaimRefused where nothing can be written.
    """
    file = roots.claims(root)
    end = now() + (settings.pass_timeout if patience is None else patience)
    with contextlib.ExitStack() as stack:
        with _told(settings.state_dir):
            while not _entered(stack, file, last=now() >= end):
                wait(PAUSE)
        yield Desk(file, known(file.read()), settings.state_dir)


def known(found: ClaimRecord | Unknown) -> ClaimRecord:
    """What a record says. Raises ClaimUnknown."""
    if isinstance(found, Unknown):
        raise ClaimUnknown(str(found.problem))
    return found


def _entered(stack: contextlib.ExitStack, file: ClaimsFile, last: bool) -> bool:
    try:
        stack.enter_context(file.lock())
    except Locked:
        if last:
            raise
        return False
    return True


@contextlib.contextmanager
def _told(folder: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ClaimRefused(NOT_WRITTEN_DOWN.format(folder, error.strerror)) from error
