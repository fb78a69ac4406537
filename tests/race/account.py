"""What happened, counted and in order."""

import threading
import time
from collections import Counter, deque

KEPT = 100_000


class Account:
    """Counts by kind of thing, and the last lines of the story."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.counts: dict[str, Counter[str]] = {}
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def count(self, kind: str, what: str) -> None:
        """One more of something."""
        with self._lock:
            self.counts.setdefault(kind, Counter())[what] += 1

    def note(self, line: str) -> None:
        """A line for whoever must find out how it came about."""
        now = time.monotonic() - self.began
        with self._lock:
            self._lines.append(f"{now:8.3f} {line}")

    def story(self) -> list[str]:
        """The lines in order, the last ones if they are very many."""
        with self._lock:
            return list(self._lines)

    def of(self, kind: str, *what: str) -> int:
        """How many of a kind, or of some of it."""
        counts = self.counts.get(kind, Counter())
        return sum(counts[name] for name in what) if what else counts.total()

    def told(self, kind: str) -> str:
        """The counts of a kind, most first."""
        counts = self.counts.get(kind, Counter())
        return ", ".join(f"{n} {what}" for what, n in counts.most_common()) or "none"
