"""One pass at a time: whoever comes second says who is ahead, and changes nothing."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from support.cloud import PLAIN
from support.command import script

from pci_placement.state.roots import Roots, Spelling

WRITING = ["sync", "retire --yes", f"device drain {PLAIN}", f"device undrain {PLAIN}"]
LOOKING = ["plan", "sync --dry-run", "retire --dry-run", "provider list", "device list"]


@pytest.fixture
def locked(tmp_path):
    """What a first pass of this process holds while it runs."""
    return Roots(tmp_path / "state", Spelling("node")).spelled.lock


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("line", WRITING)
def test_who_comes_second_is_sent_away_and_told_who_is_ahead(run, placement, locked, line):
    placement.requests.clear()
    with locked():
        done = run(line)
    assert done.code == 75
    assert f"another pass is running (process {os.getpid()}); try again" in done.error
    assert placement.requests == []


@pytest.mark.usefixtures("real")
def test_a_process_of_its_own_may_go_on_once_the_first_is_done(arguments, locked):
    with locked():
        done = script(*arguments, "sync")
        assert (done.code, f"(process {os.getpid()})" in done.error) == (75, True)
    assert script(*arguments, "sync").code == 0


def socket_at(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


IN_ITS_PLACE = {
    "a symbolic link": lambda path: path.symlink_to("elsewhere"),
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a socket": socket_at,
    "a device": lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3)),
}


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("kind", IN_ITS_PLACE)
def test_nobody_goes_on_without_a_lock_where_something_else_stands_in_its_place(
    run, placement, locked, tmp_path, kind
):
    with locked():
        (path,) = (tmp_path / "state").glob("*.lock")
    path.unlink()
    try:
        IN_ITS_PLACE[kind](path)
    except PermissionError:
        pytest.skip("only root makes devices")
    for line in WRITING:
        placement.requests.clear()
        done = run(line)
        assert done.code == 1
        assert f"cannot lock {path}: it is {kind} and not a regular file" in done.error
        assert "remove it" in done.error
        assert placement.requests == []


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("line", LOOKING)
def test_who_only_looks_need_not_wait(run, locked, line):
    with locked():
        assert run(line).code == 0


@pytest.mark.usefixtures("real")
def test_who_was_killed_keeps_nobody_out(run, tmp_path):
    holding = (
        "import sys\n"
        "from pci_placement.state.roots import Roots, Spelling\n"
        "with Roots(sys.argv[1], Spelling('node')).spelled.lock():\n"
        "    print(flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", holding, str(tmp_path / "state")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as holder:
        holder.stdout.readline()
        done = run("sync")
        assert (done.code, f"(process {holder.pid})" in done.error) == (75, True)
        holder.kill()
    assert run("sync").code == 0
