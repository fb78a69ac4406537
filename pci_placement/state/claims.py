"""Who was given which device, below one root: a file that is never lost by our doing.

It is begun by a pass, with those who had claims already. Where it is missing or damaged nobody
knows who was told what, and nothing may be given before a pass has begun another one. What a newer
version wrote is neither: it stays, for that version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from pci_placement import identity, names
from pci_placement.model import (
    ClaimRecord,
    ConsumerUuid,
    Given,
    InventoryKey,
    PciAddress,
    Problem,
    Severity,
)

from .codec import TEXT, Codec, many, named, record, worded
from .folder import Folder
from .lock import alone
from .versions import NewerVersion, dumped, seal

CLAIMS, CLAIMING = ".claims", ".claiming"
_VERSION = 1
_LARGEST = 2**24

NOT_BEGUN = "nobody has begun to write down who has which device"
BEGIN_IT = "say sync, which begins it"
RECORD_UNREADABLE = "cannot read who has which device in {}: {}"
LET_US_READ = "let us read it: what it says cannot be found out otherwise"
RECORD_DAMAGED = "{} is damaged: {}: nobody knows who has which device"
BEGUN_ANEW = (
    "the next sync begins it anew, and whoever has a claim now may have any device of its provider"
)
RECORD_NEWER = (
    "a newer pci-placement wrote {}: {}, and this one knows none after {}: nobody is given a device"
)
KEPT_FOR_IT = "install that one again; or put the file away, and " + BEGUN_ANEW

_ADDRESS, _CONSUMER = worded(PciAddress.parse), worded(ConsumerUuid)
_PLACE = record(
    InventoryKey,
    provider=worded(identity.read_key),
    resource_class=worded(names.read_resource_class),
)
_GIVEN = record(
    Given,
    address=_ADDRESS,
    card=_ADDRESS,
    place=_PLACE,
    vendor_id=TEXT,
    product_id=TEXT,
)


def _several(content: Any) -> tuple[Given, ...]:
    if type(content) is not list or not content:
        raise ValueError("a list of devices is needed")
    return tuple(map(_GIVEN.read, content))


_RECORD: Codec[ClaimRecord] = record(
    ClaimRecord,
    given=named(_CONSUMER, Codec(lambda several: list(map(_GIVEN.write, several)), _several)),
    of_before=many(_CONSUMER),
    spent=named(_ADDRESS, _CONSUMER),
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """That nobody knows who has which device; a pass may begin a record anew unless it is kept.

    was_there tells that there is one, which says nothing: an operator has to hear of that.
    """

    problem: Problem
    may_begin: bool = True
    was_there: bool = True


class ClaimsFile:
    """The record of one root, in a file that is named by its uuid."""

    def __init__(self, folder: Folder, stem: str) -> None:
        self._folder = folder
        self._name = f"{stem}{CLAIMS}"
        self._lock_name = f"{stem}{CLAIMING}"

    def read(self) -> ClaimRecord | Unknown:
        """What it says, or why nobody can tell."""
        path = self._folder.path / self._name
        try:
            return _unpack(self._folder.read(self._name, _LARGEST + 1))
        except (FileNotFoundError, NotADirectoryError):
            return _unknown(NOT_BEGUN, BEGIN_IT, was_there=False)
        except OSError as error:
            told = RECORD_UNREADABLE.format(path, error.strerror)
            return _unknown(told, LET_US_READ, may_begin=False)
        except NewerVersion as error:
            told = RECORD_NEWER.format(path, error, _VERSION)
            return _unknown(told, KEPT_FOR_IT, may_begin=False)
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            return _unknown(RECORD_DAMAGED.format(path, str(error)[:80]), BEGUN_ANEW)

    def write(self, kept: ClaimRecord) -> None:
        """Replace it in one step, for good. Raises OSError where it stays as it was."""
        content = _RECORD.write(kept)
        sealed = {"version": _VERSION, "sha256": seal(content), "content": content}
        self._folder.write(self._name, dumped(sealed).encode())

    def lock(self) -> AbstractContextManager[None]:
        """Keep others out who give devices. Raises Locked, or OSError.

        It is not the lock of the passes: who needs a device need not wait for one of those.
        """
        return alone(self._folder, self._lock_name, "choice of devices")


def _unpack(data: bytes) -> ClaimRecord:
    document: Mapping[str, Any] = json.loads(data.decode())
    version = document["version"]
    if type(version) is int and version > _VERSION:
        raise NewerVersion(f"it is of version {version}")
    if version != _VERSION:
        raise ValueError(f"it is of version {version!r}")
    if document["sha256"] != seal(document["content"]):
        raise ValueError("it is not as it was written")
    kept = _RECORD.read(document["content"])
    _check_once(kept)
    return kept


def _check_once(kept: ClaimRecord) -> None:
    """Refuse what gives a device twice: no choice of ours comes to that."""
    addresses = [each.address for devices in kept.given.values() for each in devices]
    if len(addresses) != len({*addresses}):
        raise ValueError("it gives a device twice")


def _unknown(told: str, suggestion: str, may_begin: bool = True, was_there: bool = True) -> Unknown:
    return Unknown(Problem(told, suggestion, severity=Severity.WARNING), may_begin, was_there)
