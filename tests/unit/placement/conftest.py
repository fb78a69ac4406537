from __future__ import annotations

import pytest
from keystoneauth1 import session, token_endpoint
from keystoneauth1.adapter import Adapter
from support import answers

from pci_placement import placement
from pci_placement.placement.transport import Transport

URL = "http://placement.example:8778"
SECRET = "s3cret"


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long we would have slept between tries."""
    slept: list[float] = []
    monkeypatch.setattr("keystoneauth1.session.time.sleep", slept.append)
    return slept


@pytest.fixture
def adapter() -> Adapter:
    """A session with a token."""
    auth = token_endpoint.Token(URL, SECRET)
    return placement.of_session(session.Session(auth), None, None)


@pytest.fixture
def transport(adapter, requests_mock) -> Transport:
    """A way to a Placement that says which microversions it knows, and nothing else yet."""
    requests_mock.get(URL, **answers.answer("versions"))
    return Transport(adapter)
