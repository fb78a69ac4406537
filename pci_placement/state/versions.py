"""The text of the state file: its version, its seal, and how what older versions wrote is read.

Whoever changes what `table` says changes the file. Then VERSION grows by one, and UPGRADES tells
how the content of the version before becomes that of the new one, in plain JSON and never by way of
today's classes, which go on changing. A file of each version is kept with the tests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from pci_placement.model import LastPass

from .table import LAST_PASS

VERSION = 7
_SEALED_SINCE = 4

Content = dict[str, Any]


class NewerVersion(ValueError):
    """Written by a later version of this program, which alone knows what it says."""


def pack(last_pass: LastPass) -> bytes:
    """Write what is remembered."""
    content = LAST_PASS.write(last_pass)
    sealed = {"version": VERSION, "sha256": seal(content), "content": content}
    return dumped(sealed).encode()


def unpack(data: bytes) -> LastPass:
    """Read what this version or an older one wrote.

    Raises NewerVersion, or another ValueError where it is anything else.
    """
    try:
        document = json.loads(data.decode())
        version, content = _opened(document)
        for older in range(version, VERSION):
            content = UPGRADES[older](content)
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it cannot be understood: {error!r}") from error
    return LAST_PASS.read(content)


def _opened(document: Any) -> tuple[int, Any]:
    version = document["version"]
    if type(version) is int and version > VERSION:
        raise NewerVersion(f"it is of version {version}")
    if version != VERSION and version not in UPGRADES:
        raise ValueError(f"it is of version {version!r}")
    if version < _SEALED_SINCE:
        return version, document
    if document["sha256"] != seal(document["content"]):
        raise ValueError("it is not as it was written")
    return version, document["content"]


def seal(content: Any) -> str:
    """What tells a digit that was changed from one that was written."""
    return hashlib.sha256(dumped(content).encode()).hexdigest()


def dumped(content: Any) -> str:
    """The text of JSON content: the same for what is equal."""
    return json.dumps(content, sort_keys=True)


def _from_3(content: Content) -> Content:
    """There were no seal and no reread, and a line of the ledger was flat."""
    kept = {name: value for name, value in content.items() if name != "version"}
    ledger = [
        [_inventory_key_of_3(line), _counted_of_3(line)] for line in _lines(content["ledger"])
    ]
    begun = [
        [_inventory_key_of_3(line), {"total": line["total"], "counted": _counted_of_3(line)}]
        for line in _lines(content["begun"])
    ]
    return {**kept, "ledger": ledger, "begun": begun, "reread": False}


def _lines(content: Any) -> list[Content]:
    if type(content) is not list:
        raise ValueError("a list is needed")
    return content


def _inventory_key_of_3(line: Content) -> Content:
    return {"provider": line["key"], "resource_class": line["resource_class"]}


def _counted_of_3(line: Content) -> Content:
    return {name: line[name] for name in ("devices", "old_devices", "old_claims", "sure")}


def _from_4(content: Content) -> Content:
    """Nobody remembered with how many providers the removals that are withheld were compared."""
    return {**content, "withheld_of": 0}


def _from_5(content: Content) -> Content:
    """Nobody remembered of which providers nobody had anything."""
    providers = [{**provider, "unused": False} for provider in _lines(content["providers"])]
    return {**content, "providers": providers}


def _from_6(content: Content) -> Content:
    """Nobody remembered what is nova's on providers of ours, nor a root that nobody owns."""
    providers = [{**provider, "others": {}} for provider in _lines(content["providers"])]
    return {**content, "providers": providers, "forsaken_at": None}


UPGRADES: Mapping[int, Callable[[Content], Content]] = {
    3: _from_3,
    4: _from_4,
    5: _from_5,
    6: _from_6,
}
"""For each older version that is still read: its content, made into that of the next one."""
