"""A small HTTP server for a WSGI application of our own process, with connections kept alive."""

from __future__ import annotations

import contextlib
import http.server
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from typing import Any


def serve(port: int, answer: Callable[..., Any], undo: contextlib.ExitStack) -> int:
    """Listens on this port, or on a free one for 0, and answers from a thread; returns the port.

    Raises OSError where the port is taken.
    """
    server = undo.enter_context(_Server(port, answer))
    # stopping waits for at most one poll of 0.02 s
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    undo.callback(thread.join)
    undo.callback(server.shutdown)
    return server.server_address[1]


class _Server(socketserver.ThreadingTCPServer):
    """A thread a connection; http.server's own would look up a host name that nobody uses."""

    allow_reuse_address = True  # so that a restart need not wait until old connections time out
    daemon_threads = True  # a process that ends without stop() must not hang
    server_address: tuple[str, int]

    def __init__(self, port: int, answer: Callable[..., Any]) -> None:
        self.answer = answer
        self.connections: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", port), _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """As in the base class, but remembers daemon threads too, for server_close."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        thread.start()
        alive = ((t, c) for t, c in self.connections.items() if t.is_alive())
        self.connections = {**dict(alive), thread: request}

    def server_close(self) -> None:
        """Ends the connections too, each after the answer that is under way."""
        super().server_close()
        for thread, connection in self.connections.items():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
            thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A traceback, unless it is only that a client hung up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Connection(http.server.BaseHTTPRequestHandler):
    """The requests that arrive over one connection."""

    server: _Server
    protocol_version = "HTTP/1.1"  # keeps connections alive
    disable_nagle_algorithm = True  # or a body waits 40 ms until its header is acknowledged

    def serve(self) -> None:
        """Answers one request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        response = self.server.answer(self.command, self.path, dict(self.headers.items()), body)
        content = response.body  # webob sets Content-Length when it is read
        if response.status_int == 204:
            response.content_length = None  # not allowed there
        self.send_response_only(response.status_int, response.status.partition(" ")[2])
        for name, value in response.headerlist:
            self.send_header(name, value)
        if self.close_connection:  # as the client asked: say so, or it sends the next one here
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    # the methods that Placement knows, and PATCH, which it refuses with 405
    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = serve  # noqa: N815  http.server calls them so

    def log_message(self, *_: object) -> None:
        """Prints nothing: `requests` is the access log."""
