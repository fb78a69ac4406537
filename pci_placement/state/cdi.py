"""The document for container runtimes: one file of ours in a folder that others share.

Source: container-device-interface, cncf-tags/container-device-interface/SPEC.md, How does CDI work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .folder import Folder

_LARGEST = 2**24
FOREIGN_DOCUMENT = "it is there, and it is no document of {}"


class CdiFile:
    """One document, in a file that is named by the root; of no other file anything is changed."""

    def __init__(self, directory: str, stem: str) -> None:
        self._folder = Folder(directory)
        self.name = f"pci-placement-{stem}.json"

    def tell(self, document: Mapping[str, Any]) -> None:
        """Let the file say this; one without devices is invalid, and so it is removed then.

        Raises OSError where that is impossible, also because somebody else's is there.
        """
        told = (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()
        before = self._ours(str(document["kind"]))
        if document["devices"] and told != before:
            self._folder.share()
            self._folder.publish(self.name, told)
        if not document["devices"] and before is not None:
            self._folder.remove(self.name)

    def _ours(self, kind: str) -> bytes | None:
        """What it says now; None where it is not there."""
        try:
            found = self._folder.read(self.name, _LARGEST)
        except FileNotFoundError:
            return None
        if _kind(found) != kind:
            raise FileExistsError(0, FOREIGN_DOCUMENT.format(kind), self.name)
        return found


def _kind(content: bytes) -> str | None:
    try:
        document = json.loads(content.decode())
    except (ValueError, RecursionError):
        return None
    return str(document.get("kind")) if isinstance(document, dict) else None
