"""No redirect is followed: keystoneauth takes the token along, to whichever host."""

import json

import pytest
from keystoneauth1 import session, token_endpoint
from keystoneauth1.identity import Password
from support.answers import read
from support.hostile import VERSIONS, hostile, whole

from pci_placement import placement
from pci_placement.errors import Unreachable
from pci_placement.placement.transport import Transport

STATUSES = (301, 302, 303, 305, 307, 308)


@pytest.fixture
def thief():
    """Another host, which must not hear of us."""
    with hostile(lambda _: lambda *_: [VERSIONS]) as server:
        yield server
        assert server.asked == []


def to(target: str, status: int = 302) -> bytes:
    return whole({}, f"{status} Elsewhere", f"Location: {target}")


def refused(transport: Transport, method: str = "GET") -> str:
    with pytest.raises(Unreachable) as caught:
        transport.send(method, "/resource_providers")
    message = str(caught.value)
    assert "\n" not in message
    assert "s3cret" not in message
    return message


def over(auth) -> Transport:
    return Transport(placement.of_session(session.Session(auth), None, None))


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_token_stays_where_it_is_for(thief, status, method):
    sent_on = to(f"{thief.url}/resource_providers", status)
    with hostile(lambda _: lambda _, path: [VERSIONS if path == "/" else sent_on]) as server:
        message = refused(over(token_endpoint.Token(server.url, "s3cret")), method)
        assert server.asked[-1] == f"{method} /resource_providers"
    assert f"{method} {server.url}/resource_providers answers with a redirect to " in message
    assert thief.url.removeprefix("http://") in message
    assert "endpoint_override" in message


@pytest.mark.parametrize("target", ["", "/elsewhere", "//other.example/", "http://[::1"])
def test_wherever_it_leads(target):
    with hostile(lambda _: lambda _, path: [VERSIONS if path == "/" else to(target)]) as server:
        assert "redirect" in refused(over(token_endpoint.Token(server.url, "s3cret")))


def test_versions_are_not_looked_for_elsewhere(thief):
    with hostile(lambda _: lambda *_: [to(thief.url)]) as server:
        assert "redirect" in refused(over(token_endpoint.Token(server.url, "s3cret")))


def test_a_password_is_given_to_nobody_else(thief):
    def answers(server):
        text = json.dumps(read("keystone_versions")["body"])
        versions = whole(text.replace("http://keystone.example:5000", server.url).encode())
        return lambda method, _: [versions if method == "GET" else to(thief.url)]

    with hostile(answers) as keystone:
        auth = Password(keystone.url, "placement", password="s3cret", user_domain_id="default")
        assert "redirect" in refused(over(auth))
        assert "POST /v3/auth/tokens" in keystone.asked
