"""How many cases were tried and survived, by kind of fault."""

from collections import Counter
from collections.abc import Iterator


class Tally:
    """Counts over all scenarios of a run."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.survived: Counter[str] = Counter()

    def add(self, kind: str, survived: bool) -> None:
        self.tried[kind] += 1
        self.survived[kind] += survived

    def lines(self) -> Iterator[str]:
        for kind, tried in sorted(self.tried.items()):
            yield f"{kind:<20} tried {tried:>6} survived {self.survived[kind]:>6}"
        total = (self.tried.total(), self.survived.total())
        yield "{:<20} tried {:>6} survived {:>6}".format("all faults", *total)


TALLY = Tally()
