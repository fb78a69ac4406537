"""What the agent may tell above INFO, and why; everything else is a fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from .agent import Line

ENTRY = r"\S+: \[pci\] device_spec, entry {}: "
NO_PASS = "no pass: "


@dataclass(frozen=True, slots=True)
class Expected:
    """A message as doc/troubleshooting.md quotes it, and the reason why it is no fault here.

    values are patterns of what stands for each … of it, from the first on; the others may be
    anything. before is a pattern of what the message begins with. away: only while Placement is.
    """

    quoted: str
    why: str
    values: tuple[str, ...] = ()
    before: str = ""
    away: bool = False

    def allows(self, line: Line) -> bool:
        """Whether a line is this message."""
        return line.level == "WARNING" and bool(re.match(self.pattern, line.message))

    @property
    def pattern(self) -> str:
        """What the message begins with, and the message."""
        texts = [re.escape(text) for text in self.quoted.split("…")]
        values = [*self.values, *[".+"] * (len(texts) - 1 - len(self.values))]
        return self.before + "".join(chain(*zip_longest(texts, values, fillvalue="")))


SOAKED = (
    Expected(
        "a request for … of the … … of this host gives Placement … possible candidates, which can "
        "take it minutes",
        "many VFs on several cards are many candidates, which is so",
        (r"\d+", r"\d+", r"\S+", r"[\d,]+"),
    ),
    Expected(
        "this host has no PCI device called …",
        "the interface of that entry is renamed, and moved to another namespace",
        ("'uplink0'",),
        ENTRY.format(1),
    ),
    Expected(
        "it decides about no device of this host: … takes all that it selects, and comes first",
        "the VFs that this entry is for come later than those of the first",
        before=ENTRY.format(2),
    ),
    Expected(
        "held back: …: … has claims that may hold … of these … …: offered as they end",
        "a card was pulled while somebody had it, and another took its place",
        (r"\S+", r"\S+", r"\d+", r"\d+", r"\S+"),
    ),
    Expected(
        "left as it is: …: … cannot be read: …",
        "a function was looked at while the kernel made it or took it away",
        (r"\S+", r"\S+"),
    ),
    Expected(
        "the PCI devices of this host changed during … scans in a row",
        "what happens to the host went on for a minute",
        (r"\d+",),
        NO_PASS,
    ),
    Expected(
        "…no answer: …",
        "Placement is restarted, and cannot be reached meanwhile",
        (r"(?:[A-Z]+ \S+: )?",),
        NO_PASS,
        away=True,
    ),
)

ALWAYS = tuple(each for each in SOAKED if not each.away)


def unexpected(lines: Iterable[Line], expected: Iterable[Expected] = ALWAYS) -> Iterator[Line]:
    """Those that are none of these messages; an error never is."""
    return (line for line in lines if not any(each.allows(line) for each in expected))


def counted(lines: Iterable[Line], expected: Iterable[Expected] = SOAKED) -> str:
    """How many there were for which reason."""
    told = list(lines)
    found = {each.why: sum(map(each.allows, told)) for each in expected}
    return "; ".join(f"{number} because {why}" for why, number in found.items() if number) or "none"
