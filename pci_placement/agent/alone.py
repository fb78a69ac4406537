"""What a pass holds while it runs: the lock, and a place to write down what it does."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from pci_placement.model import LastPass, Problem, Severity
from pci_placement.state.store import StateFile


class Keeper:
    """Writes to the state folder; where it cannot, the pass goes on, and that is told once."""

    def __init__(self, state_dir: str, tell: Callable[[Problem], None]) -> None:
        self._state_dir = state_dir
        self.tell = tell
        self.problem: Problem | None = None

    @contextlib.contextmanager
    def alone(self, store: StateFile) -> Iterator[None]:
        """Keep other passes out for as long as the context lasts.

        Raises Locked, or PciPlacementError where something stands in the place of the lock.
        """
        with contextlib.ExitStack() as stack:
            with self.trying():
                stack.enter_context(store.lock())
            yield

    def keep(self, store: StateFile, last_pass: LastPass) -> None:
        """Remember this, if that is possible."""
        with self.trying():
            store.save(last_pass)

    @contextlib.contextmanager
    def trying(self) -> Iterator[None]:
        """Write something that a pass can do without."""
        try:
            yield
        except OSError as error:
            if not self.problem:
                self.problem = _not_kept(self._state_dir, error)
                self.tell(self.problem)


def _not_kept(state_dir: str, error: OSError) -> Problem:
    return Problem(
        f"cannot keep state in {state_dir}: {error.strerror}",
        "set [pci_placement] state_dir to a folder that can be written; going on without a cache",
        severity=Severity.WARNING,
    )
