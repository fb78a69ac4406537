"""The login of the last pass: a token is a secret, so only the owner of the folder reads it."""

from __future__ import annotations

import contextlib
import json
from typing import NamedTuple

from pci_placement.model.login import KeptLogin

from .codec import TEXT, optional, record, whole
from .folder import Folder

_LARGEST = 2**22
"""More bytes than any token with its catalog has."""


class _Version(NamedTuple):
    major: int
    minor: int


_VERSION = record(_Version, major=whole(least=0), minor=whole(least=0))
_LOGIN = record(KeptLogin, whose=TEXT, auth=optional(TEXT), version=_VERSION)


class LoginFile:
    """Keeps one login; that it cannot be kept, or is damaged, is as if there were none."""

    def __init__(self, folder: Folder, name: str) -> None:
        self._folder = folder
        self._name = name

    def read(self) -> KeptLogin | None:
        """What was kept last."""
        with contextlib.suppress(OSError, ValueError, RecursionError):
            return _LOGIN.read(json.loads(self._folder.read(self._name, _LARGEST).decode()))
        return None

    def write(self, kept: KeptLogin | None) -> None:
        """Keep this, or nothing."""
        with contextlib.suppress(OSError):
            if kept is None:
                self._folder.remove(self._name)
            else:
                self._folder.write(self._name, _text(kept).encode(), secret=True)


def _text(kept: KeptLogin) -> str:
    version = _Version(*kept.version)
    return json.dumps(_LOGIN.write(KeptLogin(kept.whose, kept.auth, version)))
