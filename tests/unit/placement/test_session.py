"""Logging in, agreeing on a microversion, and what an operator reads when that fails."""

import json
import textwrap
import warnings

import pytest
import requests
from support.answers import answer, as_mock, read

from pci_placement import placement
from pci_placement.errors import AuthError, PciPlacementError, Unreachable
from pci_placement.placement.transport import Transport
from pci_placement.settings import ConfigPath, load

URL = "http://placement.example:8778"
KEYSTONE = "http://keystone.example:5000/v3"
PASSWORD, TOKEN = "pa55word", "t0ken"
BY_TOKEN = f"auth_type = admin_token\nendpoint = {URL}\ntoken = {TOKEN}\n"
BY_PASSWORD = f"""
auth_type = password
auth_url = {KEYSTONE}
username = placement
password = {PASSWORD}
project_name = service
user_domain_id = default
project_domain_id = default
"""
PAGE = "<html><body><h1>It works!</h1></body></html>"


@pytest.fixture
def connect(tmp_path):
    """Open a session with the options of a section [placement]."""

    def connect(section: str, os_cloud: str | None = None) -> Transport:
        file = tmp_path / "zun.conf"
        file.write_text(f"[placement]\n{textwrap.dedent(section)}")
        settings = load([ConfigPath(str(file))])
        return Transport(placement.connect(settings.conf, os_cloud))

    return connect


@pytest.fixture
def clouds(tmp_path, monkeypatch):
    """Write a clouds.yaml that is the only one."""
    file = tmp_path / "clouds.yaml"
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def write(**clouds: dict) -> None:
        file.write_text(json.dumps({"clouds": clouds}))

    return write


@pytest.fixture
def keystone(requests_mock):
    """A Keystone that lets us in and knows where Placement is."""
    requests_mock.get(URL, **answer("versions"))
    requests_mock.get(f"{URL}/x", json={})
    requests_mock.get(KEYSTONE, **answer("keystone_versions"))
    requests_mock.post(f"{KEYSTONE}/auth/tokens", **answer("keystone_token"))
    return requests_mock


def refused(kind, attempt, *arguments) -> str:
    """The message of an error: one line, and no secret in it."""
    with pytest.raises(PciPlacementError) as caught:
        attempt(*arguments)
    message = str(caught.value)
    assert type(caught.value) is kind
    assert "\n" not in message
    assert PASSWORD not in message
    assert TOKEN not in message
    return message


def ask(transport):
    return transport.send("GET", "/x")


def versions(newest: str) -> dict:
    body = read("versions")["body"]
    body["versions"][0]["max_version"] = newest
    return {"json": body}


INFLUX = pytest.mark.filterwarnings(  # openstacksdk says so to everybody
    "ignore:Support for InfluxDB requires the influxdb library"
)


# --- which way in


def test_a_token_and_an_endpoint_suffice(connect, keystone):
    transport = connect(BY_TOKEN)
    assert ask(transport) == {}
    assert keystone.last_request.headers["X-Auth-Token"] == TOKEN


def test_nothing_is_sent_before_the_first_request(connect, requests_mock):
    assert connect(BY_PASSWORD).sent == 0
    assert requests_mock.call_count == 0


def test_a_password_is_changed_for_a_token_and_the_endpoint_looked_up(connect, keystone):
    assert ask(connect(BY_PASSWORD)) == {}
    given = read("keystone_token")["headers"]["X-Subject-Token"]
    assert keystone.last_request.headers["X-Auth-Token"] == given
    assert keystone.last_request.url == f"{URL}/x"


def test_an_endpoint_may_be_chosen_instead(connect, keystone):
    other = "http://192.0.2.7:8778"
    keystone.get(other, **answer("versions"))
    keystone.get(f"{other}/x", json={})
    ask(connect(f"{BY_PASSWORD}endpoint_override = {other}"))
    assert keystone.last_request.url == f"{other}/x"


@INFLUX
def test_a_cloud_of_clouds_yaml_serves_as_well(connect, clouds, keystone):
    clouds(lab={"auth_type": "admin_token", "auth": {"endpoint": URL, "token": TOKEN}})
    assert ask(connect("", "lab")) == {}
    assert keystone.last_request.headers["X-Auth-Token"] == TOKEN


@INFLUX
def test_a_cloud_with_a_password_is_asked_for_its_endpoint(connect, clouds, keystone):
    auth = {"auth_url": KEYSTONE, "username": "u", "password": PASSWORD, "project_name": "p"}
    domains = {"user_domain_id": "default", "project_domain_id": "default"}
    clouds(lab={"auth": {**auth, **domains}, "region_name": "RegionOne"})
    assert ask(connect("", "lab")) == {}
    assert keystone.last_request.url == f"{URL}/x"


def test_a_session_of_somebody_else_is_as_patient_as_our_own(connect, keystone, naps):
    busy = keystone.get(f"{URL}/x", status_code=503)
    for transport in (connect(BY_TOKEN), connect(BY_PASSWORD)):
        assert "503" in refused(Unreachable, ask, transport)
    assert (busy.call_count, naps) == (6, [0.5, 1.0] * 2)


def test_an_operator_may_ask_for_more_patience(connect, keystone):
    busy = keystone.get(f"{URL}/x", status_code=503)
    transport = connect(f"{BY_TOKEN}status_code_retries = 4\nstatus_code_retry_delay = 0.1")
    assert "503" in refused(Unreachable, ask, transport)
    assert busy.call_count == 5


# --- what is missing or wrong before anything is sent


@pytest.mark.parametrize(
    ("section", "part"),
    [
        pytest.param("", "it is not said how to reach Placement", id="nothing"),
        pytest.param("auth_type = nosuch", "nosuch could not be found", id="unknown plugin"),
        pytest.param(f"auth_type = password\npassword = {PASSWORD}", "auth_url", id="no auth_url"),
    ],
)
def test_options_that_lead_nowhere_are_named(connect, section, part):
    assert part in refused(AuthError, connect, section)


def test_who_has_said_nothing_hears_where_such_a_section_may_be_copied_from(connect):
    message = refused(AuthError, connect, "")
    assert "write the section [placement]" in message
    assert "--os-cloud" in message


@pytest.mark.parametrize(
    ("name", "part"),
    [("nosuch", "Cloud nosuch was not found"), ("odd", "The plugin odd could not be found")],
)
def test_a_cloud_that_leads_nowhere_is_named(connect, clouds, name, part):
    clouds(odd={"auth_type": "odd", "auth": {"token": TOKEN}})
    assert part in refused(AuthError, connect, "", name)


# --- Keystone


def test_a_wrong_password_is_keystones_word_and_not_repeated(connect, keystone):
    wrong = keystone.post(f"{KEYSTONE}/auth/tokens", **answer("keystone_wrong_password"))
    message = refused(AuthError, ask, connect(BY_PASSWORD))
    assert "Keystone refuses the credentials" in message
    assert "requires authentication" in message
    assert wrong.call_count == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_keystone_that_is_down_may_come_back(connect, keystone, status):
    keystone.post(f"{KEYSTONE}/auth/tokens", status_code=status, text=PAGE)
    assert str(status) in refused(Unreachable, ask, connect(BY_PASSWORD))


@pytest.mark.parametrize(
    "fault", [requests.ConnectionError("refused"), requests.ConnectTimeout("too slow")]
)
def test_a_keystone_that_does_not_answer_is_named(connect, keystone, fault):
    keystone.get(KEYSTONE, exc=fault)
    keystone.post(f"{KEYSTONE}/auth/tokens", exc=fault)
    message = refused(Unreachable, ask, connect(BY_PASSWORD))
    assert "keystone.example:5000" in message


def test_a_catalog_without_placement_is_said_to_lack_it(connect, keystone):
    keystone.post(f"{KEYSTONE}/auth/tokens", **answer("keystone_token_without_placement"))
    message = refused(AuthError, ask, connect(BY_PASSWORD))
    assert "catalog" in message
    assert "lacement" in message


@pytest.mark.usefixtures("keystone")
def test_a_region_without_placement_is_named(connect):
    message = refused(AuthError, ask, connect(f"{BY_PASSWORD}region_name = RegionTwo"))
    assert "RegionTwo" in message


@pytest.mark.parametrize("endpoint", ["", "endpoint = nonsense"])
def test_a_token_without_a_good_endpoint_leads_nowhere(connect, endpoint):
    section = f"auth_type = admin_token\ntoken = {TOKEN}\n{endpoint}"
    assert "endpoint" in refused(AuthError, ask, connect(section))


def test_what_asks_for_a_token_at_once_is_not_keystone(connect, keystone):
    # keystoneauth would wait for itself for ever
    keystone.get(KEYSTONE, **answer("middleware_unauthorized"))
    assert "check auth_url" in refused(AuthError, ask, connect(BY_PASSWORD))


def test_a_token_for_no_project_has_no_catalog(connect, keystone):
    unscoped = read("keystone_token")
    del unscoped["body"]["token"]["catalog"], unscoped["body"]["token"]["project"]
    keystone.post(f"{KEYSTONE}/auth/tokens", **as_mock(unscoped))
    message = refused(AuthError, ask, connect(BY_PASSWORD.replace("project_name = service", "")))
    assert "set project_name" in message


@pytest.mark.usefixtures("keystone")
def test_a_missing_password_is_named(connect):
    section = BY_PASSWORD.replace(f"password = {PASSWORD}", "")
    assert "password is a required attribute" in refused(AuthError, ask, connect(section))


# --- certificates


UNTRUSTED = requests.exceptions.SSLError("certificate verify failed: self-signed certificate")
NO_FILE = OSError("Could not find a suitable TLS CA certificate bundle, invalid path: /none.pem")


@pytest.mark.parametrize("url", [URL, f"{URL}/x", f"{KEYSTONE}/auth/tokens"])
@pytest.mark.parametrize(
    ("fault", "part"), [(UNTRUSTED, "self-signed certificate"), (NO_FILE, "/none.pem")]
)
def test_a_certificate_that_is_not_trusted_is_a_matter_of_cafile(
    connect, keystone, url, fault, part
):
    keystone.register_uri("POST" if "tokens" in url else "GET", url, exc=fault)
    message = refused(AuthError, ask, connect(BY_PASSWORD))
    assert "cafile" in message
    assert part in message


@pytest.mark.parametrize("value", ["true", "false"])
def test_only_who_wishes_it_is_not_warned_of_servers_that_nobody_checked(connect, value):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        connect(f"{BY_PASSWORD}insecure = {value}")
        warnings.warn("Unverified HTTPS request is being made to host 'x'", stacklevel=1)
    assert len(told) == (value == "false")


# --- microversions


@pytest.mark.parametrize(
    ("newest", "agreed"),
    [("1.30", (1, 30)), ("1.36", (1, 36)), ("1.39", (1, 39)), ("1.57", (1, 39))],
)
def test_the_newest_version_that_both_know_is_spoken(connect, keystone, newest, agreed):
    keystone.get(URL, **versions(newest))
    transport = connect(BY_TOKEN)
    ask(transport)
    assert transport.version == agreed
    spoken = keystone.last_request.headers["OpenStack-API-Version"]
    assert spoken == f"placement {agreed[0]}.{agreed[1]}"


@pytest.mark.parametrize("newest", ["1.0", "1.29"])
def test_a_server_that_is_too_old_is_refused(connect, keystone, newest):
    keystone.get(URL, **versions(newest))
    message = refused(PciPlacementError, ask, connect(BY_TOKEN))
    assert URL in message
    assert f"up to {newest}; 1.30 (Rocky) or newer is needed" in message


@pytest.mark.parametrize(
    "found",
    [
        pytest.param({"text": PAGE}, id="a web server"),
        pytest.param({"json": {}}, id="an empty object"),
        pytest.param({"json": []}, id="a list"),
        pytest.param({"status_code": 404, "text": PAGE}, id="nothing there"),
        pytest.param({"status_code": 500}, id="broken"),
        pytest.param({"status_code": 503, "text": PAGE}, id="busy"),
        pytest.param({"exc": requests.ConnectionError("refused")}, id="refused"),
        pytest.param({"exc": requests.ConnectTimeout("too slow")}, id="too slow"),
    ],
)
@pytest.mark.parametrize("section", [BY_TOKEN, BY_PASSWORD], ids=["endpoint", "catalog"])
def test_where_no_placement_answers_the_url_is_named(connect, keystone, found, section):
    keystone.get(URL, **found)
    assert URL in refused(Unreachable, ask, connect(section))
