"""Asking again: a dropped connection and a busy server are everyday business.

keystoneauth would do that too, but it sleeps for as long as a Retry-After says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import count

from keystoneauth1 import exceptions as ks
from keystoneauth1.adapter import Adapter
from requests import Response

from .bounds import Bounds, pause_before
from .session import RETRIED_STATUS

_TRIES_MORE = 2


@dataclass(frozen=True, slots=True)
class Patience:
    """How often one request is tried again: by default twice, after 0.5 and 1 seconds.

    The options are those of keystoneauth, `[placement] connect_retries` and so on.
    """

    bounds: Bounds
    connect_retries: int
    connect_retry_delay: float | None
    status_code_retries: int
    status_code_retry_delay: float | None
    statuses: Collection[int]

    @classmethod
    def of(cls, adapter: Adapter, bounds: Bounds) -> Patience:
        """The patience that an operator wishes for."""
        return cls(
            bounds,
            _default(adapter.connect_retries),
            adapter.connect_retry_delay,
            _default(adapter.status_code_retries),
            adapter.status_code_retry_delay,
            adapter.retriable_status_codes or RETRIED_STATUS,
        )

    def ask(self, send: Callable[[], Response], what: str) -> Response:
        """Send a request until there is an answer that stands, or patience is at its end."""
        lost, busy = count(), count()
        while True:
            try:
                response = send()
            except ks.RetriableConnectionFailure:
                if (attempt := next(lost)) >= self.connect_retries:
                    raise
                pause = pause_before(attempt, self.connect_retry_delay)
            else:
                if response.status_code not in self.statuses:
                    return response
                if (attempt := next(busy)) >= self.status_code_retries:
                    return response
                asked = response.headers.get("Retry-After")
                pause = pause_before(attempt, self.status_code_retry_delay, asked)
            self.bounds.pause(pause, what)


def _default(configured: int | None) -> int:
    return _TRIES_MORE if configured is None else configured
