"""The attributes of one device, read below the handle of its directory.

What is absent is None; what is there and cannot be read or understood raises UnreadableDevice.
"""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pci_placement.pci_address import Address

# Source: Linux, Documentation/filesystems/sysfs.rst.
_PAGE = 4096  # the most that the kernel writes into one attribute
# Source: Linux, fs/kernfs/file.c, kernfs_file_read_iter.
_ABSENT = frozenset({errno.ENOENT, errno.ENODEV})
_HEX_DIGITS = frozenset("0123456789abcdef")


class UnreadableDevice(Exception):
    """The device exists, but an attribute of it cannot be read or makes no sense."""

    pf: Address | None = None
    """The PF above it, if that much is known."""


def content(device: int, name: str) -> bytes | None:
    """What an attribute holds; None if the device has no such attribute, or is gone."""
    try:
        handle = os.open(name, os.O_RDONLY, dir_fd=device)
        try:
            return os.read(handle, _PAGE)
        finally:
            os.close(handle)
    except OSError as error:
        raise_unless_absent(name, error)
        return None


def attribute(device: int, name: str) -> str | None:
    """The text of one attribute; None if the device has no such attribute, or is gone."""
    found = content(device, name)
    return None if found is None else plain(found)


def required(device: int, name: str, what: str) -> str:
    """The text of one attribute that every device has."""
    text = attribute(device, name)
    if text is None:
        raise UnreadableDevice(f"has no {what}")
    return text


def plain(found: bytes) -> str:
    """What an attribute holds as text."""
    return found.decode("ascii", "replace").strip()


def link(device: int, name: str) -> str | None:
    """The last part of a link's target, which need not exist; None if there is no link."""
    try:
        return os.readlink(name, dir_fd=device).rpartition("/")[2]
    except OSError as error:
        raise_unless_absent(name, error)
        return None


def raise_unless_absent(what: str, error: OSError) -> None:
    """Raise what an error of the system means, unless it is that there is no such thing."""
    if error.errno not in _ABSENT:
        raise UnreadableDevice(f"{what}: {error.strerror}") from error


def number(name: str, written: bytes | str | None) -> int | None:
    """A number, or None where the kernel does not know it: no such attribute, or -1.

    Source: Linux, Documentation/ABI/testing/sysfs-bus-pci, numa_node.
    """
    try:
        read = -1 if written is None else int(written)
    except ValueError:
        text = plain(written) if isinstance(written, bytes) else written
        raise UnreadableDevice(f"{name}: {text!r} is not a number") from None
    return None if read < 0 else read


def hexadecimal(what: str, text: str, digits: int) -> str:
    """A hexadecimal number, in lower case and with all its digits."""
    found = text.lower().removeprefix("0x")
    if not 0 < len(found) <= digits or not _HEX_DIGITS.issuperset(found):
        raise UnreadableDevice(
            f"{what}: {text!r} is not a hexadecimal number of up to {digits} digits"
        )
    return found.zfill(digits)
