"""What the program does when nobody takes what it writes; always the console script itself.

Each test has an environment without PYTHONUNBUFFERED, which would flush in time by chance.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import subprocess
from collections.abc import Iterator

import pytest
from support.command import SCRIPT, script

from pci_placement.cli.demo.hosts import captured_host

FULL = "pci-placement: cannot write the output: No space left on device\n"
CLOSED = "pci-placement: cannot write the output: Bad file descriptor\n"
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}

VERSION = ["--version"]
LONG = ["device", "list", "--all", "-f", "json"]  # more than Python buffers
COMMANDS = VERSION, [], ["plan", "--help"], ["help", "device", "show"], ["device", "list"], LONG


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The global options for a host with devices, and lists that take some of them."""
    folder = tmp_path_factory.mktemp("host")
    captured = captured_host(folder)
    (folder / "zun.conf").write_text(captured.config)
    return ["--sysfs", str(folder / captured.sysfs), "--config-file", str(folder / "zun.conf")]


@pytest.fixture
def start(host, tmp_path):
    """Start the script with streams of one's own."""

    def start(command, out, err=subprocess.PIPE, before=(), **more: str) -> subprocess.Popen:
        options = host if {"device", "config"} & set(command) else []
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **more}
        line = [*before, SCRIPT, *options, *command]
        return subprocess.Popen(line, stdout=out, stderr=err, env=environment, text=True)

    return start


@pytest.fixture
def ended(start):
    """Run it to its end: the exit code, and what stderr got."""

    def ended(*arguments, **more) -> tuple[int, str]:
        with start(*arguments, **more) as process:
            _, err = process.communicate()
        return process.returncode, err

    return ended


@contextlib.contextmanager
def gone() -> Iterator[int]:
    """Where nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


@contextlib.contextmanager
def full() -> Iterator[int]:
    """Where nothing can be written."""
    writer = os.open("/dev/full", os.O_WRONLY)
    try:
        yield writer
    finally:
        os.close(writer)


def without(redirection: str) -> list[str]:
    """A shell that closes a stream, and becomes the command."""
    return ["sh", "-c", f'exec "$0" "$@" {redirection}']


def words(command: list[str]) -> str:
    return " ".join(command) or "no arguments"


# --- stdout


@pytest.mark.parametrize("command", COMMANDS, ids=words)
def test_a_reader_that_has_seen_enough_is_no_error_worth_a_line(ended, command):
    with gone() as out:
        assert ended(command, out) == (1, "")


@pytest.mark.parametrize("command", COMMANDS, ids=words)
def test_a_full_disk_is_told_in_one_line(ended, command):
    with full() as out:
        assert ended(command, out) == (1, FULL)


@pytest.mark.parametrize("command", [VERSION, LONG], ids=words)
def test_what_is_written_at_once_fails_in_the_same_way(ended, command):
    with full() as out:
        assert ended(command, out, **UNBUFFERED) == (1, FULL)


@pytest.mark.parametrize("command", [VERSION, LONG], ids=words)
def test_a_closed_stdout_is_told_in_one_line(ended, command):
    assert ended(command, None, before=without(">&-")) == (1, CLOSED)


def test_who_writes_nothing_needs_no_stdout(start, host, tmp_path):
    (tmp_path / "nothing.conf").write_text("")
    options = [*host[:2], "--config-file", str(tmp_path / "nothing.conf")]
    command = [*options, "provider", "list", "--desired", "-f", "value"]
    with start(command, None, before=without(">&-")) as process:
        _, err = process.communicate()
    assert process.returncode == 0, err


def test_a_reader_may_go_in_the_middle(start):
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)  # far less than is written
    with start(LONG, writer) as process:
        os.close(writer)
        assert os.read(reader, 1) == b"["
        os.close(reader)
        _, err = process.communicate()
    assert (process.returncode, err) == (1, "")


@pytest.mark.usefixtures("real")
def test_a_sync_is_done_though_nobody_could_be_told(ended, arguments):
    line = [*map(str, arguments), "sync"]
    with full() as out:
        code, err = ended(line, out)
    assert (code, err.splitlines()[-1] + "\n") == (1, FULL)
    done = script(*line, "-f", "json")
    assert (done.code, done.json) == (0, [])


# --- stderr: nobody listens, and the exit code still tells


ERRORS = ["nosuch"], ["plan", "--nosuch"], ["--config-file", "nosuch", "plan"]


@pytest.mark.parametrize("command", ERRORS, ids=words)
def test_an_error_that_nobody_hears_has_its_exit_code(ended, command):
    with gone() as err:
        assert ended(command, subprocess.DEVNULL, err) == (2, None)


@pytest.mark.parametrize("command", ERRORS, ids=words)
def test_so_it_has_with_a_closed_stderr(ended, command):
    assert ended(command, subprocess.DEVNULL, before=without("2>&-")) == (2, "")


def test_a_table_is_whole_though_nobody_hears_its_warnings(start, host):
    heard = script(*host, "-v", *LONG)
    with full() as err, start(["-v", *LONG], subprocess.PIPE, err) as process:
        out, _ = process.communicate()
    assert (process.returncode, out) == (0, heard.out)
    assert len(out) > io.DEFAULT_BUFFER_SIZE


def test_nothing_to_write_to_at_all(ended):
    assert ended(LONG, None, None, before=without(">&- 2>&-")) == (1, None)
    with gone() as pipe:
        assert ended(LONG, pipe, pipe) == (1, None)


# --- as a part of openstackclient, whose main is not ours


@pytest.fixture
def openstack(host, tmp_path, placement):
    """Let openstackclient list the devices: the exit code, and what stderr got."""
    options = [option.replace("--", "--pci-") for option in host]

    def openstack(out, before=(), more=()) -> tuple[int, str]:
        line = [*before, SCRIPT.with_name("openstack"), *options, "pci", "device", "list", *more]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        done = subprocess.run(
            line,
            env={**environment, **placement.environment()},
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    return openstack


def test_so_does_openstackclient(openstack):
    with gone() as out:
        assert openstack(out) == (1, "")
    with full() as out:
        assert openstack(out) == (1, FULL)
        assert openstack(out, more=["--all", "-f", "json"]) == (1, FULL)
    assert openstack(None, without(">&-")) == (1, CLOSED)
