"""The routes of the running host, and the interfaces that they lead through."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .texts import lines

_UP, _REJECT = 0x1, 0x200  # flags of a route


@dataclass(frozen=True, slots=True)
class Route:
    """One route that leads out of the host."""

    interface: str
    network: ipaddress.IPv4Network | ipaddress.IPv6Network


def read_routes(proc: Path) -> list[Route]:
    """The routes of IPv4's main table and of all tables of IPv6; odd lines are left out.

    /proc does not tell which table a route of IPv6 is of: the main one, a VRF's or a policy's.

    Source: Linux, net/ipv4/fib_trie.c and net/ipv6/ip6_fib.c (ipv6_route_seq_next_table).
    """
    return [
        *_understood(lines(proc / "net/route"), _v4),
        *_understood(lines(proc / "net/ipv6_route"), _v6),
    ]


def default_interfaces(routes: Iterable[Route]) -> set[str]:
    """Where everything goes that has no route of its own."""
    return {route.interface for route in routes if route.network.prefixlen == 0}


def interfaces_to(address: str, routes: Iterable[Route]) -> set[str]:
    """Where packets to an address go: through the narrowest routes; nowhere for other text.

    Of IPv6 any route that fits may be the one: a narrower one of another table does not hide it.
    """
    try:
        wanted = ipaddress.ip_address(address)
    except ValueError:
        return set()
    fitting = [route for route in routes if wanted in route.network]
    narrowest = max((route.network.prefixlen for route in fitting), default=0)
    least = narrowest if wanted.version == 4 else 0
    return {route.interface for route in fitting if route.network.prefixlen >= least}


def _understood(
    text: Iterable[str], read: Callable[[list[str]], tuple[Route, str]]
) -> Iterator[Route]:
    for line in text:
        with suppress(ValueError, IndexError):
            route, flags = read(line.split())
            if int(flags, 16) & (_UP | _REJECT) == _UP:
                yield route


def _v4(line: list[str]) -> tuple[Route, str]:
    network = ipaddress.IPv4Network((_number(line[1]), _number(line[7]).bit_count()))
    return Route(line[0], network), line[3]


def _number(text: str) -> int:
    """An address as the kernel prints it: a number of the machine, in hexadecimal."""
    return int.from_bytes(bytes.fromhex(text.zfill(8)), sys.byteorder)


def _v6(line: list[str]) -> tuple[Route, str]:
    network = ipaddress.IPv6Network((int(line[0], 16), int(line[1], 16)))
    return Route(line[9], network), line[8]
