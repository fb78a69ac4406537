"""One pass at a time: whoever comes second says who is ahead, and changes nothing."""

import os
import subprocess
import sys

import pytest
from support.cloud import PLAIN
from support.command import script

from pci_placement.state.roots import Roots, Spelling

WRITING = ["sync", "retire", f"device drain {PLAIN}", f"device undrain {PLAIN}"]
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
    assert done.error.endswith(f"another pass is running (process {os.getpid()}); try again")
    assert placement.requests == []


@pytest.mark.usefixtures("real")
def test_a_process_of_its_own_may_go_on_once_the_first_is_done(arguments, locked):
    with locked():
        done = script(*arguments, "sync")
        assert (done.code, f"(process {os.getpid()})" in done.error) == (75, True)
    assert script(*arguments, "sync").code == 0


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
