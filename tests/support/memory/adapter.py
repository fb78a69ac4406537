"""What stands in for keystoneauth's adapter, and where faults come in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keystoneauth1 import exceptions
from keystoneauth1.session import Session

from .answer import Answer
from .placement import MemoryPlacement

URL = "http://placement.test"

OnRequest = Callable[[str, str], Answer | None]
OnAnswer = Callable[[str, str, Answer], Answer | None]


def dropped() -> exceptions.ConnectFailure:
    """The error of a connection that broke off, for a hook to raise."""
    return exceptions.ConnectFailure(f"Unable to establish connection to {URL}")


@dataclass(frozen=True, slots=True)
class _EndpointData:
    url: str
    max_microversion: tuple[int, int]


class MemoryAdapter:
    """Sends requests to a Placement in memory; for `pci_placement.placement.Client`.

    on_request is called with method and URL before a request is looked at, on_answer with the
    answer too, once it was carried out. Either may raise, as if the connection broke before or
    after, or return what is answered instead. Both may ask and change the Placement meanwhile,
    as somebody else would.
    """

    service_type = "placement"
    region_name = interface = endpoint_override = auth = None
    # no second try: what a test lets fail is to fail
    connect_retries = status_code_retries = 0
    connect_retry_delay = status_code_retry_delay = retriable_status_codes = None

    def __init__(
        self,
        placement: MemoryPlacement | None = None,
        on_request: OnRequest | None = None,
        on_answer: OnAnswer | None = None,
    ) -> None:
        self.placement = placement or MemoryPlacement()
        self.on_request, self.on_answer = on_request, on_answer
        self.default_microversion: str | None = None
        self.session = Session()  # never asked: nothing goes over a wire

    def __copy__(self) -> "MemoryAdapter":
        """Itself: a client takes a copy, and hooks that are set later are to be heard there."""
        return self

    def get_endpoint_data(self) -> _EndpointData:
        """The versions, as after `GET /`."""
        root = self.request("/", "GET").json()["versions"][0]
        major, minor = root["max_version"].split(".")
        return _EndpointData(URL, (int(major), int(minor)))

    def request(
        self,
        url: str,
        method: str,
        *,
        raise_exc: bool = False,
        microversion: str | None = None,
        json: Any = None,
        **_no_retries: int,
    ) -> Answer:
        """Answer one request as keystoneauth's adapter does that raises no error for a status."""
        if raise_exc:
            raise NotImplementedError("raise_exc")
        answer = self.on_request(method, url) if self.on_request else None
        if answer is None:
            version = microversion or self.default_microversion or "1.0"
            answer = self.placement.answer(method, url, version, json)
            if self.on_answer:
                answer = self.on_answer(method, url, answer) or answer
        answer.url = URL + url
        return answer
