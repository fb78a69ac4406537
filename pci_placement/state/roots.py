"""The roots of which something is kept on this host, and which of them is its own.

What is kept of a root is named by its uuid, however somebody spells it: by uuid, by name, or by way
of a cloud of clouds.yaml. A file for each spelling says which root that was at the last pass; that
is a hint, which whoever makes a pass confirms. Up to version 4 of the state file all files were
named by the spelling: they are found, and become the root's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pci_placement.errors import PciPlacementError
from pci_placement.model import LastPass, LeftBehind, Problem, ProviderUuid, Root

from . import older
from .claims import ClaimsFile
from .folder import Folder
from .login import LoginFile
from .seen import Seen, read_seen, write_seen
from .store import LOCK, RETIRED, STATE, Found, StateFile

if TYPE_CHECKING:
    import os

_UUID = re.compile("[0-9A-Za-z{}:-][0-9A-Za-z{}:.-]{19,63}")
"""What Placement takes for one; it becomes a part of a file's name."""

SEEN, LOGIN = ".left", ".login"
ANY_ROOT = b"\n"
"""In place of a hint: a spelling for which somebody has ended a retirement."""

LEFT_BEHIND = ", as a root that this host had before"
"""The end of a note that is about what was left below another root, not about this host."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a configuration and a command line name this host's root."""

    name: str
    uuid: ProviderUuid | None = None
    cloud: str | None = None

    @property
    def stem(self) -> str:
        """How its files are called."""
        return _digest(self.uuid or self.name, self.cloud)

    @property
    def stems(self) -> frozenset[str]:
        """The same for all ways in which this root could have been spelled."""
        return frozenset(
            _digest(root, cloud)
            for root in (self.uuid, self.name)
            if root
            for cloud in (self.cloud, None)
        )


class Roots:
    """All that is kept in one folder, as somebody sees it who spells the root in this way."""

    def __init__(self, directory: str | os.PathLike[str], spelling: Spelling) -> None:
        self._directory = directory
        self._folder = Folder(directory)
        self._spelling = spelling

    @property
    def login(self) -> LoginFile:
        """How the last pass logged in that spelled the root in this way."""
        return LoginFile(self._folder, f"{self._spelling.stem}{LOGIN}")

    @property
    def spelled(self) -> StateFile:
        """What was kept before anybody knew the uuid."""
        return StateFile(self._directory, self._spelling.stem)

    def of(self, root: ProviderUuid) -> StateFile:
        """What is kept of a root."""
        return StateFile(self._directory, _stem(root))

    def claims(self, root: ProviderUuid) -> ClaimsFile:
        """Who was given which device below a root."""
        return ClaimsFile(self._folder, _stem(root))

    def remembered(self) -> ProviderUuid | None:
        """Which root this was at the last pass, if it is known; what is configured counts."""
        return self._spelling.uuid or self._hint()

    def remember(self, root: ProviderUuid) -> None:
        """Write down which root this spelling means. Raises OSError."""
        if self.remembered() != root:
            self._folder.write(f"{self._spelling.stem}{older.HINT}", f"{root}\n".encode())

    def look(self, root: ProviderUuid | None) -> Found:
        """Read what the last pass over a root left, also where it is of an older version."""
        own = self.of(root) if root else None
        if own and own.exists:
            return own.look()
        found = self.spelled.look()
        of_another = root and found.last_pass.root and found.last_pass.root.uuid != root
        return Found(LastPass()) if of_another else found

    def others(self, root: ProviderUuid) -> dict[ProviderUuid, str]:
        """The other roots of which something is kept, and what changes when a pass is made there.

        Raises OSError where the folder cannot be listed.
        """
        names = [name.rpartition(".") for name in self._folder.names()]
        uuids = {stem for stem, _, kind in names if f".{kind}" in (STATE, LOCK)}
        found = {ProviderUuid(stem) for stem in uuids if _UUID.fullmatch(stem)}
        found |= {each.uuid for stem in uuids for each in self._root_of_older(stem)}
        return {uuid: self.of(uuid).stamp for uuid in sorted(found - {root})}

    def name_of(self, root: ProviderUuid) -> str:
        """How a root was called at the last pass over it; its uuid where nobody knows."""
        known = self.of(root).load().root
        return known.name if known else root

    # --- what was left below other roots

    def seen(self, root: ProviderUuid) -> dict[ProviderUuid, Seen]:
        """What passes over a root have seen of the other ones."""
        return read_seen(self._folder, f"{root}{SEEN}")

    def keep_seen(self, root: ProviderUuid, seen: dict[ProviderUuid, Seen]) -> None:
        """Write it down where it is not known yet. Raises OSError."""
        if self.seen(root) != seen:
            write_seen(self._folder, f"{root}{SEEN}", seen)

    def left(self, root: ProviderUuid | None) -> tuple[LeftBehind, ...]:
        """What the last pass over a root saw of the others."""
        return tuple(each.left for each in self.seen(root).values()) if root else ()

    # --- retirement

    def retired_since(self, root: ProviderUuid | None) -> str | None:
        """When this node was retired, by this name or before it was renamed; None if it was not.

        Raises OSError where nobody can tell.
        """
        for stem in self._own(root):
            if since := StateFile(self._directory, stem).retirement.since():
                return since
        return None if self._is_known(root) else self._retired_as_another(root)

    def retire(self, root: ProviderUuid | None, since: str) -> None:
        """Let later passes know that this host wants nothing any more. Raises OSError."""
        (self.of(root) if root else self.spelled).retirement.write(since)

    def adopt_retirement(self, root: ProviderUuid) -> None:
        """Let a retirement belong to the root's uuid from now on. Raises OSError."""
        if since := self.retired_since(root):
            self.retire(root, since)
            for stem in self._spelling.stems:
                StateFile(self._directory, stem).retirement.remove()

    def end_retirement(self, root: ProviderUuid | None) -> None:
        """Let later passes offer what this host has. Raises OSError."""
        if not self._is_known(root):  # or what another root's note says would count again
            self._folder.write(f"{self._spelling.stem}{older.HINT}", ANY_ROOT)
        for stem in self._own(root):
            StateFile(self._directory, stem).retirement.remove()

    def upgrade(self) -> tuple[Problem, ...]:
        """As `older.upgrade`."""
        return older.upgrade(self._directory)

    # --- how it is spelled

    def _own(self, root: ProviderUuid | None) -> list[str]:
        """All names under which something can be kept of this root."""
        return [*([root] if root else []), *sorted(self._spelling.stems)]

    def _is_known(self, root: ProviderUuid | None) -> bool:
        """Whether a pass was begun here, or somebody has ended what another root's note says."""
        if self._hinted() in (ANY_ROOT, f"{root}\n".encode()) or self.spelled.exists:
            return True
        return bool(root and self.of(root).is_known)

    def _retired_as_another(self, root: ProviderUuid | None) -> str | None:
        """When the node was retired that has another root now."""
        own = self._own(root)
        stems = [n.removesuffix(RETIRED) for n in self._folder.names() if n.endswith(RETIRED)]
        for stem in stems:
            since = StateFile(self._directory, stem).retirement.since()
            if stem not in own and since and not since.endswith(LEFT_BEHIND):
                return f"{since}, as {self.name_of(ProviderUuid(stem))}"
        return None

    def _root_of_older(self, stem: str) -> Iterator[Root]:
        if older.is_older(stem):
            root = StateFile(self._directory, stem).load().root
            yield from [root] if root else []

    def _hint(self) -> ProviderUuid | None:
        text = self._hinted().decode("ascii", "replace").strip()
        return ProviderUuid(text) if _UUID.fullmatch(text) else None

    def _hinted(self) -> bytes:
        with contextlib.suppress(OSError):
            return self._folder.read(f"{self._spelling.stem}{older.HINT}", 100)
        return b""


def _stem(root: ProviderUuid) -> str:
    if not _UUID.fullmatch(root):
        raise PciPlacementError(f"{root!r} is no uuid of a resource provider")
    return root


def _digest(*identity: str | None) -> str:
    return hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
