"""Hears that PCI devices or network interfaces changed: when to look, never what to see.

Under churn most events arrive when what they tell of is no longer so. They are those of the kernel
itself, in order and at once, which needs no udevd and is heard in a container too.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
from typing import Any

SUBSYSTEMS = ("pci", "net")
"""A driver that is bound is news of pci; a name, or a namespace that is left, of net."""

BUFFER = 8 * 2**20
"""Bytes of events that wait to be read, where the kernel allows so many: 256 VFs make thousands."""

_VIRTUAL = "/devices/virtual/"  # of bridges and containers, which come and go with every container


class Unheard(Exception):
    """The kernel cannot be heard, or no longer; the text says why."""


class Watch:
    """An ear at the kernel."""

    def __init__(self) -> None:
        """Begin to listen. Raises Unheard."""
        # what is not told apart here: libudev is missing, a sandbox without netlink, no memory
        try:
            self._monitor = _listening()
        except (ImportError, OSError) as error:
            raise Unheard(str(error)) from error
        self._poll = select.poll()
        self._poll.register(self.fileno(), select.POLLIN)

    def fileno(self) -> int:
        """The handle of the socket."""
        return int(self._monitor.fileno())

    def wait(self, seconds: float) -> bool:
        """Whether there was anything to hear until then; events that were lost count.

        What has come by then is heard together. Raises Unheard.
        """
        try:
            return bool(self._poll.poll(seconds * 1000)) and self._read_all()
        except OSError as error:
            if self._has_run_over(error):
                return True
            raise Unheard(str(error)) from error

    def _read_all(self) -> bool:
        """Read what waits; whether some of it is of a device of this host."""
        heard = False
        while (device := self._monitor.poll(timeout=0)) is not None:
            heard = heard or not _is_virtual(device)
        return heard

    def _has_run_over(self, error: OSError) -> bool:
        """Whether it failed because events were lost: it does so for ever, until that is read.

        Source: Linux, net/netlink/af_netlink.c, netlink_overrun; net/core/sock.c, SO_ERROR.
        """
        return errno.ENOBUFS in (error.errno, _pending_error(self.fileno()))


def _is_virtual(device: Any) -> bool:
    """Whether it is of software; one whose name is no text, which pyudev refuses, may be any."""
    with contextlib.suppress(UnicodeDecodeError):
        return bool(device.device_path.startswith(_VIRTUAL))
    return False


def _pending_error(handle: int) -> int:
    """Read the error that a socket has, which ends it; 0 where there is none to be had."""
    with (
        contextlib.suppress(OSError),
        socket.fromfd(handle, socket.AF_NETLINK, socket.SOCK_RAW) as same,
    ):
        return same.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return 0


def _listening() -> Any:
    # loads libudev, which not every container has
    import pyudev

    monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="kernel")
    for subsystem in SUBSYSTEMS:
        monitor.filter_by(subsystem)
    with contextlib.suppress(OSError):  # only root may have more than net.core.rmem_max
        monitor.set_receive_buffer_size(BUFFER)
    monitor.start()
    return monitor
