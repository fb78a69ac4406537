"""State files that an older version named by how the root was spelled: they are handed over."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pci_placement.model import Counted, InventoryKey, LastPass, Problem, ProviderUuid

from .folder import Folder
from .store import STATE, StateFile

if TYPE_CHECKING:
    import os

HINT = ".root"
_SPELLED = re.compile("[0-9a-f]{16}")


def is_older(stem: str) -> bool:
    """Whether a file is named by a spelling."""
    return bool(_SPELLED.fullmatch(stem))


def upgrade(directory: str | os.PathLike[str]) -> tuple[Problem, ...]:
    """Let all that is kept under a spelling belong to the root, and say what is lost.

    Raises OSError, and Locked while a pass of an older version runs.
    """
    names = [name for name in Folder(directory).names() if name.endswith(STATE)]
    stems = filter(is_older, (name.removesuffix(STATE) for name in names))
    return tuple(problem for stem in stems for problem in _upgraded(directory, stem))


def _upgraded(directory: str | os.PathLike[str], stem: str) -> Iterator[Problem]:
    file = StateFile(directory, stem)
    with file.lock():
        found = file.look()
        root = found.last_pass.root
        if found.problem:
            yield found.problem
        if root:
            _hand_over(directory, stem, found.last_pass, root.uuid)
        with contextlib.suppress(OSError):  # something that is no file
            file.remove()


def _hand_over(
    directory: str | os.PathLike[str], stem: str, kept: LastPass, root: ProviderUuid
) -> None:
    own, note = StateFile(directory, root), StateFile(directory, stem).retirement
    with own.lock():
        own.save(merged(kept, own.load()) if own.exists else kept)
    if since := note.since():
        own.retirement.write(since)
        note.remove()
    Folder(directory).write(f"{stem}{HINT}", f"{root}\n".encode())


def merged(one: LastPass, other: LastPass) -> LastPass:
    """What two passes over one root left that did not know of each other.

    What an inventory counts is known only where both say the same and neither was cut off, and all
    is to be read again.
    """
    unsure = {*one.begun, *other.begun}
    ledger: dict[InventoryKey, Counted] = {
        place: counted
        for place, counted in one.ledger.items()
        if other.ledger.get(place) == counted and place not in unsure
    }
    return replace(
        other,
        keys=one.keys | other.keys,
        traits=one.traits | other.traits,
        kinds={**one.kinds, **other.kinds},
        providers={**one.providers, **other.providers},
        ledger=ledger,
        begun={},
        read_at=0.0,
    )
