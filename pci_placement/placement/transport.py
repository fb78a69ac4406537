"""One request to Placement: JSON in, JSON out, and errors as ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from keystoneauth1.adapter import Adapter
from requests import Response

from pci_placement.errors import (
    AuthError,
    GenerationConflict,
    InUse,
    NameTaken,
    PlacementError,
    ReshapeForbidden,
    Unreachable,
    without_credentials,
)

from .answers import Unsound, check, content_of
from .bounded import bounded
from .bounds import Bounds
from .connection import Connection, connection_of
from .logs import be_discreet
from .retries import Patience
from .session import NEWEST, Version, errors_of_answers, negotiate
from .trail import Trail

# Source: placement/errors.py.
_BY_CODE: Mapping[str, type[PlacementError]] = {
    "placement.concurrent_update": GenerationConflict,
    "placement.inventory.inuse": InUse,
    "placement.resource_provider.inuse": InUse,
    "placement.resource_provider.cannot_delete_parent": InUse,
    "placement.duplicate_name": NameTaken,
}

_LONGEST_TEXT = 1000
_LONGEST_URL = 300

NOT_PLACEMENT = (
    "{} {} does not answer as Placement does: {}; check the endpoint and what stands in front of it"
)
FORBIDDEN = (
    "Placement answered 403 to {} {}: {}; the user needs the role service (or admin) on its project"
)


class Transport:
    """Sends requests at the newest microversion that both sides know.

    That is taken to be `assumed` until an answer tells otherwise: only then it is asked for.
    sent counts the requests, version discovery included and repetitions not.
    """

    def __init__(
        self,
        adapter: Adapter,
        bounds: Bounds | None = None,
        assumed: Version = NEWEST,
        trail: Trail | None = None,
    ) -> None:
        self.bounds = bounds or Bounds()
        be_discreet()
        self._adapter = bounded(adapter, self.bounds, trail or Trail())
        self._patience = Patience.of(adapter, self.bounds)
        self._assumed = assumed
        self._version: Version | None = None
        self._has_asked = False
        self.sent = 0

    @property
    def insecure(self) -> bool:
        """Whether certificates are not checked."""
        return self._adapter.session.verify is False

    def connection(self) -> Connection | None:
        """As `connection.connection_of`, as far as a server was spoken to."""
        return connection_of(self._adapter, self._version) if self._version else None

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let every request of this context, and each wait for one, end after so many seconds."""
        self._has_asked = False
        with self.bounds.within(seconds):
            yield

    def look_for_newer(self) -> None:
        """Take it that the server may have become newer, unless it said today what it is."""
        if not self._has_asked:
            self._version, self._assumed = None, NEWEST

    @property
    def version(self) -> Version:
        """The microversion in use."""
        return self._version or self._assumed

    def send(
        self, method: str, url: str, body: Any = None, microversion: str | None = None
    ) -> dict[str, Any]:
        """Send one request and give the JSON of the answer, {} where it has none.

        microversion is the newest one that fits; an older one is used where none else is agreed.
        Raises Unreachable, AuthError, or a PlacementError that names method, url and reason.
        """
        try:
            response = self._agreed(method, url, body, microversion)
        except Unreachable as error:
            if self.bounds.is_over:
                raise self.bounds.spent(f"{method} {url}") from error
            raise
        if response.status_code >= 400:
            raise _error(method, response)
        try:
            content = content_of(response.content)
            check(method, url, content)
        except Unsound as error:
            raise Unreachable(NOT_PLACEMENT.format(method, response.url, error)) from error
        return content

    def _agreed(self, method: str, url: str, body: Any, microversion: str | None) -> Response:
        """The answer of somebody who is known to be a Placement that speaks our microversion."""
        if self._version is None and method != "GET":
            self._negotiate()  # a write must not have to be repeated
        response = self._answer(method, url, body, microversion)
        if self._version and _is_of_another_version(response):
            self._negotiate()  # a server that became older has refused to read the request
            return self._answer(method, url, body, microversion)
        if self._version is None and not _is_passing(response):
            if not _is_placements(response):
                self._negotiate()
                return self._answer(method, url, body, microversion)
            if self._fitting(microversion) == self._assumed:
                self._version = self._assumed
        return response

    def _negotiate(self) -> None:
        self.sent += 1
        self._version = negotiate(self._adapter)
        self._has_asked = True

    def _fitting(self, microversion: str | None) -> tuple[int, ...]:
        return min(self.version, _parsed(microversion))

    def _answer(self, method: str, url: str, body: Any, microversion: str | None) -> Response:
        version = _dotted(self._fitting(microversion))
        extra = {} if body is None else {"json": body}
        self.sent += 1
        with errors_of_answers(f"{method} {_short(url)}"):
            return self._patience.ask(
                lambda: self._adapter.request(
                    url,
                    method,
                    raise_exc=False,
                    microversion=version,
                    connect_retries=0,
                    status_code_retries=0,
                    **extra,
                ),
                f"{method} {url}",
            )


def _is_placements(response: Response) -> bool:
    """Whether a Placement did as it was asked at the microversion that it was asked at.

    Source: microversion_parse/middleware.py, MicroversionMiddleware.
    """
    spoken = response.headers.get("openstack-api-version", "")
    return not _is_of_another_version(response) and spoken.startswith("placement ")


def _is_of_another_version(response: Response) -> bool:
    """Whether the server does not know the microversion that it was asked at."""
    return response.status_code == HTTPStatus.NOT_ACCEPTABLE


def _is_passing(response: Response) -> bool:
    """Whether the answer tells nothing of who gave it."""
    status = response.status_code
    return status >= 500 or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)


def _parsed(microversion: str | None) -> tuple[int, ...]:
    return tuple(map(int, microversion.split("."))) if microversion else NEWEST


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _error(method: str, response: Response) -> Exception:
    status, url = response.status_code, _short(without_credentials(response.url))
    said = _said(response)
    detail = said["detail"] or response.reason or _start(response) or "no reason given"
    detail, code = _line(detail), said["code"]
    request_id = said["request_id"] or response.headers.get("x-openstack-request-id", "")
    if status >= 500 or status == 429:
        return Unreachable(f"Placement answered {status} to {method} {url}: {detail}")
    if status == 401:
        return AuthError(f"Placement does not accept the token: 401 to {method} {url}")
    if status == 403 and url.endswith("/reshaper"):
        return ReshapeForbidden(method, url, status, code, detail, request_id)
    if status == 403:
        return AuthError(FORBIDDEN.format(method, url, detail.rstrip(".")))
    kind = _BY_CODE.get(code, PlacementError)
    return kind(method, url, status, code, detail, request_id)


def _short(url: str) -> str:
    """A URL of which a line has room: a query may be as long as a server allows."""
    if len(url) <= _LONGEST_URL:
        return url
    return f"{url[:_LONGEST_URL]}… ({len(url):,} characters)"


def _said(response: Response) -> dict[str, str]:
    """What the first error of an answer says, as far as it is an error as Placement tells it."""
    try:
        listed = content_of(response.content).get("errors")
    except Unsound:
        listed = None
    first = listed[0] if isinstance(listed, list) and listed else {}
    told = first if isinstance(first, dict) else {}
    return {key: _line(_text(told.get(key))) for key in ("detail", "code", "request_id")}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _start(response: Response) -> str:
    return response.content[:200].decode(errors="replace")


def _line(text: str) -> str:
    return " ".join(text[:_LONGEST_TEXT].split())
