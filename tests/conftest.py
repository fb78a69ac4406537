from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from coverage import Coverage
from faults import tally
from hypothesis import HealthCheck, settings
from support.command import Run
from support.examples import ALL
from support.ports import kept_port
from support.schemas import look_once_at_constants

from pci_placement.embedded import EmbeddedPlacement

TESTS = Path(__file__).parent

# What decides over a change says the same twice, however busy the machine is: the same examples
# every time, two in five of those of a search, and no example or health check has a time limit. The
# other profile looks for examples that nobody has tried yet: `make search`.
TIMELESS = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("gate", derandomize=True, max_examples=40, **TIMELESS)
settings.register_profile("search", max_examples=ALL, **TIMELESS)
settings.load_profile("gate")

DECIDING = frozenset(("unit", "scenarios", "hosts", "cases"))
"""The tests that must reach every branch of what decides, by themselves.

Each of them says what it expects: what examples of properties or random steps happen to pass
through is not thereby looked at.
"""


def pytest_configure() -> None:
    """Let programs that tests start hear Ctrl-C, which a shell has its background jobs ignore."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the units last: where several processes share the tests, short ones fill the end."""
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0] == "unit")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Measure what those reach alone: to measure the others too would take as long as they do."""
    measured = Coverage.current()
    if measured is None or item.path.relative_to(TESTS).parts[0] in DECIDING:
        return (yield)
    measured.stop()
    try:
        return (yield)
    finally:
        measured.start()


@pytest.fixture(scope="session")
def placement_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the embedded Placement keeps its database."""
    return tmp_path_factory.mktemp("placement")


@pytest.fixture(scope="session")
def placement_server(placement_folder: Path) -> Iterator[EmbeddedPlacement]:
    """One for the whole run: its import takes a second, and a process can run only one."""
    look_once_at_constants()
    # tests stop and start it: meanwhile nobody else may take its port
    with kept_port() as port, EmbeddedPlacement(placement_folder, port=port) as server:
        yield server


@pytest.fixture
def placement(placement_server: EmbeddedPlacement) -> EmbeddedPlacement:
    """A real Placement that holds nothing yet."""
    placement_server.reset()
    placement_server.requests.clear()
    return placement_server


@pytest.fixture(scope="session")
def placement_process(tmp_path_factory):
    """One in a process of its own, which nova and zun ask as in a cloud."""
    # not before nova and zun have said how threads are made
    from support.emptied import Placement

    with Placement(tmp_path_factory.mktemp("placement")) as placement:
        yield placement


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
def call(request, capsys):
    """Call the program in this process, which it finds as it was."""
    from pci_placement.cli.main import main  # a second, which most tests need not wait for

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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many faults were tried and survived."""
    ended = [report for how in ("passed", "failed") for report in terminalreporter.getreports(how)]
    if lines := list(tally.lines(ended)):
        terminalreporter.section("faults")
        for line in lines:
            terminalreporter.write_line(line)
