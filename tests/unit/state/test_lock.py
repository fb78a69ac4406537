"""The lock keeps a second pass out, and harms nobody."""

import functools
import os
import subprocess
import sys

import pytest
from support.states import full_disk

from pci_placement.errors import Locked, PciPlacementError
from pci_placement.state.folder import Folder
from pci_placement.state.lock import alone

NAME = "node.lock"
HOLD = f"""
import sys
from pci_placement.state.folder import Folder
from pci_placement.state.lock import alone
with alone(Folder(sys.argv[1]), "{NAME}"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path):
    return functools.partial(alone, Folder(tmp_path), NAME)


@pytest.fixture
def holder(tmp_path):
    """Another process, which holds the lock until it is told to end."""
    command = [sys.executable, "-c", HOLD, tmp_path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_who_comes_second_does_not_wait_and_hears_which_process_holds_the_lock(lock, holder):
    with pytest.raises(Locked) as caught, lock():
        pass
    assert str(caught.value) == f"another pass is running (process {holder.pid}); try again"
    assert holder.poll() is None


def test_a_pass_over_another_root_does_not_wait(tmp_path, holder):
    with alone(Folder(tmp_path), "other.lock"):
        assert holder.poll() is None


def test_the_lock_is_free_when_its_holder_is_killed(lock, holder):
    holder.kill()
    holder.wait()
    with lock():
        pass


def test_the_lock_is_free_after_use_also_where_that_failed(lock):
    with pytest.raises(ZeroDivisionError), lock():
        _ = 1 / 0
    with lock():
        pass


def test_a_second_pass_of_this_process_is_kept_out_as_well(lock):
    with lock(), pytest.raises(Locked, match=f"process {os.getpid()}"), lock():
        pass


def test_a_number_that_is_shorter_than_the_last_is_written_whole(lock, tmp_path):
    path = tmp_path / NAME
    path.write_text("9" * 40)
    with lock():
        assert path.read_text() == str(os.getpid())


@pytest.mark.parametrize("content", [b"", b"\xff", b"\x1b[2J", b"1 2", b"-1"], ids=repr)
def test_a_holder_that_has_not_said_who_it_is_has_no_number(lock, tmp_path, content):
    with lock():
        (tmp_path / NAME).write_bytes(content)
        with pytest.raises(Locked, match=r"process of unknown number\)"), lock():
            pass


def test_on_a_full_disk_a_pass_is_alone_too(lock):
    with full_disk(room=0), lock(), pytest.raises(Locked), lock():
        pass


def test_a_link_in_its_place_does_not_overwrite_what_it_leads_to(lock, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("of somebody else")
    (tmp_path / NAME).symlink_to(victim)
    with pytest.raises(PciPlacementError, match=f"{NAME}: it is a symbolic link and not"), lock():
        pass
    assert victim.read_text() == "of somebody else"


def test_the_lock_is_for_its_owner_alone(lock, tmp_path):
    with lock():
        assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
