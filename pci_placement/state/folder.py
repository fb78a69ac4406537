"""The folder of the state: its files are opened with suspicion and replaced in one step.

So is a file that we write for others into a folder of theirs. Either may be one that others can
write, and the program runs as root: what stands there in place of a file of ours (a link, a pipe)
is neither followed nor waited for. Whatever cannot be done is an OSError.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import FileIO

_CAREFULLY = os.O_NOFOLLOW | os.O_NONBLOCK
_ODD = (errno.ELOOP, errno.ENXIO, errno.EISDIR)


_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class NotRegular(OSError):
    """Something else stands in the place of a file of ours; kind says what."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(errno.EINVAL, f"{name} is not a regular file", name)
        self.kind = kind


class Folder:
    """A folder that only its owner reads, unless an operator lets a group read it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def is_writable_by_all(self) -> bool:
        """Whether everybody on this host can put files there."""
        try:
            return bool(self.path.stat().st_mode & stat.S_IWOTH)
        except OSError:
            return False

    def why_unwritable(self) -> str:
        """Why nobody could keep anything here who runs as this user; "" where they could."""
        there = next((p for p in (self.path, *self.path.parents) if p.exists()), Path("/"))
        if not there.is_dir():
            return f"{there} is no folder"
        return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written"

    def odd(self, endings: tuple[str, ...]) -> list[str]:
        """What stands in the place of files with such names and is none, and what it is."""
        found = []
        # what cannot be looked at, or is gone meanwhile, is for who reads it
        with contextlib.suppress(OSError):
            for name in self.names():
                mode = (self.path / name).lstat().st_mode
                if name.endswith(endings) and not stat.S_ISREG(mode):
                    found.append(f"{self.path / name} is {_kind(mode)}")
        return found

    def names(self) -> list[str]:
        """What is in it, in order; nothing where there is no such folder."""
        try:
            return sorted(os.listdir(self.path))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def stamp(self, name: str) -> str:
        """What differs once somebody has written a file; of one that is not there it is empty."""
        try:
            found = os.stat(self.path / name, follow_symlinks=False)
        except OSError:
            return ""
        return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"

    def read(self, name: str, most: int) -> bytes:
        """Read a file, but not more than so many bytes of it."""
        with self._open() as folder, open(_regular(name, os.O_RDONLY, folder), "rb") as file:
            return file.read(most)

    def write(self, name: str, content: bytes, secret: bool = False) -> None:
        """Replace a file: after a power cut or on a full disk it is the old or the new, whole.

        What is secret only the owner reads, whatever a group was let read before.
        """
        _make(self.path)
        with self._open() as folder:

            def allow(file: int) -> None:
                if not secret:
                    _let_group_read(file, name, folder)

            _replace(name, content, folder, allow)

    def publish(self, name: str, content: bytes) -> None:
        """Replace a file that everybody may read, in a folder that has to be there.

        As above; while it is written it has another ending than its own.
        """
        with self._open() as folder:
            _replace(name, content, folder, _let_all_read)

    def share(self) -> None:
        """Make the folder if need be, for everybody to read; what is above it has to be there."""
        with contextlib.suppress(FileExistsError):
            self.path.mkdir(0o755)
            self.path.chmod(0o755)  # whatever the umask

    def remove(self, name: str) -> None:
        """Remove a file, for good; it need not be there."""
        with contextlib.suppress(FileNotFoundError), self._open() as folder:
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[FileIO]:
        """Open a file to be read and changed in place; it is made if need be."""
        _make(self.path)
        with self._open() as folder:
            try:
                number = _created(name, folder)
            except FileExistsError:
                number = _regular(name, os.O_RDWR, folder)
        with open(number, "r+b", buffering=0) as file:
            yield file

    @contextlib.contextmanager
    def _open(self) -> Iterator[int]:
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield folder
        finally:
            os.close(folder)


def _replace(name: str, content: bytes, folder: int, allow: Callable[[int], None]) -> None:
    new = f"{name}.new"
    _unlink(new, folder)  # of a pass that was killed
    try:
        with open(_created(new, folder), "wb") as file:
            allow(file.fileno())
            file.write(content)
            file.flush()
            os.fsync(file)
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            _unlink(new, folder)
        raise
    os.fsync(folder)


def _make(path: Path) -> None:
    """Make a folder and those above it, for us alone."""
    try:
        path.mkdir(0o700)
    except FileNotFoundError:
        _make(path.parent)
        path.mkdir(0o700)
    except FileExistsError:
        return
    path.chmod(0o700)  # whatever the umask


def _regular(name: str, flags: int, folder: int) -> int:
    try:
        file = os.open(name, flags | _CAREFULLY, dir_fd=folder)
    except OSError as error:
        raise _not_regular(name, folder) if error.errno in _ODD else error from None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise _not_regular(name, folder)
    return file


def _not_regular(name: str, folder: int) -> NotRegular:
    return NotRegular(name, _kind(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode))


def _kind(mode: int) -> str:
    return next((kind for is_one, kind in _KINDS if is_one(mode)), "a device")


def _created(name: str, folder: int) -> int:
    """A new file, for its owner alone, who is the folder's: root may write for a service."""
    file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | _CAREFULLY, 0o600, dir_fd=folder)
    os.fchmod(file, 0o600)  # whatever the umask
    with contextlib.suppress(OSError):
        os.fchown(file, os.fstat(folder).st_uid, -1)
    return file


def _let_group_read(file: int, before: str, folder: int) -> None:
    """Keep that an operator gave the file to a group."""
    with contextlib.suppress(OSError):
        old = os.stat(before, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(old.st_mode) and old.st_mode & stat.S_IRGRP:
            os.fchown(file, -1, old.st_gid)
            os.fchmod(file, 0o640)


def _let_all_read(file: int) -> None:
    os.fchmod(file, 0o644)  # whatever the umask


def _unlink(name: str, folder: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
