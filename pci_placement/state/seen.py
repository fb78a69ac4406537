"""What passes over one root have seen of what is left below others, so that they need not ask.

It may be lost: then it is asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pci_placement.model import LeftBehind, PciAddress, ProviderUuid, Root

from .codec import FLAG, TEXT, many, named, optional, record, worded
from .folder import Folder

_LARGEST = 2**20


@dataclass(frozen=True, slots=True)
class Seen:
    """What was left below a root when it was looked at, and what changes with a pass there."""

    stamp: str
    left: LeftBehind


_UUID = worded(ProviderUuid)
_LEFT = record(
    LeftBehind,
    root=record(Root, uuid=_UUID, name=TEXT),
    cards=optional(many(worded(PciAddress.parse))),
    retired=FLAG,
)
_SEEN = named(_UUID, record(Seen, stamp=TEXT, left=_LEFT))


def read_seen(folder: Folder, name: str) -> dict[ProviderUuid, Seen]:
    """Read it; what is missing or damaged is nothing."""
    try:
        return dict(_SEEN.read(json.loads(folder.read(name, _LARGEST).decode())))
    except (OSError, ValueError, RecursionError):
        return {}


def write_seen(folder: Folder, name: str, seen: Mapping[ProviderUuid, Seen]) -> None:
    """Replace it. Raises OSError."""
    folder.write(name, json.dumps(_SEEN.write(seen), sort_keys=True).encode())
