"""What a pass rests on, beside Placement: told as one digest, equal for what is equal."""

from __future__ import annotations

import hashlib
import os
import platform
import socket
from collections.abc import Iterable

from pci_placement import __version__
from pci_placement.state.folder import Folder

from .invocation import Invocation

_OWN = (".quiet", ".login", ".new", ".prom")
"""What passes keep or tell beside what decides."""
_CDI = "pci-placement-"
_LOCKS = (".lock", ".claiming")


def digest_of_inputs(files: str, host: str) -> str:
    """All that a pass rests on: a digest of files, as below, and one of what the host has."""
    return hashlib.sha256(f"{files} {host}".encode()).hexdigest()


def digest_of_files(invocation: Invocation, state_dir: str) -> str:
    """The program, its configuration and what was kept of earlier passes."""
    told = (
        __version__,
        platform.python_version(),
        socket.gethostname(),  # the default of root_provider_name
        _contents(invocation),
        [list(_told_to_runtimes(Folder(path))) for path in invocation.cdi_dirs()],
        os.path.abspath(state_dir),
        list(_kept(Folder(state_dir))),
    )
    return _digest(told)


def digest_of_configuration(invocation: Invocation) -> str:
    """What stands in the files that are or would be read."""
    return _digest(_contents(invocation))


def digest_of_state(state_dir: str) -> str:
    """What was kept of earlier passes, by whoever made them."""
    return _digest(list(_kept(Folder(state_dir))))


def _digest(told: object) -> str:
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _contents(invocation: Invocation) -> list[tuple[str, str]]:
    return [(file, _content(file)) for file in invocation.files()]


def _content(file: str) -> str:
    """A digest of a file, or why there is none."""
    try:
        with open(file, "rb") as opened:
            return hashlib.sha256(opened.read()).hexdigest()
    except OSError as error:
        return f"errno {error.errno}"


def _told_to_runtimes(folder: Folder) -> Iterable[tuple[str, str]]:
    """Our documents for container runtimes, which a boot may have taken away."""
    for name in folder.names():
        if name.startswith(_CDI):
            yield name, folder.stamp(name)


def _kept(folder: Folder) -> Iterable[tuple[str, str]]:
    """The files of the state and when they were written; of a lock only that it is there."""
    for name in folder.names():
        if not name.endswith(_OWN):
            yield name, "" if name.endswith(_LOCKS) else folder.stamp(name)
