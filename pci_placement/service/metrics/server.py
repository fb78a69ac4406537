"""The numbers over HTTP, for Prometheus to scrape: prometheus_client's answers, our threads."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import ProcessCollector, make_wsgi_app

from pci_placement.conf.listen import Listen

from .catalogue import Numbers
from .exposition import registry_of

_POLL_SECONDS = 0.2


class Server:
    """Listens from its making until it is closed. Raises OSError where it cannot."""

    def __init__(self, listen: Listen, numbers: Callable[[], Numbers]) -> None:
        registry = registry_of(numbers)
        ProcessCollector(registry=registry)  # memory and open files, in everybody's names
        kind = _Ipv6Server if listen.is_ipv6 else _Server
        self._server = kind(listen, _Handler)
        self._server.set_app(make_wsgi_app(registry))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="metrics", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Listen no longer; answers that are under way go on in threads of their own."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(WSGIRequestHandler):
    """Says nothing to the log, and waits for nobody for ever."""

    timeout = 10.0

    def log_message(self, *_: object) -> None:
        """Tell nobody."""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """As in the base class, but nobody's name is looked up: that may take a minute."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]  # as in the base class
        self.setup_environ()

    def handle_error(self, *_: object) -> None:
        """Tell nobody: it is the other side that hung up."""


class _Ipv6Server(_Server):
    address_family = socket.AF_INET6
