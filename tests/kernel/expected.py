"""What the agent may tell above INFO, and why; everything else is a fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from .agent import Line

ALWAYS = {
    r"a request for \d+ of the \d+ \S+ of this host gives Placement [\d,]+ possible candidates": (
        "many VFs on several cards are many candidates, which is so"
    ),
    r"\S+: \[pci\] device_spec, entry 1: this host has no PCI device called 'uplink0'": (
        "the interface of that entry is renamed, and moved to another namespace"
    ),
    r"\S+: \[pci\] device_spec, entry 2: it decides about no device of this host": (
        "the VFs that this entry is for come later than those of the first"
    ),
}
"""Patterns, each with the reason why such a line is no fault."""

SOAKED = ALWAYS | {
    r"held back: \S+: \S+ has claims that may hold ": (
        "a card was pulled while somebody had it, and another took its place"
    ),
    r"no pass: no answer: ": "Placement is restarted, and cannot be reached meanwhile",
}


def unexpected(lines: Iterable[Line], expected: Mapping[str, str] = ALWAYS) -> Iterator[Line]:
    """Those that no pattern allows for; an error never is."""
    return (
        line
        for line in lines
        if line.level != "WARNING" or not any(re.match(p, line.message) for p in expected)
    )


def counted(lines: Iterable[Line], expected: Mapping[str, str] = SOAKED) -> str:
    """How many there were for which reason."""
    told = [line.message for line in lines]
    found = {why: sum(bool(re.match(p, text)) for text in told) for p, why in expected.items()}
    return "; ".join(f"{number} because {why}" for why, number in found.items() if number) or "none"
