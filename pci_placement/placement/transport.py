"""One request to Placement: JSON in, JSON out, and errors as ours."""

from __future__ import annotations

from collections.abc import Mapping
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
)

from .bounded import bounded
from .bounds import Bounds
from .logs import be_discreet
from .retries import Patience
from .session import NEWEST, errors_of_keystoneauth, negotiate

_BY_CODE: Mapping[str, type[PlacementError]] = {
    "placement.concurrent_update": GenerationConflict,
    "placement.inventory.inuse": InUse,
    "placement.resource_provider.inuse": InUse,
    "placement.resource_provider.cannot_delete_parent": InUse,
    "placement.duplicate_name": NameTaken,
}


class Transport:
    """Sends requests at the negotiated microversion; negotiates before the first.

    sent counts the requests, version discovery included and repetitions not.
    """

    def __init__(self, adapter: Adapter, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        be_discreet()
        self._adapter = bounded(adapter, self.bounds)
        self._patience = Patience.of(adapter, self.bounds)
        self._version: tuple[int, int] | None = None
        self.sent = 0

    @property
    def version(self) -> tuple[int, int]:
        """The microversion in use."""
        if self._version is None:
            self.sent += 1
            self._version = negotiate(self._adapter)
        return self._version

    def send(
        self, method: str, url: str, body: Any = None, microversion: str | None = None
    ) -> dict[str, Any]:
        """Send one request and give the JSON of the answer, {} where it has none.

        microversion is the newest one that fits; an older one is used where none else is agreed.
        Raises Unreachable, AuthError, or a PlacementError that names method, url and reason.
        """
        try:
            response = self._answer(method, url, body, microversion)
        except Unreachable as error:
            if self.bounds.is_over:
                raise self.bounds.spent(f"{method} {url}") from error
            raise
        content = _json(response)
        if response.status_code >= 400:
            raise _error(method, response.url or url, response.status_code, content or {}, response)
        if content is None:
            raise Unreachable(f"{response.url} does not answer as Placement does")
        return content

    def _answer(self, method: str, url: str, body: Any, microversion: str | None) -> Response:
        version = _dotted(min(self.version, _parsed(microversion)))
        extra = {} if body is None else {"json": body}
        self.sent += 1
        with errors_of_keystoneauth(f"{method} {url}"):
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


def _parsed(microversion: str | None) -> tuple[int, ...]:
    return tuple(map(int, microversion.split("."))) if microversion else NEWEST


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _json(response: Any) -> dict[str, Any] | None:
    """The answer's JSON object, {} where it is empty, None where it is something else."""
    try:
        content = response.json() if response.content else {}
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _error(
    method: str, url: str, status: int, content: Mapping[str, Any], response: Any
) -> Exception:
    errors = content.get("errors")
    listed = errors if isinstance(errors, list) else []
    first = listed[0] if listed and isinstance(listed[0], dict) else {}
    detail = str(first.get("detail") or response.reason or response.text[:200] or "no reason given")
    code = str(first.get("code") or "")
    request_id = str(first.get("request_id") or response.headers.get("x-openstack-request-id", ""))
    if status >= 500 or status == 429:
        return Unreachable(f"Placement answered {status} to {method} {url}: {_line(detail)}")
    if status == 401:
        return AuthError(f"Placement does not accept the token: 401 to {method} {url}")
    if status == 403 and url.endswith("/reshaper"):
        return ReshapeForbidden(method, url, status, code, _line(detail), request_id)
    if status == 403:
        return AuthError(
            f"Placement answered {status} to {method} {url}: {_line(detail).rstrip('.')}; the user "
            "needs the role service (or admin) on its project"
        )
    kind = _BY_CODE.get(code, PlacementError)
    return kind(method, url, status, code, _line(detail), request_id)


def _line(text: str) -> str:
    return " ".join(text.split())
