"""Ports of 127.0.0.1 that are ours for as long as a test needs them."""

import contextlib
import socket
from collections.abc import Iterator


@contextlib.contextmanager
def kept_port() -> Iterator[int]:
    """A port that nobody else gets: who connects is refused, until a server of ours listens there.

    Linux lets a second socket listen where the first one only holds the port, if both reuse
    addresses as servers do.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        yield keeper.getsockname()[1]
