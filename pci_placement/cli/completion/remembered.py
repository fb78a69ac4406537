"""Words that earlier passes and answers left in the folder of the state; nobody is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

from pci_placement.model import ClaimRecord
from pci_placement.state.claims import CLAIMS, ClaimsFile
from pci_placement.state.folder import Folder
from pci_placement.state.store import STATE, StateFile


def nodes(state_dir: str) -> Iterator[str]:
    """How the roots are called that this host has, or had."""
    for stem in _stems(state_dir, STATE):
        if root := StateFile(state_dir, stem).load().root:
            yield root.name


def consumers(state_dir: str) -> Iterator[str]:
    """Who was given devices of this host, or had a claim before that was written down."""
    for stem in _stems(state_dir, CLAIMS):
        record = ClaimsFile(Folder(state_dir), stem).read()
        if isinstance(record, ClaimRecord):
            yield from (*record.given, *record.of_before)


REMEMBERED: Mapping[str, Callable[[str], Iterator[str]]] = {"consumers": consumers, "nodes": nodes}
"""The kinds of such words."""


def _stems(state_dir: str, end: str) -> list[str]:
    """The roots of which something is kept; none where the folder is not ours to read."""
    with contextlib.suppress(OSError):
        return [n.removesuffix(end) for n in Folder(state_dir).names() if n.endswith(end)]
    return []
