"""One process over weeks: tokens end, Placement moves, and the compute node is made anew."""

import contextlib
import socket
import socketserver
import threading
from urllib.parse import urlsplit

import pytest
from support.cloud import PLAIN, configure, name
from support.command import by_token
from support.keystone import REGION, Cloud
from support.placements import ROOT, remove_all

from pci_placement.service.arguments import parse
from pci_placement.service.loop import Wake
from pci_placement.service.metrics.observer import Metrics
from pci_placement.service.pace import Went
from pci_placement.service.report import Report
from pci_placement.service.work import Work

pytestmark = pytest.mark.usefixtures("nowhere", "logs")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud") / "of") as cloud:
        yield cloud


@pytest.fixture
def node(cloud):
    return cloud.bare_node()


@pytest.fixture
def work(sysfs, tmp_path):
    """The passes of a process, with a section [placement]."""

    def work(section: str) -> Work:
        file = configure(tmp_path, placement=section)
        arguments, report = parse(["--sysfs", str(sysfs), "--config-file", str(file)]), Report()
        return Work(arguments, report, Metrics(report, serves=False))

    return work


def test_a_token_that_was_revoked_is_replaced_in_the_same_pass(work, cloud, node):
    one = work(cloud.section("service"))
    assert one.make_pass(Wake.NOW) is Went.WELL
    cloud.revoke(cloud.tokens()[-1:])
    assert one.make_pass(Wake.TIME) is Went.WELL
    cloud.revoke(cloud.tokens()[-1:])
    node.delete(PLAIN)
    assert one.make_pass(Wake.TIME) is Went.WELL
    assert name(PLAIN) in below(node)


def below(node) -> dict[str, str]:
    listed = node.send("GET", "/resource_providers")["resource_providers"]
    return {one["name"]: one["root_provider_uuid"] for one in listed if one["uuid"] != ROOT.uuid}


class _Forward(socketserver.StreamRequestHandler):
    """Passes on what comes, and what is answered."""

    def handle(self) -> None:
        with socket.create_connection(self.server.target) as there:
            back = threading.Thread(target=_pour, args=(there, self.connection), daemon=True)
            back.start()
            _pour(self.connection, there)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


class Forwarder(socketserver.ThreadingTCPServer):
    """An address at which Placement is, until it moves on."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.target = (parts.hostname, parts.port)
        super().__init__(("127.0.0.1", 0), _Forward)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._open: list[socket.socket] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def get_request(self):
        found = super().get_request()
        self._open.append(found[0])
        return found

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _listed(cloud, what: str) -> list[dict]:
    return cloud.identity.get(f"/{what}").json()[what.partition("?")[0]]


@pytest.fixture
def endpoint(cloud):
    """Says in the catalog where Placement is; in the end it is where it was."""

    def move(url: str) -> None:
        for one in ours:
            cloud.identity.patch(f"/endpoints/{one}", json={"endpoint": {"url": url}})

    (placement,) = _listed(cloud, "services?type=placement")
    where = f"service_id={placement['id']}&region_id={REGION}"
    ours = [each["id"] for each in _listed(cloud, f"endpoints?{where}")]
    yield move
    move(cloud.placement.url)


def test_a_placement_that_moves_is_found_again(work, cloud, node, endpoint):
    old = Forwarder(cloud.placement.url)
    endpoint(old.url)
    one = work(cloud.section("service"))
    assert one.make_pass(Wake.NOW) is Went.WELL
    assert one.make_pass(Wake.TIME) is Went.WELL
    endpoint(cloud.placement.url)
    old.close()
    node.delete(PLAIN)
    went = [one.make_pass(Wake.TIME) for _ in range(2)]
    assert went == [Went.TROUBLED, Went.WELL]
    assert name(PLAIN) in below(node)


def test_a_compute_node_that_is_made_anew_is_found_and_offers_all_again(
    work, placement, client, real
):
    one = work(by_token(placement.url))
    assert one.make_pass(Wake.NOW) is Went.WELL
    assert one.make_pass(Wake.TIME) is Went.WELL
    remove_all(client)
    anew = placement.create_compute_node(ROOT.name)
    assert anew != ROOT.uuid
    assert one.make_pass(Wake.TIME) is Went.WELL
    assert below(real)[name(PLAIN)] == anew
    assert one.make_pass(Wake.TIME) is Went.WELL
