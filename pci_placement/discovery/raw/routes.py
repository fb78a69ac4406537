"""The routes of the running host, and the interfaces that they lead through."""

from __future__ import annotations

import os
import sys

from .texts import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_UP, _REJECT = 0x1, 0x200  # flags of a route
_BITS = {4: 32, 6: 128}  # of an address, by the version of IP


class Route:
    """One route that leads out of the host: to the addresses that begin with so many bits.

    Raises ValueError for what is no network.
    """

    __slots__ = ("_first", "_rest", "interface", "length", "version")

    def __init__(self, interface: str, version: int, network: int, length: int) -> None:
        self.interface = interface
        self.version = version
        self.length = length
        if not 0 <= length <= _BITS[version]:
            raise ValueError(f"no network: {length} bits")
        self._rest = _BITS[version] - length
        self._first = network >> self._rest
        if not 0 <= self._first < 1 << length or self._first << self._rest != network:
            raise ValueError(f"no network: {network:x}")

    def leads_to(self, version: int, address: int) -> bool:
        """Whether it is for an address of a version of IP."""
        return version == self.version and address >> self._rest == self._first


def read_routes(proc: str) -> list[Route]:
    """The routes of IPv4's main table and of all tables of IPv6; odd lines are left out.

    /proc does not tell which table a route of IPv6 is of: the main one, a VRF's or a policy's.

    Source: Linux, net/ipv4/fib_trie.c and net/ipv6/ip6_fib.c (ipv6_route_seq_next_table).
    """
    return [
        *_understood(_of_host_and_self(proc, "net/route"), _v4),
        *_understood(_of_host_and_self(proc, "net/ipv6_route"), _v6),
    ]


def _of_host_and_self(proc: str, name: str) -> Iterable[str]:
    """In a container with a network of its own, process 1 may be that of the host and see more."""
    found = [lines(os.path.join(proc, process, name)) for process in ("1", "self")]
    return dict.fromkeys(line for each in found for line in each)


def default_interfaces(routes: Iterable[Route]) -> list[str]:
    """Where everything goes that has no route of its own."""
    return sorted({route.interface for route in routes if not route.length})


def interfaces_to(address: str, routes: Iterable[Route]) -> list[str]:
    """Where packets to an address go: through the narrowest routes; nowhere for other text.

    Of IPv6 any route that fits may be the one: a narrower one of another table does not hide it.
    """
    # as long to load as all of this package; most hosts have no file server
    from ipaddress import ip_address

    try:
        wanted = ip_address(address)
    except ValueError:
        return []
    fitting = [route for route in routes if route.leads_to(wanted.version, int(wanted))]
    narrowest = max((route.length for route in fitting), default=0)
    least = narrowest if wanted.version == 4 else 0
    return sorted({route.interface for route in fitting if route.length >= least})


def _understood(text: Iterable[str], read: Callable[[list[str]], Route | None]) -> Iterator[Route]:
    for line in text:
        try:
            route = read(line.split())
        except (ValueError, IndexError):
            continue
        if route:
            yield route


def _v4(line: list[str]) -> Route | None:
    leads_out = _leads_out(line[3])
    return Route(line[0], 4, _number(line[1]), _number(line[7]).bit_count()) if leads_out else None


def _v6(line: list[str]) -> Route | None:
    leads_out = _leads_out(line[8])
    return Route(line[9], 6, int(line[0], 16), int(line[1], 16)) if leads_out else None


def _leads_out(flags: str) -> bool:
    return int(flags, 16) & (_UP | _REJECT) == _UP


def _number(text: str) -> int:
    """An address as the kernel prints it: a number of the machine, in hexadecimal."""
    return int.from_bytes(bytes.fromhex(text.zfill(8)), sys.byteorder)
