"""Servers that a test starts for itself: each in a folder of its own, gone when it is done."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from glob import glob
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 600.0
"""Seconds after which what hangs is given up; far more than anything takes on a busy machine."""


class DaemonError(Exception):
    """A server cannot be found, or does not start."""


class NotInstalledError(DaemonError):
    """The server's programs are not on this machine."""


def program(name: str, *folders: str) -> str:
    """Where a program is: on the path, or in a folder that Debian keeps off it."""
    elsewhere = (found for folder in folders for found in sorted(glob(f"{folder}/{name}")))
    found = next(elsewhere, None) or shutil.which(name)
    if not found:
        raise NotInstalledError(f"{name} is not installed: run tools/install_system.sh")
    return found


def unprivileged(*names: str) -> dict[str, object]:
    """What to tell subprocess, so that a server that refuses to run as root runs as another."""
    if os.geteuid():
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in (*names, "nobody") if name in known)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def private_folder(who: dict[str, object]) -> Iterator[Path]:
    """A folder that belongs to whoever the server runs as; pytest's own are closed to others."""
    # short, because a socket's path may have 107 characters
    folder = Path(tempfile.mkdtemp(prefix="race-", dir="/tmp"))
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def made(command: list[str], who: dict[str, object]) -> None:
    """Run what makes a server's files. Raises DaemonError with all that it said."""
    done = subprocess.run(
        command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, **who
    )
    if done.returncode:
        raise DaemonError(f"{command[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")


@contextlib.contextmanager
def running(
    command: list[str], log: Path, is_ready: Callable[[], bool], **options: object
) -> Iterator[subprocess.Popen]:
    """A server that answers; it is stopped in the end, whatever happens."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, **options
        )
    try:
        _await(process, command[0], log, is_ready)
        yield process
    finally:
        _stop(process)


def awaited(asked: Callable[[], T]) -> T:
    """Ask until the answer is something. Raises DaemonError where it never is."""
    end = time.monotonic() + PATIENCE
    while not (answer := asked()):
        if time.monotonic() > end:
            raise DaemonError("what was awaited did not happen")
        time.sleep(0.05)
    return answer


def _await(process: subprocess.Popen, name: str, log: Path, is_ready: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_ready():
        if process.poll() is not None or time.monotonic() > end:
            said = log.read_text(errors="replace")[-4000:]
            raise DaemonError(f"{name} does not start (exit {process.poll()}): {said}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen) -> None:
    process.stdin.close()
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
