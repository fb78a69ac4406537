"""Answers that are no sound answers of Placement are told as what they are."""

import pytest
import requests
from keystoneauth1 import session, token_endpoint
from support.answers import CHILD, answer

from pci_placement.errors import PciPlacementError, PlacementError, Unreachable
from pci_placement.model import DeleteProvider, Plan
from pci_placement.model.outcome import Result
from pci_placement.placement import of_session
from pci_placement.placement.apply import carry_out
from pci_placement.placement.transport import Transport

URL = "http://placement.example:8778"


@pytest.fixture
def transport(requests_mock, monkeypatch):
    monkeypatch.setattr("keystoneauth1.session.time.sleep", list)
    requests_mock.get(URL, **answer("versions"))
    return Transport(of_session(session.Session(token_endpoint.Token(URL, "s3cret")), None, None))


@pytest.mark.parametrize("errors", [{"detail": "x"}, 3, "x"])
def test_errors_that_are_no_list(transport, requests_mock, errors):
    requests_mock.get(URL + "/x", status_code=400, json={"errors": errors})
    with pytest.raises(PlacementError):
        transport.send("GET", "/x")


def test_a_page_instead_of_an_answer_is_no_placement(transport, requests_mock):
    requests_mock.get(URL + "/resource_providers", text="<html>login</html>")
    with pytest.raises(PciPlacementError):
        transport.send("GET", "/resource_providers")


def test_a_connection_cut_in_the_middle_of_an_answer_may_succeed_later(transport, requests_mock):
    requests_mock.get(URL + "/x", exc=requests.exceptions.ChunkedEncodingError("IncompleteRead"))
    with pytest.raises(Unreachable):
        transport.send("GET", "/x")


def test_another_service_is_not_taken_for_placement(requests_mock):
    nova = {
        "versions": [
            {
                "id": "v2.1",
                "status": "CURRENT",
                "version": "2.96",
                "min_version": "2.1",
                "links": [{"rel": "self", "href": URL + "/v2.1/"}],
            }
        ]
    }
    requests_mock.get(URL, json=nova)
    requests_mock.get(URL + "/v2.1/", json=nova)
    requests_mock.get(URL + "/x", json={})
    t = Transport(of_session(session.Session(token_endpoint.Token(URL, "s3cret")), None, None))
    with pytest.raises(PciPlacementError):
        t.send("GET", "/x")


def test_a_delete_of_what_is_gone_is_done(transport, requests_mock):
    requests_mock.delete(f"{URL}/resource_providers/{CHILD}", **answer("not_found"))
    out = carry_out(Plan((DeleteProvider(CHILD, "n", ""),)), transport.send)
    assert [d.result for d in out.results] == [Result.DONE]
