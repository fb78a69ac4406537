"""A state folder in trouble: a disk that is full, a pipe in place of a file, any umask."""

import contextlib
import os
import resource
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def full_disk(room: int = 10) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as on a disk that is almost full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    """Make files as under this umask."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextlib.contextmanager
def no_waiting(seconds: int = 30) -> Iterator[None]:
    """Interrupt who waits for ever, so that a test fails that would hang."""

    def interrupt(*_: object) -> None:
        raise AssertionError("it waits for somebody")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
