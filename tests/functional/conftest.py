from __future__ import annotations

import pytest
from keystoneauth1 import session, token_endpoint
from support.placements import Real

from pci_placement.embedded import EmbeddedPlacement
from pci_placement.placement import Client, of_session


@pytest.fixture
def client(placement: EmbeddedPlacement) -> Client:
    auth = token_endpoint.Token(placement.url, "admin")
    return Client(of_session(session.Session(auth), None, None))


@pytest.fixture
def real(client: Client) -> Real:
    """The compute node's provider, and what other users of Placement do."""
    return Real(client)
