"""What an agent keeps between passes, in memory: it can be lost, and an older copy be put back."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from pci_placement.model import ClaimRecord, LastPass, LeftBehind, Problem
from pci_placement.state.claims import Unknown
from pci_placement.state.seen import Seen
from pci_placement.state.store import Found

KEPT = 6


class _Note:
    """The note of a retirement that never was."""

    def since(self) -> None:
        return None


class Store:
    """Stands where `state.store.StateFile` does; nobody retires a node of these sequences."""

    def __init__(self) -> None:
        self.retirement = _Note()
        self.kept = LastPass()
        self.older: list[LastPass] = []
        self.saves = 0

    def complaints(self) -> tuple:
        return ()

    def load(self) -> LastPass:
        return self.kept

    def says(self, last_pass: LastPass) -> bool:
        return self.kept == last_pass

    def save(self, last_pass: LastPass) -> None:
        self.saves += 1
        self.older = [*self.older, self.kept][-KEPT:]
        self.kept = last_pass

    def lose(self) -> None:
        self.kept = LastPass()

    def roll_back(self, number: int) -> None:
        """Put back a copy, from a backup that is older than full_sync_interval.

        A younger one may say a generation that a provider that was made anew has reached again.
        """
        if self.older:
            self.kept = self.older[number % len(self.older)]
            self.grow_old()

    def grow_old(self) -> None:
        """Let the last full read be longer ago than full_sync_interval."""
        self.kept = replace(self.kept, read_at=0.0)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        yield


class Record:
    """Stands where `state.claims.ClaimsFile` does; nobody of these sequences asks for a device."""

    def __init__(self) -> None:
        self.kept: ClaimRecord | Unknown = Unknown(Problem("nobody has begun it"))

    def read(self) -> ClaimRecord | Unknown:
        return self.kept

    def write(self, kept: ClaimRecord) -> None:
        self.kept = kept

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        yield


class Folder:
    """Stands where `state.roots.Roots` does."""

    def __init__(self) -> None:
        self.stores: dict[str, Store] = {}
        self.looked: dict[str, dict[str, Seen]] = {}
        self.records: dict[str, Record] = {}
        self.spelled = Store()

    def claims(self, root: str) -> Record:
        return self.records.setdefault(root, Record())

    def of(self, root: str) -> Store:
        return self.stores.setdefault(root, Store())

    def upgrade(self) -> tuple:
        return ()

    def remembered(self) -> None:
        """Ask each time: the host may have another name."""

    def remember(self, root: str) -> None:
        self.of(root)

    def look(self, root: str) -> Found:
        return Found(self.of(root).load())

    def others(self, root: str) -> dict[str, str]:
        return {uuid: str(s.saves) for uuid, s in self.stores.items() if uuid != root}

    def name_of(self, root: str) -> str:
        return root

    def seen(self, root: str) -> dict[str, Seen]:
        return self.looked.get(root, {})

    def keep_seen(self, root: str, seen: dict[str, Seen]) -> None:
        self.looked[root] = seen

    def left(self, root: str) -> tuple[LeftBehind, ...]:
        return tuple(each.left for each in self.seen(root).values())

    def retired_since(self, root: str | None) -> None:
        """Nobody retires it."""
