"""What can go wrong with one request, as the code above `requests` meets it."""

import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http.client import RemoteDisconnected
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from support import answers

from .known import answered
from .tokens import FIRST

Forward = Callable[[requests.PreparedRequest], requests.Response]
Strike = Callable[[requests.PreparedRequest, Forward], requests.Response]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault; it strikes one request, or all from that one on until the pass ends."""

    name: str
    strike: Strike
    lasts: bool = False


def refuse(request: requests.PreparedRequest, _: Forward) -> requests.Response:
    """Send it to where nobody listens."""
    with socket.socket() as nobody, contextlib.closing(HTTPAdapter()) as adapter:
        nobody.bind(("127.0.0.1", 0))
        where = urlsplit(request.url)._replace(netloc=f"127.0.0.1:{nobody.getsockname()[1]}")
        elsewhere = request.copy()
        elsewhere.url = urlunsplit(where)
        return adapter.send(elsewhere)


def drop_before(request: requests.PreparedRequest, _: Forward) -> requests.Response:
    raise _dropped(request)


def drop_after(request: requests.PreparedRequest, forward: Forward) -> requests.Response:
    forward(request)
    raise _dropped(request)


def cut_off(request: requests.PreparedRequest, forward: Forward) -> requests.Response:
    """Drop the connection in the middle of the answer, which keystoneauth does not try again."""
    forward(request)
    short = urllib3.exceptions.ProtocolError("Connection broken: IncompleteRead(17 bytes read)")
    raise requests.exceptions.ChunkedEncodingError(short, request=request)


def time_out(request: requests.PreparedRequest, _: Forward) -> requests.Response:
    raise requests.exceptions.ConnectTimeout("connect timeout=60", request=request)


def time_out_after(request: requests.PreparedRequest, forward: Forward) -> requests.Response:
    forward(request)
    raise requests.exceptions.ReadTimeout("Read timed out. (read timeout=60)", request=request)


def fail(request: requests.PreparedRequest, _: Forward) -> requests.Response:
    return _answered(request, answers.answer("broken"))


def be_busy(request: requests.PreparedRequest, _: Forward) -> requests.Response:
    """What Placement says while it cannot reach Keystone; a proxy adds when to come back."""
    said = answers.answer("middleware_keystone_down")
    return _answered(request, {**said, "headers": {**said["headers"], "Retry-After": "1"}})


def expire(request: requests.PreparedRequest, forward: Forward) -> requests.Response:
    """From now on only a new token will do."""
    if request.headers.get("X-Auth-Token") != FIRST:
        return forward(request)
    return _answered(request, answers.answer("middleware_unauthorized"))


FAULTS = (
    Fault("refused", refuse),
    Fault("refused-on", refuse, lasts=True),
    Fault("dropped-before", drop_before),
    Fault("dropped-before-on", drop_before, lasts=True),
    Fault("dropped-after", drop_after),
    Fault("dropped-after-on", drop_after, lasts=True),
    Fault("cut-off", cut_off),
    Fault("timeout", time_out),
    Fault("timeout-on", time_out, lasts=True),
    Fault("timeout-after", time_out_after),
    Fault("timeout-after-on", time_out_after, lasts=True),
    Fault("500", fail),
    Fault("503", be_busy),
    Fault("503-on", be_busy, lasts=True),
    Fault("401", expire, lasts=True),
)


def _dropped(request: requests.PreparedRequest) -> Exception:
    gone = RemoteDisconnected("Remote end closed connection without response")
    aborted = urllib3.exceptions.ProtocolError("Connection aborted.", gone)
    return requests.exceptions.ConnectionError(aborted, request=request)


def _answered(request: requests.PreparedRequest, said: dict) -> requests.Response:
    content = said["text"].encode()
    return answered(request, said["status_code"], said["reason"], said["headers"], content)
