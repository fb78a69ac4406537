from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from keystoneauth1 import session, token_endpoint
from support import hosts
from support.agents import AGENT, Service
from support.cloud import FILE, HOST, LISTS, configure
from support.command import Run, by_token
from support.daemons import PATIENCE
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


@pytest.fixture
def sysfs(tmp_path) -> Path:
    return hosts.write_tree(tmp_path / "sys", hosts.snapshot(HOST))


@pytest.fixture
def run(call, sysfs, tmp_path, placement):
    """Call the program on this host, with a configuration that has everything."""

    def run(line: str, *more: object, lists=LISTS, sysfs=sysfs, section=None, **own) -> Run:
        section = by_token(placement.url) if section is None else section
        file = configure(tmp_path, lists, section, **own)
        return call("--sysfs", sysfs, "--config-file", file, *line.split(), *more)

    return run


@pytest.fixture
def rows(run):
    """Run a command that must work, and give its rows."""

    def rows(line: str, **kwargs):
        done = run(f"{line} -f json", **kwargs)
        assert done.code == 0, done.err
        return done.json

    return rows


@pytest.fixture
def arguments(run, sysfs, tmp_path) -> list[object]:
    """The global options of `run`, for a process of its own."""
    assert run("config validate").code == 0
    return ["--sysfs", sysfs, "--config-file", tmp_path / FILE]


@pytest.fixture
def become(sysfs):
    """Let the host have other devices from now on."""

    def become(*lines: dict) -> None:
        shutil.rmtree(sysfs)
        hosts.write_tree(sysfs, hosts.snapshot(list(lines)))

    return become


@pytest.fixture
def forbid(placement_folder):
    """Let Placement demand a role for POST /reshaper; by its own default since 2026.2, service."""
    policy = placement_folder / "policy.yaml"  # which is read again at every request

    def forbid(role: str = "service") -> None:
        policy.write_text(f'"placement:reshaper:reshape": "role:{role}"\n')

    yield forbid
    forbid("admin")


@pytest.fixture
def service(sysfs, tmp_path, placement):
    """Starts the service on this host."""
    started: list[Service] = []

    def service(*more: object, lists=LISTS, section=None, environment=None, **own) -> Service:
        section = by_token(placement.url) if section is None else section
        file = configure(tmp_path, lists, section, **{"sync_interval": "1", **own})
        options = ["--sysfs", sysfs, "--config-file", file, *more]
        started.append(Service(*options, **environment or {}))
        return started[-1]

    yield service
    for one in started:
        one.process.kill()
        one.process.communicate()


@pytest.fixture
def once(sysfs, tmp_path, placement):
    def once(*more: object, lists=LISTS, section=None, **own) -> Run:
        file = configure(tmp_path, lists, section or by_token(placement.url), **own)
        done = subprocess.run(
            [AGENT, "--once", "--sysfs", sysfs, "--config-file", file, *more],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    return once
