"""One request: JSON in, JSON out, and every fault as one of our errors, in one readable line."""

import pytest
import requests
from support.answers import CHILD, answer, read

from pci_placement.errors import (
    AuthError,
    GenerationConflict,
    InUse,
    NameTaken,
    PciPlacementError,
    PlacementError,
    ReshapeForbidden,
    Unreachable,
)
from pci_placement.placement.transport import Transport

URL = "http://placement.example:8778"
PROVIDERS = f"{URL}/resource_providers"
PAGE = "<html>\n<body><h1>It works!</h1></body>\n</html>"
FINE = answer("provider")


def fails(transport, kind=PciPlacementError, method="GET", path="/resource_providers", body=None):
    """The error of a request; no message is longer than a line or tells the token."""
    with pytest.raises(kind) as caught:
        transport.send(method, path, body)
    text = str(caught.value)
    assert "\n" not in text
    assert "s3cret" not in text
    assert path in text
    return caught.value


def microversion(request) -> str:
    return request.headers["OpenStack-API-Version"]


# --- requests and answers


def paths(requests_mock) -> list[str]:
    return [request.path for request in requests_mock.request_history]


def test_the_newest_microversion_is_taken_for_granted(transport, requests_mock):
    requests_mock.get(PROVIDERS, **answer("tree"))
    for _ in range(2):
        transport.send("GET", "/resource_providers")
    assert paths(requests_mock) == ["/resource_providers", "/resource_providers"]
    assert microversion(requests_mock.last_request) == "placement 1.39"
    assert (transport.version, transport.sent) == ((1, 39), 2)


def versions(newest: str) -> dict:
    told = answer("versions")
    return told | {"text": told["text"].replace("1.39", newest)}


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_server_that_becomes_older_is_asked_again_and_hears_the_same_once_more(
    transport, requests_mock, method
):
    requests_mock.get(PROVIDERS, **answer("tree"))
    transport.send("GET", "/resource_providers")
    requests_mock.get(URL, **versions("1.36"))
    requests_mock.request(method, PROVIDERS, [answer("not_acceptable"), answer("tree")])
    transport.send(method, "/resource_providers", {})
    assert transport.version == (1, 36)
    assert microversion(requests_mock.last_request) == "placement 1.36"


def test_a_server_that_became_newer_is_found_out_where_one_looks(transport, requests_mock):
    requests_mock.get(URL, **versions("1.36"))
    requests_mock.get(PROVIDERS, [answer("not_acceptable"), answer("tree")])
    with transport.within(60.0):
        transport.send("GET", "/resource_providers")
        transport.look_for_newer()
        assert transport.version == (1, 36)
    requests_mock.get(PROVIDERS, **answer("tree"))
    with transport.within(60.0):
        transport.look_for_newer()
        transport.send("GET", "/resource_providers")
    assert microversion(requests_mock.last_request) == "placement 1.39"


def test_who_does_not_speak_it_is_asked_for_the_newest_once(transport, requests_mock):
    older = answer("versions")
    requests_mock.get(URL, **older | {"text": older["text"].replace("1.39", "1.36")})
    tree = answer("tree")
    requests_mock.get(PROVIDERS, [answer("not_acceptable"), tree, tree])
    for _ in range(2):
        transport.send("GET", "/resource_providers")
    asked = ["/resource_providers", "/", "/resource_providers", "/resource_providers"]
    assert (paths(requests_mock), transport.sent) == (asked, 4)
    assert microversion(requests_mock.last_request) == "placement 1.36"


def test_what_is_known_of_a_server_is_relied_on(adapter, requests_mock):
    requests_mock.get(PROVIDERS, **answer("tree"))
    transport = Transport(adapter, assumed=(1, 36))
    transport.send("GET", "/resource_providers")
    assert microversion(requests_mock.last_request) == "placement 1.36"
    assert (transport.version, transport.sent) == ((1, 36), 1)


def test_who_does_not_say_what_it_speaks_is_asked(transport, requests_mock):
    requests_mock.get(PROVIDERS, json={"resource_providers": []})
    for _ in range(2):
        transport.send("GET", "/resource_providers")
    assert paths(requests_mock) == ["/resource_providers", "/", *["/resource_providers"] * 2]


def test_before_a_write_it_is_asked_so_that_none_has_to_be_repeated(transport, requests_mock):
    requests_mock.post(PROVIDERS, **answer("created"))
    transport.send("POST", "/resource_providers", {"name": "a"})
    assert paths(requests_mock) == ["/", "/resource_providers"]


@pytest.mark.parametrize(
    ("newest", "fits", "sent"),
    [
        pytest.param("1.39", "1.31", "1.31", id="an older version fits"),
        pytest.param("1.39", "1.99", "1.39", id="a newer one than we know"),
        pytest.param("1.35", "1.37", "1.35", id="the server is older still"),
        pytest.param("1.35", None, "1.35", id="any version fits"),
    ],
)
def test_a_request_is_sent_at_the_newest_version_that_both_ends_know(
    transport, requests_mock, newest, fits, sent
):
    versions = answer("versions")
    requests_mock.get(URL, **versions | {"text": versions["text"].replace("1.39", newest)})
    requests_mock.get(PROVIDERS, json={"resource_providers": []})
    transport.send("GET", "/resource_providers", microversion=fits)
    assert microversion(requests_mock.last_request) == f"placement {sent}"


def test_a_body_goes_out_as_json_and_comes_back_as_json(transport, requests_mock):
    requests_mock.post(PROVIDERS, **answer("created"))
    assert transport.send("POST", "/resource_providers", {"name": "a"})["generation"] == 0
    assert requests_mock.last_request.json() == {"name": "a"}


def test_no_body_is_sent_where_there_is_none(transport, requests_mock):
    requests_mock.put(f"{URL}/traits/CUSTOM_A", **answer("trait_ensured"))
    assert transport.send("PUT", "/traits/CUSTOM_A") == {}
    assert requests_mock.last_request.body is None


# --- what Placement refuses


@pytest.mark.parametrize(
    ("name", "kind", "status", "code"),
    [
        ("concurrent_update", GenerationConflict, 409, "placement.concurrent_update"),
        ("class_in_use", InUse, 409, "placement.inventory.inuse"),
        ("provider_in_use", InUse, 409, "placement.resource_provider.inuse"),
        ("has_children", InUse, 409, "placement.resource_provider.cannot_delete_parent"),
        ("name_taken", NameTaken, 409, "placement.duplicate_name"),
        ("uuid_taken", NameTaken, 409, "placement.duplicate_name"),
        ("over_capacity", PlacementError, 409, "placement.undefined_code"),
        ("unknown_trait", PlacementError, 400, "placement.undefined_code"),
        ("not_found", PlacementError, 404, "placement.undefined_code"),
    ],
)
def test_an_error_of_placement_says_what_was_asked_and_why_not(
    transport, requests_mock, name, kind, status, code
):
    requests_mock.put(PROVIDERS, **answer(name))
    error = fails(transport, method="PUT", body={})
    assert type(error) is kind
    assert (error.method, error.url, error.status, error.code) == ("PUT", PROVIDERS, status, code)
    (said,) = read(name)["body"]["errors"]
    assert error.request_id == said["request_id"]
    assert error.detail == " ".join(said["detail"].split())
    for part in (str(status), error.detail, code, error.request_id):
        assert part in str(error)


def test_a_user_without_rights_hears_which_role_is_needed(transport, requests_mock):
    requests_mock.get(PROVIDERS, **answer("forbidden"))
    error = fails(transport, AuthError)
    assert "answered 403" in str(error)
    assert "role service" in str(error)


def test_who_may_do_all_but_reshape_can_go_on_without(transport, requests_mock):
    requests_mock.post(f"{URL}/reshaper", **answer("reshape_forbidden"))
    error = fails(transport, ReshapeForbidden, "POST", "/reshaper", {})
    assert error.status == 403


@pytest.mark.parametrize("name", ["unauthorized", "middleware_unauthorized"])
def test_a_token_that_is_not_accepted_is_no_matter_of_roles(transport, requests_mock, name):
    requests_mock.get(PROVIDERS, **answer(name))
    assert "does not accept the token: 401" in str(fails(transport, AuthError))


def test_the_rule_that_forbids_it_is_named(transport, requests_mock):
    requests_mock.get(PROVIDERS, **answer("forbidden"))
    assert "Policy does not allow placement:resource_providers:list" in str(fails(transport))


# --- what may pass


def test_a_server_that_is_broken_is_not_asked_again(transport, requests_mock, naps):
    requests_mock.get(PROVIDERS, **answer("broken"))
    error = fails(transport, Unreachable)
    assert "Placement answered 500" in str(error)
    assert (transport.sent, naps) == (1, [])


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_three_times(transport, requests_mock, naps, status):
    busy = requests_mock.get(PROVIDERS, status_code=status, reason="Busy", text=PAGE)
    error = fails(transport, Unreachable)
    assert f"Placement answered {status}" in str(error)
    assert (busy.call_count, naps) == (3, [0.5, 1.0])


def test_while_keystone_is_down_placement_is_busy(transport, requests_mock):
    busy = requests_mock.get(PROVIDERS, **answer("middleware_keystone_down"))
    assert "Service Unavailable" in str(fails(transport, Unreachable))
    assert busy.call_count == 3


def test_a_server_that_was_busy_for_a_moment_is_none_the_worse(transport, requests_mock, naps):
    requests_mock.get(f"{PROVIDERS}/{CHILD}", [{"status_code": 503}, {"status_code": 429}, FINE])
    assert transport.send("GET", f"/resource_providers/{CHILD}")["uuid"] == CHILD
    assert len(naps) == 2


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(requests.ConnectionError("[Errno 111] Connection refused"), id="refused"),
        pytest.param(requests.ConnectionError("Connection aborted."), id="dropped"),
        pytest.param(requests.ConnectTimeout("no route"), id="no connection in time"),
        pytest.param(requests.ReadTimeout("no answer"), id="no answer in time"),
    ],
)
def test_a_connection_that_fails_is_tried_three_times(transport, requests_mock, naps, fault):
    lost = requests_mock.get(PROVIDERS, exc=fault)
    assert "no answer" in str(fails(transport, Unreachable))
    assert (lost.call_count, naps) == (3, [0.5, 1.0])


def test_a_connection_that_dropped_once_is_none_the_worse(transport, requests_mock, naps):
    requests_mock.post(PROVIDERS, [{"exc": requests.ConnectionError("reset")}, FINE])
    assert transport.send("POST", "/resource_providers", {})["uuid"] == CHILD
    assert naps == [0.5]


def test_a_certificate_that_is_not_trusted_is_nothing_that_passes(transport, requests_mock, naps):
    fault = requests.exceptions.SSLError("certificate verify failed: self-signed certificate")
    requests_mock.get(PROVIDERS, exc=fault)
    error = fails(transport, AuthError)
    assert "certificate is not trusted" in str(error)
    assert "self-signed certificate" in str(error)
    assert naps == []


# --- what is not JSON, or not Placement's


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"text": PAGE}, id="a page"),
        pytest.param({"text": ""}, id="nothing"),
        pytest.param({"json": ["errors"]}, id="a list"),
        pytest.param({"json": {}}, id="an empty object"),
        pytest.param({"json": {"errors": []}}, id="no error"),
        pytest.param({"json": {"errors": ["teapot"]}}, id="an error that is text"),
        pytest.param({"json": {"errors": [{"detail": None}]}}, id="an error without detail"),
    ],
)
def test_an_error_that_is_not_placements_is_told_by_its_reason(transport, requests_mock, body):
    requests_mock.get(PROVIDERS, status_code=418, reason="I'm a teapot", **body)
    error = fails(transport, PlacementError)
    assert f"Placement answered 418 to GET {PROVIDERS}: I'm a teapot" in str(error)
    assert (error.code, error.request_id) == ("", "")


def test_where_even_the_reason_is_missing_it_says_so(transport, requests_mock):
    requests_mock.get(PROVIDERS, status_code=418)
    assert "no reason given" in str(fails(transport, PlacementError))


def test_the_request_id_of_the_header_serves_where_the_body_has_none(transport, requests_mock):
    headers = {"x-openstack-request-id": "req-1"}
    requests_mock.get(PROVIDERS, status_code=418, headers=headers, text=PAGE)
    assert fails(transport, PlacementError).request_id == "req-1"
