"""One host as plain values, with a digest of them."""

from __future__ import annotations

import os

from pci_placement.pci_address import Address

from .digest import digest_of
from .functions import Odd, read_functions
from .handles import DEVICES
from .host_use import HostUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .device import Function

LIVE_SYSFS = "/sys"


class Running:
    """Where else than in /sys a running host tells what it does with its devices.

    This one does, if nothing is said.
    """

    __slots__ = ("dev", "proc", "udev")

    def __init__(self, proc: str = "/proc", dev: str = "/dev", udev: str = "/run/udev") -> None:
        self.proc = proc
        self.dev = dev
        self.udev = udev


class RawHost:
    """What was read of a host, in tuples, text and numbers; equal ones make equal snapshots.

    functions are in address order; unreadable says why others could not be read and names the PF
    above them; in_use says what the host itself does with a function. Where no function could be
    listed at all, failure has the path and the reason.
    """

    __slots__ = ("failure", "functions", "in_use", "unreadable")

    def __init__(
        self,
        functions: list[Function],
        unreadable: dict[Address, Odd],
        in_use: dict[Address, str],
        failure: tuple[str, str] | None = None,
    ) -> None:
        self.functions = functions
        self.unreadable = unreadable
        self.in_use = in_use
        self.failure = failure

    @property
    def digest(self) -> str:
        """Equal for equal values alone, in whatever process, as long as Python is the same.

        64 hexadecimal digits. Another version of this program may make something else of the same
        values: whoever remembers a digest remembers the version with it.
        """
        told = self.functions, sorted(self.unreadable.items()), sorted(self.in_use.items())
        return digest_of((self.failure, *told))


def read(sysfs: str = LIVE_SYSFS) -> RawHost:
    """Read a sysfs tree; what the host lives on is known of the live one alone."""
    live = os.path.realpath(sysfs) == LIVE_SYSFS
    return read_tree(sysfs, Running() if live else None)


def read_tree(root: str | os.PathLike[str], running: Running | None = None) -> RawHost:
    """Read the functions below a folder that contains `bus/`, and what a running host does."""
    root = os.fspath(root)
    try:
        functions = read_functions(root)
    except OSError as error:
        return _failed(root, _why(error))
    if not functions.readable and not functions.unreadable:
        return _failed(root, "it holds no PCI device")
    in_use = HostUse(root, running, functions).read() if running else {}
    return RawHost(functions.readable, functions.unreadable, in_use)


def _failed(root: str, reason: str) -> RawHost:
    return RawHost([], {}, {}, (os.path.join(root, DEVICES), reason))


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such folder; is sysfs mounted here, and does this host have a PCI bus?"
    return str(error.strerror)
