"""The note of a retirement, and what follows where it cannot be read, written or taken away."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from pci_placement.errors import PciPlacementError
from pci_placement.model import ProviderUuid
from pci_placement.settings import Settings
from pci_placement.state.roots import Roots

RETIREMENT_UNKNOWN = (
    "cannot tell from {} whether this node was retired: {}; run as the user that says retire, or "
    "set [pci_placement] state_dir to a folder that can be read"
)
RETIREMENT_NOT_KEPT = (
    "cannot write {}: {}; a later sync would bring everything back: set [pci_placement] state_dir "
    "to a folder that can be written, or enabled = false"
)
RETIRED_ALL_THE_SAME = (
    "this node is retired all the same: a later sync goes on with it and offers nothing, until "
    "`pci-placement retire --undo`"
)
RETIRED_BELOW = "what is left below {} is retired all the same: a later sync goes on with it"
STILL_RETIRED = "cannot write {}: {}; this node stays retired"


def retired_since(settings: Settings, roots: Roots, root: ProviderUuid | None) -> str | None:
    """When this node was retired, None if it was not.

    Raises PciPlacementError where nobody can tell: a pass might bring back what was retired.
    """
    with _told(RETIREMENT_UNKNOWN, settings), contextlib.suppress(NotADirectoryError):
        return roots.retired_since(root)
    return None


def note_retirement(
    settings: Settings, roots: Roots, root: ProviderUuid | None, now: float, why: str = ""
) -> str | None:
    """Write it down before anything is taken away, or a pass in between would bring it back.

    Where that is impossible it is refused, unless this host is disabled: then no pass could.
    """
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)) + why
    try:
        with _told(RETIREMENT_NOT_KEPT, settings):
            roots.retire(root, since)
            return roots.retired_since(root)
    except PciPlacementError:
        if settings.enabled:
            raise
        return None


@contextlib.contextmanager
def armed(since: str | None, told: str = RETIRED_ALL_THE_SAME) -> Iterator[None]:
    """Say of whatever ends a pass early that the retirement is written down already."""
    try:
        yield
    except BaseException as error:
        if since:
            error.add_note(told)
        raise


def end_retirement(settings: Settings, roots: Roots, root: ProviderUuid | None) -> None:
    """Take the note away."""
    with _told(STILL_RETIRED, settings):
        roots.end_retirement(root)


@contextlib.contextmanager
def _told(message: str, settings: Settings) -> Iterator[None]:
    """Say where it is that something cannot be read or written, and what follows from it."""
    try:
        yield
    except OSError as error:
        raise PciPlacementError(message.format(settings.state_dir, error.strerror)) from error
