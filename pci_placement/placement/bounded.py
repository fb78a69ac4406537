"""A session that neither waits, reads nor follows for longer than it is allowed to.

The timeout of requests is one between two bytes: who sends a byte a second, in the headers or in
the body, holds its caller for ever. Here each read from the socket is given what is left.
"""

from __future__ import annotations

import contextvars
import copy
import io
import socket
from collections import OrderedDict
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import TCPKeepAliveAdapter
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, poolmanager
from urllib3.connection import HTTPConnection, HTTPSConnection

from pci_placement.errors import Unreachable

from .bounds import Bounds, Deadline
from .trail import Trail

LONGEST_ANSWER = 32 * 2**20
_PIECE = 2**16
_LEAST = 0.001  # no time at all is an error of the caller to urllib3
_REDIRECTS = (301, 302, 303, 305, 307, 308)

NOT_FOLLOWED = (
    "{} {} answers with a redirect to {}, which is not followed because the token would go along: "
    "write the URL where it really is into auth_url, endpoint_override or the service catalog"
)

_current: contextvars.ContextVar[Deadline | None] = contextvars.ContextVar("deadline", default=None)


def bounded(adapter: Adapter, bounds: Bounds, trail: Trail) -> Adapter:
    """The same way to Placement with bounds on all that it sends, Keystone's requests included.

    trail tells under which id each of them goes, and hears of it.

    Neither the adapter nor its session is changed: they may be somebody else's.
    """
    mine, session = copy.copy(adapter), copy.copy(adapter.session)
    session.session = BoundedSession(session.session, bounds, trail)
    session.redirect = False
    # Asked for its versions, whoever is at auth_url may answer 401. keystoneauth then fetches a
    # token for a second try, waits for the lock that it holds and never returns. It cannot where
    # the session itself knows no way to a token.
    # Source: keystoneauth1/identity/base.py, BaseIdentityPlugin.get_access.
    mine.auth, session.auth = adapter.auth or session.auth, None
    mine.session = session
    return mine


class BoundedSession(requests.Session):
    """Shares everything with another session but its patience."""

    def __init__(self, session: requests.Session, bounds: Bounds, trail: Trail) -> None:
        super().__init__()
        self.__dict__.update(session.__dict__)
        self.bounds = bounds
        self.trail = trail
        self.adapters = OrderedDict(
            (prefix, _watching(adapter)) for prefix, adapter in session.adapters.items()
        )

    def request(  # type: ignore[override]  # keystoneauth1 gives others by name
        self, method: str, url: str, timeout: float | None = None, **options: Any
    ) -> requests.Response:
        """Send a request and read the whole answer. Raises Unreachable for what is no answer."""
        deadline = self.bounds.of_request(timeout, f"{method} {url}")
        options["headers"] = self.trail.marked(options.get("headers"))
        token, sent_at, response = _current.set(deadline), self.bounds.now(), None
        try:
            options |= {"timeout": max(deadline.left, _LEAST), "stream": True}
            response = _whole(super().request(method, url, **options), deadline)
            return response
        finally:
            _current.reset(token)
            self.trail.tell(method, url, self.bounds.now() - sent_at, response)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Look at none: even not followed it would be parsed, and might be nonsense."""


def _whole(response: requests.Response, deadline: Deadline) -> requests.Response:
    with response:  # gives the connection back, or ends it where the answer was not read
        _refuse_redirect(response)
        response._content = b"".join(_pieces(response, deadline))  # noqa: SLF001  what `content` gives
    return response


def _refuse_redirect(response: requests.Response) -> None:
    if response.status_code in _REDIRECTS:
        target = _host(response.url, response.headers.get("location", ""))
        raise Unreachable(NOT_FOLLOWED.format(response.request.method, response.url, target))


def _host(url: str, location: str) -> str:
    try:
        return urlsplit(urljoin(url, location)).netloc.rpartition("@")[2]
    except ValueError:
        return "no URL at all"


def _pieces(response: requests.Response, deadline: Deadline) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_content(_PIECE):
        size += len(piece)
        if size > LONGEST_ANSWER:
            most = f"more than {LONGEST_ANSWER >> 20} MiB"
            raise Unreachable(f"{response.url} does not answer as Placement does: {most}")
        if deadline.left <= 0:
            raise requests.ReadTimeout(f"{response.url}: the answer does not come to an end")
        yield piece


def _watching(adapter: Any) -> Any:
    """A usual adapter gives way to one that watches its sockets; who put another there means it."""
    if type(adapter) not in (HTTPAdapter, TCPKeepAliveAdapter):
        return adapter
    tls = {name: getattr(adapter, name, None) for name in ("tls_ciphers", "tls_min_version")}
    return _Watching(**{name: value for name, value in tls.items() if value})


class _Watching(TCPKeepAliveAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        _watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        _watch(manager)
        return manager


def _watch(manager: PoolManager) -> None:
    if manager.pool_classes_by_scheme is poolmanager.pool_classes_by_scheme:  # not with SOCKS
        manager.pool_classes_by_scheme = {"http": _Http, "https": _Https}


class _Answer(HTTPResponse):
    """What http.client reads an answer with."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        deadline = _current.get()
        if deadline:
            self.fp.close()
            self.fp = io.BufferedReader(_WatchedSocket(sock, deadline))


class _WatchedSocket(io.RawIOBase):
    """Reads from a socket for as long as there is time."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _HttpConnection(HTTPConnection):
    response_class = _Answer


class _HttpsConnection(HTTPSConnection):
    response_class = _Answer


class _Http(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _Https(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection
