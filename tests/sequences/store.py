"""What an agent keeps between passes, in memory: it can be lost, and an older copy be put back."""

import contextlib
from collections.abc import Iterator

from pci_placement.model import LastPass

KEPT = 6


class Store:
    """Stands where `state.store.StateFile` does."""

    def __init__(self) -> None:
        self.kept = LastPass()
        self.older: list[LastPass] = []

    def complaints(self) -> tuple:
        return ()

    def load(self) -> LastPass:
        return self.kept

    def save(self, last_pass: LastPass) -> None:
        self.older = [*self.older, self.kept][-KEPT:]
        self.kept = last_pass

    def lose(self) -> None:
        self.kept = LastPass()

    def roll_back(self, number: int) -> None:
        if self.older:
            self.kept = self.older[number % len(self.older)]

    def retired_since(self) -> None:
        return None

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        yield
