"""What lasts is told when it begins and when it ends, however many passes see it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Log = Callable[[int, str], None]
"""Takes a level of `logging` and a line."""

OVER = "over: {}"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is so for now; the key is what makes it the same one at another pass.

    only_in_full: a pass that trusts the cache does not look for it, so that its silence means
    nothing.
    """

    key: str
    text: str
    level: int = logging.WARNING
    only_in_full: bool = False


class Conditions:
    """The conditions of one kind that are known to last."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._known: dict[str, Condition] = {}

    def see(self, found: Iterable[Condition], full: bool = True) -> None:
        """Tell which of these are new, and which of before are over."""
        now = {condition.key: condition for condition in found}
        for key, condition in now.items():
            if key not in self._known:
                self._log(condition.level, condition.text)
        gone = [c for key, c in self._known.items() if key not in now]
        stay = {c.key: c for c in gone if c.only_in_full and not full}
        for condition in gone:
            if condition.key not in stay:
                self._log(logging.INFO, OVER.format(condition.text))
        self._known = stay | now
