"""What a host has, read once, as plain values: tuples, text and numbers.

All that discovery knows of a host it has from here, and nothing is read anywhere else: the digest
of a `RawHost` tells whether another pass would see anything else than the last one did. This folder
needs little more than `os`: who only compares digests is done before the model would be loaded.
That is also why its modules have a TYPE_CHECKING of their own: `typing` alone takes as long.
"""

from .host import LIVE_SYSFS, RawHost, Running, read, read_tree

__all__ = ["LIVE_SYSFS", "RawHost", "Running", "read", "read_tree"]
