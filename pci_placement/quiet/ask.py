"""Asking Placement with little more than keystoneauth."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from keystoneauth1.session import Session

from .note import Way
from .told import ask_by

_LONGEST = 2**25


class Unlike(Exception):
    """The answer is none that can be compared: the whole pass finds out why."""


def ask(way: Way, root: str, ours: Collection[str], asked: Iterable[str]) -> str:
    """Ask as a pass does. Raises Unlike, or whatever keystoneauth raises."""
    session = Session(verify=way.verify, cert=_cert(way))
    return ask_by(lambda path: _get(session, way, path), root, ours, asked)


def _cert(way: Way) -> Any:
    return way.cert if isinstance(way.cert, str | None) else tuple(way.cert)


def _get(session: Session, way: Way, path: str) -> Any:
    response = session.request(
        way.url + path,
        "GET",
        headers=dict(way.headers),
        authenticated=False,
        raise_exc=False,
        redirect=False,
        log=False,
        timeout=way.timeout,
        stream=True,
    )
    if response.status_code != 200:
        raise Unlike(f"{response.status_code} to {path}")
    body = response.raw.read(_LONGEST + 1, decode_content=True)
    if len(body) > _LONGEST:
        raise Unlike("it is far too long")
    return json.loads(body)
