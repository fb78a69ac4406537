"""What is equal for equal values alone, and short."""

from __future__ import annotations

from marshal import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CANONICAL = 2  # what later formats of marshal write depends on who else refers to a value


def digest_of(values: Any) -> str:
    """64 hexadecimal digits that tell tuples, lists, text, numbers and None from others.

    The same in any process, as long as Python is the same.
    """
    return _digest(dumps(values, _CANONICAL))


def _digest(data: bytes) -> str:
    try:
        from _blake2 import blake2b  # all of hashlib loads OpenSSL, which takes longer than a scan

        return blake2b(data, digest_size=32).hexdigest()
    except (ImportError, ValueError):  # built without it, or it refuses where FIPS 140 is enforced
        from hashlib import sha256

        return sha256(data).hexdigest()
