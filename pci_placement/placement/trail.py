"""What tells of requests: the id under which they go, and who hears how they were answered."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from requests import Response

# Source: oslo_middleware/request_id.py, INBOUND_HEADER, GLOBAL_REQ_ID; each service logs it.
HEADER = "X-Openstack-Request-Id"


class Answered(NamedTuple):
    """One request that was sent, to Placement or Keystone, and what became of it.

    url may carry credentials. status is 0 where there was no whole answer, seconds how long it
    took, request_id what the server calls it, global_request_id what we did.
    """

    method: str
    url: str
    status: int
    seconds: float
    request_id: str
    global_request_id: str

    @property
    def path(self) -> str:
        """The path and the query, in which no credentials are."""
        parts = urlsplit(self.url)
        return "?".join(filter(None, (parts.path, parts.query)))


def new_request_id() -> str:
    """An id as the services of OpenStack take it from each other."""
    return f"req-{uuid.uuid4()}"


def _nobody(_: Answered) -> None:
    """Hear nothing."""


@dataclass(frozen=True, slots=True)
class Trail:
    """The global id of the requests that are sent now, and who hears of each answer.

    Without anything said all go under one id, and nobody hears.
    """

    request_id: Callable[[], str] = field(
        default_factory=lambda: functools.partial(str, new_request_id())
    )
    heard: Callable[[Answered], None] = _nobody

    def also(self, heard: Callable[[Answered], None]) -> Trail:
        """The same, and somebody else hears of each answer too."""

        def both(answered: Answered) -> None:
            self.heard(answered)
            heard(answered)

        return Trail(self.request_id, both)

    def marked(self, headers: Mapping[str, Any] | None) -> dict[str, Any]:
        """Headers with the id under which a request goes."""
        return {**(headers or {}), HEADER: self.request_id()}

    def tell(self, method: str, url: str, seconds: float, response: Response | None) -> None:
        """Let it be heard what became of a request; None is no whole answer."""
        status = 0 if response is None else response.status_code
        given = "" if response is None else response.headers.get(HEADER, "")
        self.heard(Answered(method, url, status, seconds, given, self.request_id()))
