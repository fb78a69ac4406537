from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import pytest
from keystoneauth1 import session, token_endpoint
from support import hosts
from support.cloud import HOST, LISTS, configure
from support.command import Run, by_token
from support.placements import Real

from pci_placement.cli.main import main
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
def nowhere(tmp_path, monkeypatch):
    """No clouds, no configuration and no credentials but those of the test."""
    for variable in [v for v in os.environ if v.startswith("OS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def logs():
    """The loggers as they were: cliff and we set them up for a process, and here is only one."""
    names = (None, "keystoneauth", "openstack", "oslo_config", "stevedore", "urllib3")
    loggers = list(map(logging.getLogger, names))
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture
def sysfs(tmp_path) -> Path:
    return hosts.write_tree(tmp_path / "sys", hosts.snapshot(HOST))


@pytest.fixture
def call(request, capsys):
    """Call the program in this process, which it finds as it was."""
    request.getfixturevalue("nowhere")
    request.getfixturevalue("logs")

    def call(*arguments: object) -> Run:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
        return Run(code, *capsys.readouterr())

    return call


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
    return ["--sysfs", sysfs, "--config-file", tmp_path / "zun.conf"]


@pytest.fixture
def become(sysfs):
    """Let the host have other devices from now on."""

    def become(*lines: dict) -> None:
        shutil.rmtree(sysfs)
        hosts.write_tree(sysfs, hosts.snapshot(list(lines)))

    return become
