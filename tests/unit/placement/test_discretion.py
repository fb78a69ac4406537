"""A URL may carry a user and a password, as `http://user:password@host`; nobody is told them."""

import logging

import pytest
import requests
from keystoneauth1 import session, token_endpoint
from keystoneauth1.identity import Password
from support.answers import answer

from pci_placement import placement
from pci_placement.errors import PciPlacementError, PlacementError, without_credentials
from pci_placement.placement.transport import Transport

SECRETS = ("us3r", "pa55word")
HOST = "placement.example:8778"
URL = f"http://us3r:pa55word@{HOST}"
KEYSTONE = "http://us3r:pa55word@keystone.example:5000/v3"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"GET {URL}/x: no answer", f"GET http://***@{HOST}/x: no answer"),
        ("https://u@h and https://u:p@ss@h/", "https://***@h and https://***@h/"),
        ("http://h/x?mail=a@b", "http://h/x?mail=a@b"),
        ("http://h, write to a@b", "http://h, write to a@b"),
        ("a@b", "a@b"),
    ],
)
def test_what_stands_before_the_host_is_left_out(text, told):
    assert without_credentials(text) == told
    assert str(PciPlacementError(text)) == told
    assert told in str(PlacementError("GET", text, 400))


@pytest.fixture(autouse=True)
def logged(caplog, request):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="keystoneauth")  # the command line makes it silent
    yield
    if "requests_mock" not in request.fixturenames:
        return
    records = [r for r in caplog.get_records("call") if not r.name.startswith("requests_mock")]
    told = "\n".join(map(caplog.handler.format, records))
    assert "***@" in told
    assert not [secret for secret in SECRETS if secret in told]


def over(auth) -> Transport:
    return Transport(placement.of_session(session.Session(auth), None, None))


FAULTS = {
    "no connection": {"exc": requests.ConnectionError("refused")},
    "no answer": {"exc": requests.ReadTimeout("slow")},
    "busy": {"status_code": 503},
    "broken": {"status_code": 500},
    "refused": {"status_code": 400},
    "forbidden": {"status_code": 403},
    "unauthorized": {"status_code": 401},
    "a page": {"text": "<html>"},
    "a list": {"json": []},
    "elsewhere": {"status_code": 302, "headers": {"Location": f"{URL}/y"}},
}


def tell(transport: Transport) -> None:
    with pytest.raises(PciPlacementError) as caught:
        transport.send("GET", "/x")
    assert not [secret for secret in SECRETS if secret in str(caught.value)]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("path", ["/", "/x"])
def test_no_message_and_no_log_tells_the_credentials_of_placements_url(requests_mock, fault, path):
    requests_mock.get(f"{URL}/", **answer("versions"))
    requests_mock.get(f"{URL}{path}", **fault)
    if path == "/":
        requests_mock.get(f"{URL}/x", status_code=503)
    tell(over(token_endpoint.Token(URL, "t0ken")))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("path", ["", "/auth/tokens"])
def test_nor_those_of_keystones(requests_mock, fault, path):
    requests_mock.get(KEYSTONE, **answer("keystone_versions"))
    requests_mock.post(f"{KEYSTONE}/auth/tokens", **answer("keystone_wrong_password"))
    bare = "http://keystone.example:5000/v3"  # where its versions say that it is
    requests_mock.post(f"{bare}/auth/tokens", **answer("keystone_wrong_password"))
    for url in (KEYSTONE, bare):
        requests_mock.register_uri("POST" if path else "GET", url + path, **fault)
    tell(over(Password(KEYSTONE, "placement", password="x", user_domain_id="default")))
