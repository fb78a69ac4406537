"""A server that does not answer as Placement does: it hangs, drips, lies or sends elsewhere.

What it sends comes from a function of the method and the path, piece by piece, so that nothing
depends on how fast anybody is.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator

from .answers import read

Answer = Callable[[str, str], Iterable[bytes]]
WATCHDOG_SECONDS = 60
PAUSE = 0.02


class Hostile:
    """Listens on a free port. asked are the requests; gave_up says that somebody never hung up."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self.gave_up = False
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def start(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        for one in (self._listening, *self._connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def bite(self) -> None:
        self.gave_up = True
        self.stop()

    def hang(self) -> Iterator[bytes]:
        """Say nothing more."""
        self._over.wait()
        yield b""

    def drip(self, piece: bytes) -> Iterator[bytes]:
        """Say the same again and again, too often for the timeout between two bytes."""
        while not self._over.wait(PAUSE):
            yield piece

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection.makefile("rb") as asked:
            while head := _head(asked):
                method, path, _ = head.decode().split(" ", 2)
                self.asked.append(f"{method} {path}")
                self.heads.append(head)
                for piece in self.answer(method, path):
                    connection.sendall(piece)


def _head(asked) -> bytes:
    lines = list(iter(asked.readline, b"\r\n")) if asked.peek(1) else []
    sizes = [
        int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length")
    ]
    asked.read(sum(sizes))
    return b"".join(lines)


@contextlib.contextmanager
def hostile(answer: Callable[[Hostile], Answer]) -> Iterator[Hostile]:
    """Run such a server; what never ends on its side, it ends after a minute."""
    server = Hostile(lambda method, path: answer(server)(method, path))
    watchdog = threading.Timer(WATCHDOG_SECONDS, server.bite)
    watchdog.start()
    server.start()
    try:
        yield server
        assert not server.gave_up
    finally:
        watchdog.cancel()
        server.stop()


def whole(content: object, status: str = "200 OK", *headers: str) -> bytes:
    """A sound answer with this JSON, or these bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    lines = (f"HTTP/1.1 {status}", "Content-Type: application/json", *headers)
    head = "\r\n".join((*lines, f"Content-Length: {len(body)}", "", ""))
    return head.encode() + body


VERSIONS = whole(read("versions")["body"])
