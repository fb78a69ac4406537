from __future__ import annotations

import http.client
import io
import json
import logging
import os
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from support.daemons import PATIENCE
from support.ports import kept_port

from pci_placement.embedded import EmbeddedPlacement, EmbeddedPlacementError, ServedRequest
from pci_placement.errors import PciPlacementError

NODE = "2d3f9a64-6a3c-4f2f-8f1e-3c0f9f6c1f00"
CHILD = "7c0b7a0e-93a5-4d0d-9d0b-0f7e8d8d5a01"
CONSUMER = "b1f6a2d4-1b1f-4e57-8a43-0a8d4f4c9c02"


def ask(
    server: EmbeddedPlacement, method: str, path: str, body: object = None
) -> requests.Response:
    headers = {"X-Auth-Token": "admin", "OpenStack-API-Version": "placement 1.39"}
    return requests.request(method, server.url + path, json=body, headers=headers, timeout=PATIENCE)


def put_inventory(server: EmbeddedPlacement, generation: int) -> requests.Response:
    body = {
        "resource_provider_generation": generation,
        "inventories": {"PCI_DEVICE": {"total": 4}},
    }
    return ask(server, "PUT", f"/resource_providers/{CHILD}/inventories", body)


def create_child(server: EmbeddedPlacement) -> None:
    server.create_compute_node("compute1", NODE)
    body = {"name": "compute1_0000:81:00.0", "uuid": CHILD, "parent_provider_uuid": NODE}
    assert ask(server, "POST", "/resource_providers", body).status_code == 200


def names_of(response: requests.Response) -> set[str]:
    assert response.status_code == 200
    return {provider["name"] for provider in response.json()["resource_providers"]}


@pytest.fixture
def alone(placement: EmbeddedPlacement) -> Iterator[EmbeddedPlacement]:
    """The session's server, stopped, so that a test can start one."""
    placement.stop()
    yield placement
    placement.stop()
    placement.start()


@pytest.fixture
def root_log() -> Iterator[io.StringIO]:
    """What reaches the root logger; caplog would listen to loggers that do not propagate, too."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_it_offers_every_microversion_up_to_1_39(placement: EmbeddedPlacement) -> None:
    (version,) = requests.get(placement.url, timeout=PATIENCE).json()["versions"]
    assert (version["min_version"], version["max_version"]) == ("1.0", "1.39")
    response = ask(placement, "GET", "/resource_providers")
    assert response.headers["OpenStack-API-Version"] == "placement 1.39"


def test_the_admin_token_is_needed(placement: EmbeddedPlacement) -> None:
    assert requests.get(placement.url + "/traits", timeout=PATIENCE).status_code == 401


def test_a_compute_node_is_a_root_provider_with_three_inventories(
    placement: EmbeddedPlacement,
) -> None:
    uuid = placement.create_compute_node("compute1")
    (provider,) = ask(placement, "GET", f"/resource_providers?in_tree={uuid}").json()[
        "resource_providers"
    ]
    assert (provider["name"], provider["uuid"]) == ("compute1", uuid)
    assert (provider["root_provider_uuid"], provider["parent_provider_uuid"]) == (uuid, None)
    answer = ask(placement, "GET", f"/resource_providers/{uuid}/inventories").json()
    assert answer["resource_provider_generation"] == provider["generation"] == 1
    assert set(answer["inventories"]) == {"VCPU", "MEMORY_MB", "DISK_GB"}
    assert answer["inventories"]["MEMORY_MB"] == {
        "total": 131072,
        "reserved": 512,
        "min_unit": 1,
        "max_unit": 131072,
        "step_size": 1,
        "allocation_ratio": 1.5,
    }


def test_a_compute_node_can_be_given_its_uuid_but_not_a_taken_name(
    placement: EmbeddedPlacement,
) -> None:
    assert placement.create_compute_node("compute1", NODE) == NODE
    with pytest.raises(EmbeddedPlacementError, match=r"POST /resource_providers answered 409.*com"):
        placement.create_compute_node("compute1")


def test_children_are_listed_in_the_tree(placement: EmbeddedPlacement) -> None:
    create_child(placement)
    placement.create_compute_node("compute2")
    listed = ask(placement, "GET", f"/resource_providers?in_tree={NODE}")
    assert names_of(listed) == {"compute1", "compute1_0000:81:00.0"}


def test_reset_leaves_what_a_new_server_has(placement: EmbeddedPlacement) -> None:
    def everything() -> list[Any]:
        paths = "/resource_providers", "/traits", "/resource_classes", "/usages?project_id=demo"
        answers = [ask(placement, "GET", path).json() for path in paths]
        return [*answers, ask(placement, "GET", f"/allocations/{CONSUMER}").json()]

    fresh = everything()
    create_child(placement)
    assert put_inventory(placement, 0).status_code == 200
    assert ask(placement, "PUT", "/traits/CUSTOM_FAST").status_code == 201
    assert ask(placement, "PUT", "/resource_classes/CUSTOM_QAT").status_code == 201
    traits = {"resource_provider_generation": 1, "traits": ["CUSTOM_FAST"]}
    assert ask(placement, "PUT", f"/resource_providers/{CHILD}/traits", traits).status_code == 200
    claim = {
        "allocations": {CHILD: {"resources": {"PCI_DEVICE": 1}}},
        "consumer_generation": None,
        "consumer_type": "CONTAINER",
        "project_id": "demo",
        "user_id": "demo",
    }
    assert ask(placement, "PUT", f"/allocations/{CONSUMER}", claim).status_code == 204
    assert all(before != after for before, after in zip(fresh, everything(), strict=True))

    placement.reset()

    assert everything() == fresh
    assert "COMPUTE_NODE" in fresh[1]["traits"]


def test_every_request_is_logged_in_order(placement: EmbeddedPlacement) -> None:
    assert placement.requests == []
    ask(placement, "GET", "/resource_providers?in_tree=" + NODE)
    ask(placement, "PUT", "/traits/CUSTOM_FAST")
    ask(placement, "DELETE", "/traits/CUSTOM_SLOW")
    assert placement.requests == [
        ServedRequest("GET", "/resource_providers?in_tree=" + NODE, 200),
        ServedRequest("PUT", "/traits/CUSTOM_FAST", 201),
        ServedRequest("DELETE", "/traits/CUSTOM_SLOW", 404),
    ]


def test_an_identical_inventories_put_moves_the_generation_on(placement: EmbeddedPlacement) -> None:
    create_child(placement)
    assert put_inventory(placement, 0).json()["resource_provider_generation"] == 1
    assert put_inventory(placement, 1).json()["resource_provider_generation"] == 2
    refused = put_inventory(placement, 1)
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["code"] == "placement.concurrent_update"


def test_the_openstack_command_works_with_its_environment(
    placement: EmbeddedPlacement, tmp_path: Path
) -> None:
    placement.create_compute_node("compute1", NODE)
    command = Path(sys.executable).with_name("openstack")
    done = subprocess.run(
        [command, "resource", "provider", "list", "-f", "json"],
        # none of the caller's OS_* and no clouds.yaml
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **placement.environment()},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [(row["name"], row["uuid"]) for row in json.loads(done.stdout)] == [("compute1", NODE)]


def test_one_connection_serves_many_requests(placement: EmbeddedPlacement) -> None:
    headers = {"X-Auth-Token": "admin", "OpenStack-API-Version": "placement 1.39"}
    with closing(http.client.HTTPConnection(placement.url.removeprefix("http://"))) as connection:
        connection.connect()
        first = connection.sock
        for status in (201, 204, 204):
            connection.request("PUT", "/traits/CUSTOM_FAST", headers=headers)
            response = connection.getresponse()
            assert response.read() == b""
            assert response.status == status
            assert (response.getheader("Content-Length") is None) == (status == 204)
            assert connection.sock is first
        connection.request("GET", "/traits", headers={**headers, "Connection": "close"})
        assert connection.getresponse().getheader("Connection") == "close"


def test_writers_that_overlap_take_turns(placement: EmbeddedPlacement) -> None:
    def write(number: int) -> set[int]:
        uuid = placement.create_compute_node(f"compute{number}")
        path = f"/resource_providers/{uuid}/inventories"
        inventories = {"PCI_DEVICE": {"total": 4}}
        return {
            ask(
                placement,
                "PUT",
                path,
                {"resource_provider_generation": generation, "inventories": inventories},
            ).status_code
            for generation in range(1, 6)
        }

    with ThreadPoolExecutor(8) as threads:
        assert set.union(*threads.map(write, range(32))) == {200}


def test_only_this_host_is_served(placement: EmbeddedPlacement) -> None:
    port = int(placement.url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)


def test_a_method_that_placement_does_not_know_is_refused(placement: EmbeddedPlacement) -> None:
    assert ask(placement, "PATCH", "/traits").status_code == 405


def test_stopping_and_starting_is_a_restart(alone: EmbeddedPlacement) -> None:
    from placement import db_api  # here, for only the fixture imports it without its warnings

    url = alone.url
    before = set(threading.enumerate())
    alone.start()
    alone.create_compute_node("compute1", NODE)
    with requests.Session() as idle:
        assert idle.get(url, timeout=PATIENCE).status_code == 200
        alone.stop()
        assert set(threading.enumerate()) <= before
        with pytest.raises(requests.ConnectionError):
            idle.get(url, timeout=PATIENCE)
        with pytest.raises(EmbeddedPlacementError, match="not running"):
            alone.reset()
        alone.start()
        assert idle.get(url, timeout=PATIENCE).status_code == 200
    assert alone.url == url
    assert names_of(ask(alone, "GET", "/resource_providers")) == {"compute1"}
    alone.stop()
    alone.stop()
    assert set(threading.enumerate()) <= before
    assert not db_api.placement_context_manager.is_started


def test_a_second_one_in_the_process_is_refused_while_the_first_runs(
    alone: EmbeddedPlacement, tmp_path: Path
) -> None:
    second = EmbeddedPlacement(tmp_path)
    alone.start()
    alone.create_compute_node("compute1")
    with pytest.raises(EmbeddedPlacementError, match="is running in this process already"):
        second.start()
    with pytest.raises(EmbeddedPlacementError, match="has not been started"):
        _ = second.url
    assert names_of(ask(alone, "GET", "/resource_providers")) == {"compute1"}
    alone.stop()
    with second:
        assert names_of(ask(second, "GET", "/resource_providers")) == set()
        assert "COMPUTE_NODE" in ask(second, "GET", "/traits").json()["traits"]
    alone.start()
    assert names_of(ask(alone, "GET", "/resource_providers")) == {"compute1"}


@pytest.mark.usefixtures("alone")
def test_a_port_can_be_chosen_and_a_taken_one_is_named(tmp_path: Path) -> None:
    with kept_port() as port:
        chosen = EmbeddedPlacement(tmp_path, port=port)
        with socket.create_server(("127.0.0.1", port)), pytest.raises(EmbeddedPlacementError) as no:
            chosen.start()
        assert str(no.value) == (
            f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another port"
        )
        with chosen:
            assert chosen.url == f"http://127.0.0.1:{port}"
            assert requests.get(chosen.url, timeout=PATIENCE).status_code == 200


def test_without_openstack_placement_it_says_what_to_install(
    alone: EmbeddedPlacement, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as absent:
        absent.setitem(sys.modules, "placement", None)
        with pytest.raises(PciPlacementError) as caught:
            alone.start()
    assert str(caught.value) == (
        "the demo needs openstack-placement: pip install 'pci-placement[demo]'"
    )
    alone.start()


def test_the_defaults_of_2026_forbid_the_reshaper_to_an_admin(
    alone: EmbeddedPlacement, tmp_path: Path
) -> None:
    def reshape(server: EmbeddedPlacement) -> int:
        uuid = server.create_compute_node("compute1")
        inventories = {
            uuid: {"resource_provider_generation": 1, "inventories": {"VCPU": {"total": 4}}}
        }
        body = {"inventories": inventories, "allocations": {}}
        return ask(server, "POST", "/reshaper", body).status_code

    with EmbeddedPlacement(tmp_path, enforce_new_defaults=True) as strict:
        assert reshape(strict) == 403
    alone.start()
    assert reshape(alone) == 204


def test_the_configuration_of_this_host_is_not_read(
    alone: EmbeddedPlacement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidding = '"placement:resource_providers:list": "!"\n'
    (tmp_path / "policy.d").mkdir()
    for name in ("policy.yaml", "policy.d/10.yaml"):
        (tmp_path / name).write_text(forbidding)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OS_CORS__ALLOWED_ORIGIN", "http://horizon")
    alone.start()
    assert ask(alone, "GET", "/resource_providers").status_code == 200
    response = requests.get(alone.url, headers={"Origin": "http://horizon"}, timeout=PATIENCE)
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.usefixtures("alone")
def test_an_internal_error_is_logged_in_the_directory_only(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], root_log: io.StringIO
) -> None:
    propagated = logging.getLogger("placement").propagate
    with EmbeddedPlacement(tmp_path) as broken:
        with closing(sqlite3.connect(tmp_path / "placement.sqlite")) as database:
            database.execute("DROP TABLE resource_providers")
        assert ask(broken, "GET", "/resource_providers").status_code == 500
    assert "no such table" in (tmp_path / "placement.log").read_text()
    assert "no such table" not in root_log.getvalue()
    assert tuple(capfd.readouterr()) == ("", "")
    assert logging.getLogger("placement").propagate == propagated


def test_a_client_that_hangs_up_or_errs_is_not_worth_a_line(
    alone: EmbeddedPlacement, capfd: pytest.CaptureFixture[str]
) -> None:
    before = set(threading.enumerate())
    alone.start()
    (listening,) = set(threading.enumerate()) - before
    assert requests.head(alone.url, timeout=PATIENCE).status_code == 501
    with socket.create_connection(("127.0.0.1", int(alone.url.rpartition(":")[2]))) as client:
        client.sendall(
            b"PUT /traits/CUSTOM_FAST HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        # the next close sends RST instead of FIN
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # or stopping may end that connection before it has heard of the RST
    for connection in set(threading.enumerate()) - before - {listening}:
        connection.join()
    alone.stop()
    assert tuple(capfd.readouterr()) == ("", "")
    assert alone.requests == []


def test_a_fault_of_the_server_itself_is_shown(
    alone: EmbeddedPlacement, capfd: pytest.CaptureFixture[str]
) -> None:
    alone.start()
    with pytest.raises(requests.ConnectionError):
        requests.get(alone.url, headers={"Content-Length": "nine"}, timeout=PATIENCE)
    alone.stop()
    assert "ValueError: invalid literal for int()" in capfd.readouterr().err


def test_importing_the_module_does_not_import_placement() -> None:
    done = run_python("-c", "import sys, pci_placement.embedded; print(*sys.modules, sep='\\n')")
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()}
    assert "pci_placement" in loaded
    assert not loaded & {"placement", "oslo_config", "sqlalchemy", "webob"}


def test_it_prints_nothing_even_where_warnings_are_errors(tmp_path: Path) -> None:
    script = """
import pathlib, sys, urllib.request
from pci_placement.embedded import EmbeddedPlacement
with EmbeddedPlacement(pathlib.Path(sys.argv[1])) as server:
    server.create_compute_node("compute1")
    with urllib.request.urlopen(server.url) as response:
        response.read()
    server.reset()
"""
    done = run_python("-X", "dev", "-W", "error", "-c", script, str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_process_that_forgets_to_stop_it_still_ends(tmp_path: Path) -> None:
    script = """
import http.client, pathlib, sys
from pci_placement.embedded import EmbeddedPlacement
server = EmbeddedPlacement(pathlib.Path(sys.argv[1]))
server.start()
connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
connection.request("GET", "/")
print(connection.getresponse().status)
"""
    done = run_python("-c", script, str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "200\n", "")
