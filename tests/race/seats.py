"""Devices handed out: each to one holder at most, by bipartite matching."""

from collections.abc import Collection, Hashable, Iterator


class Seats:
    """Who may sit where, and who does.

    Where it is not known on which of several devices somebody sits, they may be moved among them
    to make room for others; who is pinned stays.
    """

    def __init__(self) -> None:
        self._choices: dict[Hashable, list] = {}
        self._holder: dict[Hashable, Hashable] = {}

    def add(self, who: Hashable, choices: Collection) -> bool:
        """Find a seat for one more; False where there is none, however the others move."""
        self._choices[who] = list(choices)
        return self._seat(who, set())

    def _seat(self, who: Hashable, tried: set) -> bool:
        for device in self._choices[who]:
            if device in tried:
                continue
            tried.add(device)
            holder = self._holder.get(device)
            if holder is None or self._seat(holder, tried):
                self._holder[device] = who
                return True
        return False

    def of(self, who: Hashable) -> Hashable:
        """Where somebody sits."""
        return next(device for device, holder in self._holder.items() if holder == who)

    def pin(self, who: Hashable) -> None:
        """Let somebody stay where they are."""
        self._choices[who] = [self.of(who)]

    def remove(self, who: Hashable) -> None:
        """Free a seat; also for somebody who found none."""
        self._choices.pop(who, None)
        self._holder = {device: holder for device, holder in self._holder.items() if holder != who}

    def taken(self) -> Iterator[tuple[Hashable, Hashable]]:
        """Each device that is taken, and by whom."""
        return iter(self._holder.items())
