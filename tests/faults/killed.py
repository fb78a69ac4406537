"""`pci-placement sync` in a process of its own, which SIGKILL ends at one of its requests."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from requests.adapters import HTTPAdapter

from pci_placement.cli.main import main
from pci_placement.discovery import scan
from pci_placement.model import Snapshot
from pci_placement.state.versions import unpack

from .stage import Stage

NAMES = ("killed-before", "killed-after")
SAVING = ("killed-half-saved", "killed-not-renamed")
GOOD = (0, 4, 5)
"""The exit codes of a pass that was carried out."""

Arm = Callable[[], None]


def sync(stage: Stage, arm: Arm = lambda: None) -> int:
    """Run `pci-placement sync` in a child; its exit code, or minus the signal that ended it."""
    command = [
        *(word for file in stage.config_files for word in ("--config-file", str(file))),
        *("--sysfs", str(stage.sys_tree()), "sync"),
    ]
    stage.known.load()
    child = _fork()
    if not child:
        _tell_what_it_lives_on(stage.snapshot)
        _in_child(command, stage.folder / "output", arm)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    stage.known.adopt()
    return code


def _tell_what_it_lives_on(host: Snapshot) -> None:
    """Add to what a child reads of a /sys tree what only a live host tells."""
    make = scan.make_snapshot
    scan.make_snapshot = lambda raw: replace(make(raw), in_use=host.in_use)


def _fork() -> int:
    with warnings.catch_warnings():
        # from 3.12 on: that threads may hold locks; those of the server wait for a request
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def warm_up() -> None:
    """Load the command line once, here, and not in every child anew."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main(["sync", "--help"])


def _in_child(command: list[str], output: Path, arm: Arm) -> None:
    """Never comes back into the test."""
    code = 70
    try:
        told = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(told, 1)
        os.dup2(told, 2)
        arm()
        code = main(command)
    finally:
        os._exit(code)


def bomb(kind: str, at: int) -> Arm:
    """What makes a child kill itself at a request, or while it saves its cache."""
    if kind in SAVING:
        return lambda: _kill_while_saving(half=kind == "killed-half-saved")
    return lambda: _kill_at_request(at, after=kind == "killed-after")


def _kill_at_request(at: int, *, after: bool) -> None:
    send, asked = HTTPAdapter.send, []

    def deadly(*args, **kwargs):
        asked.append(1)
        if len(asked) == at and not after:
            _die()
        answer = send(*args, **kwargs)
        if len(asked) == at:
            _die()
        return answer

    HTTPAdapter.send = deadly


def _kill_while_saving(*, half: bool) -> None:
    replace = os.replace

    def deadly(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        saved = Path(f"/proc/self/fd/{src_dir_fd}") / source
        if target.endswith(".json") and _is_last(saved):
            if half:
                os.truncate(saved, saved.stat().st_size // 2)
            _die()
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    os.replace = deadly


def _is_last(source: Path) -> bool:
    """Whether this is saved at the end of a pass, and not before it writes."""
    return not unpack(Path(source).read_bytes()).begun


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
