"""What Placement answers in each state that a step can get it into: asked once, of the real one.

Thousands of passes start alike and part at one request. Placement gives the same answer to the same
request in the same state, so only what is new goes to the server, put in that state first; what
is known is answered from here, word for word. Ids and times of database rows are no state: no
answer that a pass reads has them.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import requests
import urllib3
from requests.adapters import HTTPAdapter
from support.database import Database, World

Send = Callable[[requests.PreparedRequest], requests.Response]
VERSION = "OpenStack-API-Version"


@dataclass(frozen=True, slots=True)
class State:
    """All that Placement has; saved is the database that holds it."""

    name: str
    world: World
    saved: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer, and the state that Placement is in after it."""

    status: int
    reason: str
    headers: dict[str, str]
    content: bytes
    then: State

    @classmethod
    def of(cls, answer: requests.Response, then: State) -> Exchange:
        headers = dict(answer.headers)
        return cls(answer.status_code, answer.reason, headers, answer.content, then)

    def answer(self, request: requests.PreparedRequest) -> requests.Response:
        return answered(request, self.status, self.reason, self.headers, self.content)


class Known:
    """A Placement that can be put in any state it was ever in; now is the one it is in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._states: dict[str, State] = {}
        self._exchanges: dict[tuple, Exchange] = {}
        self.start = self.now = self._loaded = self._read()

    def go(self, state: State) -> None:
        """Put Placement in a state."""
        self.now = state

    def ask(self, request: requests.PreparedRequest, send: Send) -> requests.Response:
        """Answer a request, through `send` where it is new in this state."""
        key = (self.now.name, request.method, request.url, request.body, _version(request))
        if key not in self._exchanges:
            self.load()
            answer = send(request)
            then = self.now if request.method == "GET" else self.adopt()
            self._exchanges[key] = Exchange.of(answer, then)
        exchange = self._exchanges[key]
        self.now = exchange.then
        return exchange.answer(request)

    def load(self) -> None:
        """Make the server true to `now`, before somebody talks to it directly."""
        if self._loaded.name != self.now.name:
            self._database.restore(self.now.saved)
            self._loaded = self.now

    def adopt(self) -> State:
        """Take the server as it is now, after somebody talked to it directly."""
        self.now = self._loaded = self._read()
        return self.now

    def _read(self) -> State:
        world = self._database.read()
        name = f"{sorted(world.items())} {self._database.read_beside()}"
        return self._states.setdefault(name, State(name, world, self._database.save()))


def _version(request: requests.PreparedRequest) -> str:
    return request.headers.get(VERSION, "")


def answered(
    request: requests.PreparedRequest, status: int, reason: str, headers: dict, content: bytes
) -> requests.Response:
    """An answer as `requests` gives it out."""
    answer = urllib3.HTTPResponse(
        body=io.BytesIO(content),
        headers=headers,
        status=status,
        reason=reason,
        preload_content=False,
    )
    return HTTPAdapter().build_response(request, answer)
