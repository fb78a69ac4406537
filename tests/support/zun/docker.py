"""A Docker daemon that runs nothing, behind zun's own client; its answers have Docker's form.

What zun asks goes through docker-py's own create_host_config, which checks it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from types import SimpleNamespace
from unittest import mock

import docker
import requests
from docker.errors import APIError
from zun.container.docker import utils as docker_utils

from pci_placement.zun.compute import PciDockerDriver

from .node import Host

INFO = {
    "Name": "node", "Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "extfs"]],
    "Containers": 0, "ContainersPaused": 0, "ContainersRunning": 0, "ContainersStopped": 0,
    "NCPU": 8, "Architecture": "x86_64", "OSType": "linux", "OperatingSystem": "Debian",
    "KernelVersion": "6.1.0", "Labels": [], "Runtimes": {"runc": {}, "nvidia": {}},
    "DockerRootDir": "/var/lib/docker",
}  # fmt: skip
IMAGE = {"Config": {"Entrypoint": None, "Cmd": ["sh"]}}
LONG_AGO = "0001-01-01T00:00:00Z"


class Daemon(docker.APIClient):
    """The daemon, as its client sees it; `fails` is what it answers to the next creations."""

    def __init__(self) -> None:
        super().__init__("tcp://127.0.0.1:1", version="1.44")
        self.containers_by_id: dict[str, dict] = {}
        self.made = 0
        self.fails = ""

    @property
    def has(self) -> list[dict]:
        """All containers, as Docker describes them."""
        return list(self.containers_by_id.values())

    def info(self) -> dict:
        return INFO

    def inspect_image(self, _image) -> dict:
        return IMAGE

    def create_container(self, image, **asked) -> dict:
        if self.fails:
            raise _error(500, self.fails)
        self.made += 1
        made = f"id{self.made}"
        environment = [f"{name}={value}" for name, value in (asked["environment"] or {}).items()]
        self.containers_by_id[made] = {
            "Id": made,
            "Names": [f"/{asked['name']}"],
            "State": {"Status": "created", "StartedAt": LONG_AGO, "FinishedAt": LONG_AGO},
            "Config": {"Image": image, "Env": environment, "Hostname": "box"},
            # as it comes out of JSON
            "HostConfig": json.loads(json.dumps(asked["host_config"])),
        }
        return {"Id": made}

    def inspect_container(self, made) -> dict:
        if made not in self.containers_by_id:
            raise _error(404, "no such container")
        return self.containers_by_id[made]

    def remove_container(self, made, **_) -> None:
        del self.containers_by_id[self.inspect_container(made)["Id"]]

    def list_containers(self) -> list[dict]:
        return self.has

    def start(self, made, **_) -> None:
        state = {"Status": "running", "Running": True, "StartedAt": "2026-01-01T00:00:00Z"}
        self.inspect_container(made)["State"] = state

    restart = start

    def stop(self, made, **_) -> None:
        self.inspect_container(made)["State"] = {
            "Status": "exited", "StartedAt": "2026-01-01T00:00:00Z",
            "FinishedAt": "2026-01-01T00:00:01Z", "ExitCode": 0,
        }  # fmt: skip


def _error(status: int, text: str) -> APIError:
    response = requests.Response()
    response.status_code, response.reason = status, text
    return APIError(text, response, text)


class Network:
    """A network driver that needs no Neutron."""

    neutron_api = SimpleNamespace()

    def get_or_create_network(self, *_args) -> None:
        """Nothing to make."""

    def process_networking_config(
        self, container, network, host_config, _arguments, _docker, **_
    ) -> None:
        container.addresses = {network["network"]: [{"port": "a-port"}]}
        host_config["network_mode"] = network["network"]

    def disconnect_container_from_network(self, *_args) -> None:
        """Nothing to take away."""

    on_container_started = on_container_stopped = disconnect_container_from_network


class PciDocker(Host, PciDockerDriver):
    """Our driver, on a machine that is written down."""

    @property
    def created(self) -> list[str]:
        """The containers that the daemon has."""
        with docker_utils.docker_client() as found:
            return [one["Names"][0].removeprefix("/zun-") for one in found.list_containers()]

    def pull_image(self, _context, repo, tag, *_args, **_kwargs):
        return {"image": repo, "driver": "docker", "repo": repo, "tag": tag, "path": None}, True


@contextlib.contextmanager
def daemon() -> Iterator[Daemon]:
    """Be the daemon that zun's client finds."""
    found = Daemon()
    with (
        mock.patch("zun.container.docker.utils.DockerHTTPClient", return_value=found),
        mock.patch("zun.network.network.driver", side_effect=lambda **_: Network()),
    ):
        yield found
