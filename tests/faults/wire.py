"""The way to Placement, with one fault on it and a record of what each write led to."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from keystoneauth1 import session
from requests.adapters import HTTPAdapter
from support.database import World

from pci_placement.placement import Client, of_session

from .kinds import Fault
from .known import Known
from .tokens import Renewable


class Wire(HTTPAdapter):
    """Stands in front of a real Placement and lets a fault strike at one request.

    asked are the requests in order, repetitions included; moments is what Placement had after each
    request that can have changed something; struck says whether the fault found its request.
    """

    def __init__(self, known: Known, fault: Fault | None = None, at: int = 0) -> None:
        super().__init__()
        self.known, self.fault, self.at = known, fault, at
        self.asked: list[str] = []
        self.moments: list[World] = []
        self.struck = False

    def send(self, request: requests.PreparedRequest, *args, **kwargs) -> requests.Response:
        def forward(request: requests.PreparedRequest) -> requests.Response:
            answer = self.known.ask(request, lambda r: super(Wire, self).send(r, *args, **kwargs))
            if request.method != "GET":
                self.moments.append(self.known.now.world)
            return answer

        self.asked.append(f"{request.method} {request.path_url}")
        if not self._strikes():
            return forward(request)
        self.struck = True
        return self.fault.strike(request, forward)

    def _strikes(self) -> bool:
        number = len(self.asked)
        return bool(self.fault) and (number == self.at or (self.fault.lasts and number > self.at))


@contextmanager
def client_over(adapter: HTTPAdapter, url: str) -> Iterator[Client]:
    """A client as the command line has it, all of whose requests go over this adapter."""
    with requests.Session() as connections:
        connections.trust_env = False  # to look for proxies takes half as long as a request
        connections.mount("http://", adapter)
        auth = Renewable(url)
        yield Client(of_session(session.Session(auth, session=connections), None, None))
