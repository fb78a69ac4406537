"""The demo fits a terminal, what it prints can be pasted, and it leaves nothing behind."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.command import SCRIPT
from support.daemons import PATIENCE

from pci_placement.cli.demo.command import ended_by_signals

UP = b"It stays up until you press Ctrl-C."
ENTER = b"press Enter to end."
SCREENS = 2 * 50
"""Lines of two screens."""


@contextmanager
def demo_on_terminal(folder: Path, width: int, *options: str, end: bytes | None = b"\n"):
    """The demo as a person sees it, up to where it waits; what is typed ends it, or SIGTERM."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    environment = {**os.environ, "TMPDIR": str(folder), "NO_COLOR": "1", "PATH": os.defpath}
    with subprocess.Popen(
        [SCRIPT, "demo", *options], stdin=its, stdout=its, stderr=its, env=environment
    ) as demo:
        os.close(its)
        seen = b""
        while not (UP in seen or ENTER in seen):
            seen += os.read(ours, 65536)
        assert (UP in seen) == ("--keep" in options)
        assert list(folder.iterdir())
        try:
            yield seen.decode().replace("\r\n", "\n")
        finally:
            if end:
                os.write(ours, end)
            else:
                demo.terminate()
            demo.wait(PATIENCE)
    os.close(ours)
    assert demo.returncode == (0 if end else 128 + signal.SIGTERM)
    assert list(folder.iterdir()) == []


def without(folder: Path, lines: list[str]) -> list[str]:
    """Those without a path of this test, which is as long as it is."""
    return [line for line in lines if str(folder) not in line]


def commands(told: str) -> list[str]:
    """The lines that begin with a prompt, with those that they go on in."""
    joined = re.sub(r" \\\n +", " ", told)
    return [line.strip()[2:] for line in joined.splitlines() if line.strip().startswith("$ ")]


def widest(folder: Path, told: str) -> int:
    return max(map(len, without(folder, told.splitlines())))


def test_it_is_as_wide_as_the_terminal_takes_two_screens_and_ends_by_enter(tmp_path):
    with demo_on_terminal(tmp_path, 120) as told:
        assert widest(tmp_path, told) == 120
        assert len(told.splitlines()) < SCREENS
        assert "no answer yet" not in told


def test_every_command_that_it_prints_can_be_pasted_and_sigterm_ends_it(tmp_path):
    with demo_on_terminal(tmp_path, 80, "--all", "--keep", end=None) as told:
        found = commands(told)
        first = next(n for n, line in enumerate(found) if line.startswith("cd "))
        assert len(found) > 12
        here, partly = found[first : first + 2], "|| [ $? = 5 ]"
        pasted = "\n".join(["set -e", *here, *(f"{line} {partly}" for line in found)])
        done = subprocess.run(
            ["bash", "-c", pasted], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stderr
        (page,) = re.findall(r"for a browser:\s+(\S+)", told)
        assert Path(page).read_text().startswith("<!DOCTYPE html>")


def test_ctrl_c_ends_it_and_nothing_is_left(tmp_path):
    with subprocess.Popen(
        [SCRIPT, "demo", "--keep"],
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
    ) as demo:
        assert any(UP in line for line in demo.stdout)
        assert list(tmp_path.iterdir())
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_it_takes_two_screens_ends_and_says_what_keeps_it(tmp_path):
    done = subprocess.run(
        [SCRIPT, "demo"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--keep` leaves them" in " ".join(done.stdout.split())
    assert widest(tmp_path, done.stdout) == 80
    assert "no answer yet" not in done.stdout
    assert len(done.stdout.splitlines()) < SCREENS
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_a_closed_terminal_ends_it_as_sigterm_does(number):
    before = signal.getsignal(number)
    with pytest.raises(SystemExit) as ended, ended_by_signals():
        signal.raise_signal(number)
    assert (ended.value.code, signal.getsignal(number)) == (128 + number, before)
