"""The language of requests: `gpu-h100:2|gpu-a100:4,nic@physnet1`.

Commas separate wishes, which are all to be served by one node. `|` separates the alternatives of
one wish, the preferred first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import product

from pci_placement import names
from pci_placement.errors import RequestError
from pci_placement.model import PciAliasUsage

MOST_DEVICES = 1000
MOST_ALTERNATIVES = 16
"""How many choices of one alternative a wish a request may come to."""

_USAGE = re.compile(
    r"(?P<name>[^:@,|]+)(?::(?P<count>[^:@,|]*))?(?:@(?P<network>[^:@,|]+))?", re.ASCII
)

NO_REQUEST = "is not a request: write ALIAS:COUNT[@PHYSNET], such as QuickAssist:2"
COUNT = "the count must be 1 to {}, not {!r}; write, for example, {}:2"
NETWORK = "physical network: {}; write, for example, {}@physnet1"
TOO_MANY_ALTERNATIVES = (
    "{!r} comes to {} choices of one alternative a wish, and {} is the most: write fewer "
    "alternatives, or several requests"
)
HAS_ALTERNATIVES = "{!r} has alternatives, and one query has none: ask for each of them by itself"

Usages = tuple[PciAliasUsage, ...]
"""The wishes of a request without alternatives."""


def parse_usage(text: str) -> Usages:
    """Read `NAME[:COUNT][@PHYSNET]`, several separated by commas; no count means 1.

    Raises RequestError.
    """
    first, *others = parse_alternatives(text)
    if others:
        raise RequestError(HAS_ALTERNATIVES.format(text))
    return first


def parse_alternatives(text: str) -> tuple[Usages, ...]:
    """As `parse_usage`, with `|` between the alternatives of a wish: what to ask for, in order.

    Of `a|b,c|d` these are a,c and a,d and b,c and b,d: what the first wish prefers weighs most.
    Raises RequestError.
    """
    wishes = [
        [_usage(*part) for part in _parts(*wish, separator="|")]
        for wish in _parts(text, separator=",")
    ]
    choices = math.prod(map(len, wishes))
    if choices > MOST_ALTERNATIVES:
        raise RequestError(TOO_MANY_ALTERNATIVES.format(text, choices, MOST_ALTERNATIVES))
    return tuple(dict.fromkeys(product(*wishes)))


def _parts(text: str, start: int = 0, *, separator: str) -> Iterator[tuple[str, int]]:
    """What stands between separators, and where it begins in the whole text."""
    for part in text.split(separator):
        yield part, start
        start += len(part) + len(separator)


def _usage(text: str, start: int) -> PciAliasUsage:
    begin = start + len(text) - len(text.lstrip())
    where = (f"at character {begin + 1}: " if start else "") + repr(text.strip())
    found = _USAGE.fullmatch(text.strip())
    if not found:
        raise RequestError(f"{where} {NO_REQUEST}")
    try:
        return _checked(found["name"].strip(), found["count"], found["network"])
    except ValueError as error:
        raise RequestError(f"{where}: {error}") from error


def _checked(name: str, count: str | None, network: str | None) -> PciAliasUsage:
    return PciAliasUsage(name, _count(count, name), _network(network, name))


def _count(count: str | None, name: str) -> int:
    digits = "1" if count is None else count.strip()
    if not re.fullmatch("[0-9]{1,9}", digits, re.ASCII) or not 1 <= int(digits) <= MOST_DEVICES:
        raise ValueError(COUNT.format(MOST_DEVICES, count, name))
    return int(digits)


def _network(text: str | None, name: str) -> str | None:
    try:
        names.physnet_trait(text or "any")
    except ValueError as error:
        raise ValueError(NETWORK.format(error, name)) from error
    return text.strip() if text else None
