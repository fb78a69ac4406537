"""Where something is served: an address of this host and a port, as an operator writes them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

NO_SUCH_PLACE = (
    "{!r} is no address and port such as 127.0.0.1:9110 or [::1]:9110; names are not looked up"
)
_DIGITS = 5
_HIGHEST_PORT = 65535


class Listen(NamedTuple):
    """An address, without the brackets of IPv6, and a port."""

    address: str
    port: int

    @property
    def is_ipv6(self) -> bool:
        """Whether the socket is one of IPv6."""
        return isinstance(ip_address(self.address), IPv6Address)

    @property
    def is_loopback(self) -> bool:
        """Whether nobody outside of this host can reach it."""
        return ip_address(self.address).is_loopback

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if self.is_ipv6 else f"{self.address}:{self.port}"


def parse_listen(text: str) -> Listen:
    """Read `address:port`. Raises ValueError for anything else, a host name included."""
    host, _, port = text.rpartition(":")
    try:
        address = _address(host)
    except ValueError:
        raise ValueError(NO_SUCH_PLACE.format(text)) from None
    if not _is_port(port):
        raise ValueError(NO_SUCH_PLACE.format(text))
    return Listen(str(address), int(port))


def _address(host: str) -> IPv4Address | IPv6Address:
    """What stands before the port; without brackets an IPv6 address might end anywhere."""
    if host.startswith("[") and host.endswith("]"):
        return IPv6Address(host[1:-1])
    return IPv4Address(host)


def _is_port(text: str) -> bool:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return is_number and 0 < int(text) <= _HIGHEST_PORT
