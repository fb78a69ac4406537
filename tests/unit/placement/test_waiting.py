"""However little a server says, and however slowly, we do not wait for it for long."""

from dataclasses import replace

import pytest
from keystoneauth1 import adapter, session, token_endpoint
from keystoneauth1.identity import Password
from support import hosts
from support.answers import answer
from support.hostile import VERSIONS, Hostile, hostile, whole

from pci_placement import placement
from pci_placement.agent import build
from pci_placement.errors import ExitCode, Unreachable
from pci_placement.placement import bounded
from pci_placement.placement.bounds import Bounds, pause_before
from pci_placement.placement.transport import Transport
from pci_placement.settings import ConfigPath, load
from pci_placement.state.roots import Roots, Spelling

SHORT, LONG = 0.2, 30
PATIENCE = (SHORT, 1, 5, LONG)
URL = "http://placement.example:8778"
KEYSTONE = "http://keystone.example:5000/v3"
SPOKEN = {"OpenStack-API-Version": "placement 1.39"}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
STINGY = {
    "says nothing": lambda server: server.hang(),
    "drips the first line": lambda server: server.drip(b"H"),
    "drips headers": lambda server: (HEAD, *server.drip(b"X-Drip: a\r\n")),
    "drips a header": lambda server: _after(HEAD + b"X-Drip: ", server.drip(b"a")),
    "drips a body": lambda server: _after(
        HEAD + b"Content-Length: 99999\r\n\r\n", server.drip(b" ")
    ),
    "drips without an end": lambda server: _after(HEAD + b"\r\n", server.drip(b" ")),
    "drips in chunks": lambda server: _after(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", server.drip(b"1\r\n \r\n")
    ),
}


def _after(head, pieces):
    yield head
    yield from pieces


def transport_to(server: Hostile, timeout: float, **bounds) -> Transport:
    auth = token_endpoint.Token(server.url, "t0ken")
    theirs = session.Session(auth, timeout=timeout)
    return Transport(placement.of_session(theirs, None, None), Bounds(**bounds))


def only_versions(then):
    """A server that says its versions and then becomes odd."""
    return lambda server: (
        lambda method, path: [VERSIONS] if path == "/" else then(server)  # noqa: ARG005  servers are called so
    )


def patiently(server: Hostile, requests: int, tried) -> None:
    """Try with more time, where a busy machine did not get to so many requests in less."""
    for seconds in PATIENCE:
        server.asked.clear()
        tried(seconds)
        if len(server.asked) >= requests:
            break
    assert len(server.asked) == requests


def refused(transport: Transport, path: str = "/resource_providers") -> str:
    with pytest.raises(Unreachable) as caught:
        transport.send("GET", path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- one request


@pytest.mark.parametrize("stingy", STINGY.values(), ids=STINGY)
def test_a_server_that_does_not_come_to_an_end_is_left(stingy):
    def tried(seconds):
        assert "/resource_providers" in refused(transport_to(server, seconds))

    with hostile(only_versions(stingy)) as server:
        patiently(server, 3, tried)


@pytest.mark.parametrize("stingy", STINGY.values(), ids=STINGY)
def test_nor_are_its_versions_waited_for(stingy):
    with hostile(lambda server: lambda *_: stingy(server)) as server:
        assert server.url in refused(transport_to(server, SHORT))


@pytest.mark.parametrize("stingy", STINGY.values(), ids=STINGY)
def test_nor_is_keystone(stingy):
    with hostile(lambda server: lambda *_: stingy(server)) as keystone:
        auth = Password(keystone.url, "placement", password="pa55word", user_domain_id="default")
        theirs = session.Session(auth, timeout=SHORT)
        assert keystone.url in refused(Transport(placement.of_session(theirs, None, None)))


def test_what_came_in_time_is_read_whole():
    body = {"resource_providers": [], "x": "y" * 200_000}
    with hostile(only_versions(lambda _: [whole(body)])) as server:
        transport = transport_to(server, LONG)
        assert [transport.send("GET", "/resource_providers") for _ in range(2)] == [body] * 2


def test_an_answer_that_is_far_too_long_is_not_read(monkeypatch):
    monkeypatch.setattr(bounded, "LONGEST_ANSWER", 2**20)
    pieces = [HEAD + b"Content-Length: 300000000\r\n\r\n"] + [b" " * 2**16] * 4600
    with hostile(only_versions(lambda _: pieces)) as server:
        message = refused(transport_to(server, LONG))
    assert "does not answer as Placement does: more than 1 MiB" in message


BY_TOKEN = f"auth_type = admin_token\nendpoint = {URL}\ntoken = t0ken\n"
BY_PASSWORD = f"""
auth_type = password
auth_url = {KEYSTONE}
username = placement
password = pa55word
project_name = service
user_domain_id = default
project_domain_id = default
"""


@pytest.fixture
def configured(tmp_path):
    """A way to Placement by a section [placement]."""

    def configured(section: str) -> Transport:
        file = tmp_path / "zun.conf"
        file.write_text(f"[placement]\n{section}")
        return Transport(placement.connect(load([ConfigPath(str(file))]).conf))

    return configured


@pytest.fixture
def sound(requests_mock):
    """A Keystone and a Placement that answer."""
    requests_mock.get(URL, **answer("versions"))
    requests_mock.get(f"{URL}/x", json={}, headers=SPOKEN)
    requests_mock.get(KEYSTONE, **answer("keystone_versions"))
    requests_mock.post(f"{KEYSTONE}/auth/tokens", **answer("keystone_token"))
    return requests_mock


@pytest.mark.parametrize(("wish", "most"), [("", 60), ("timeout = 7", 7), ("timeout = 0", 60)])
def test_each_request_has_a_timeout_keystones_too(configured, sound, wish, most):
    configured(BY_PASSWORD + wish).send("GET", "/x")
    timeouts = [request.timeout for request in sound.request_history]
    assert len(timeouts) == 3
    assert all(most - 5 < timeout <= most for timeout in timeouts)


@pytest.mark.parametrize(("wish", "most"), [(None, 60), (7, 7)])
def test_so_have_those_over_a_session_of_somebody_else_which_stays_as_it_is(sound, wish, most):
    theirs = session.Session(token_endpoint.Token(URL, "t0ken"), timeout=wish)
    before = dict(vars(theirs))
    Transport(adapter.Adapter(theirs, service_type="placement")).send("GET", "/x")
    assert most - 5 < sound.last_request.timeout <= most
    assert vars(theirs) == before


# --- between two tries


@pytest.mark.parametrize(
    ("said", "waited"),
    [
        ("3", 3),
        ("0", 0),
        ("1.5", 1.5),
        ("11", 10),
        ("1e20", 10),
        ("9" * 5000, 0.5),
        ("-1", 0.5),
        ("inf", 0.5),
        ("nan", 0.5),
        ("soon", 0.5),
        ("", 0.5),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 0.5),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_how_long_to_wait_is_asked_of_the_server_and_decided_by_us(
    transport, requests_mock, naps, status, said, waited
):
    busy = {"status_code": status, "headers": {"Retry-After": said}}
    requests_mock.get(f"{URL}/x", [busy, {"json": {}}])
    assert transport.send("GET", "/x") == {}
    assert naps == [waited]


def test_a_server_that_always_wants_more_time_is_left(transport, requests_mock, naps):
    requests_mock.get(f"{URL}/x", status_code=429, headers={"Retry-After": "86400"})
    assert "429" in refused(transport, "/x")
    assert naps == [10, 10]


@pytest.mark.parametrize(
    ("attempt", "fixed", "waited"), [(0, None, 0.5), (2, None, 2), (99, None, 10), (0, 99, 10)]
)
def test_our_own_pauses_double_and_end_somewhere(attempt, fixed, waited):
    assert pause_before(attempt, fixed) == waited


# --- a pass


class Clock:
    """Goes on only when somebody waits."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def timed(sound, clock):  # noqa: ARG001  the servers must answer
    """A way to Placement at which nothing takes time but waiting."""
    auth = token_endpoint.Token(URL, "t0ken")
    adapter = placement.of_session(session.Session(auth), None, None)
    return Transport(adapter, Bounds(clock.now, clock.wait))


def test_a_request_has_what_is_left_of_the_pass(timed, clock, sound):
    with timed.bounds.within(300):
        clock.wait(290)
        timed.send("GET", "/x")
        assert sound.last_request.timeout == 10
    timed.send("GET", "/x")
    assert sound.last_request.timeout == 60


def test_a_pass_that_has_had_its_time_asks_nothing_more(timed, clock, sound):
    with timed.bounds.within(300):
        timed.send("GET", "/x")
        clock.wait(300)
        message = refused(timed, "/x")
    assert "GET" in message
    assert "300 seconds" in message
    assert "[pci_placement] pass_timeout" in message
    assert sound.call_count == 1


def test_nor_does_it_find_out_versions(timed, clock, sound):
    with timed.bounds.within(300):
        clock.wait(301)
        assert "pass_timeout" in refused(timed, "/x")
    assert sound.call_count == 0


def test_no_pause_goes_beyond_the_pass(timed, clock, sound):
    sound.get(f"{URL}/x", status_code=503, headers={"Retry-After": "10"})
    with timed.bounds.within(15):
        assert "pass_timeout" in refused(timed, "/x")
    assert clock.at == 1010


def test_a_process_that_is_to_end_asks_nothing_more_in_mid_pass(timed, sound):
    with timed.bounds.within(300):
        timed.send("GET", "/x")
        timed.bounds.stopped = lambda: True
        assert "this process is to end" in refused(timed, "/x")
    assert sound.call_count == 1


def test_a_pass_within_another_does_not_outlast_it(clock):
    bounds = Bounds(clock.now, clock.wait)
    with bounds.within(10), bounds.within(300):
        clock.wait(10)
        assert bounds.is_over
    assert not bounds.is_over


@pytest.mark.parametrize("stingy", STINGY.values(), ids=STINGY)
def test_a_pass_over_a_stingy_server_ends_and_its_lock_is_free(stingy, tmp_path):
    card = {"address": "0000:3b:00.0", "id": "8086:0443"}
    hosts.write_tree(tmp_path / "sys", hosts.snapshot([card]))
    file = tmp_path / "zun.conf"

    def tried(seconds):
        settings = replace(load([ConfigPath(str(file))]), pass_timeout=seconds)
        with pytest.raises(Unreachable, match="pass_timeout") as caught:
            build(settings, sysfs=str(tmp_path / "sys")).sync()
        assert caught.value.exit_code is ExitCode.TRY_AGAIN
        with Roots(settings.state_dir, Spelling("node")).spelled.lock():
            pass

    with hostile(only_versions(stingy)) as server:
        login = f"auth_type = admin_token\nendpoint = {server.url}\ntoken = t0ken"
        own = f"state_dir = {tmp_path}/state\nroot_provider_name = node"
        file.write_text(f"[placement]\n{login}\n[pci_placement]\n{own}\n")
        patiently(server, 1, tried)  # it waited for the end
