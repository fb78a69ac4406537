"""Why sync does not offer what this host has: it is to leave it alone, or to retire it."""

from __future__ import annotations

from collections.abc import Iterator

from pci_placement.errors import PciPlacementError
from pci_placement.settings import Settings
from pci_placement.state.store import StateFile

DISABLED = "[pci_placement] enabled = false: sync does nothing on this host"
RETIRED = (
    "this node was retired at {}: sync removes what is left of ours, and offers nothing; "
    "`pci-placement retire --undo` ends that"
)
UNKNOWN = (
    "cannot tell from {} whether this node was retired: {}; run as the user that says retire, or "
    "set [pci_placement] state_dir to a folder that can be read"
)


def restraints(settings: Settings, state: StateFile) -> Iterator[str]:
    """Give a line for each reason."""
    if not settings.enabled:
        yield DISABLED
    retired = retired_since(settings, state)
    if retired:
        yield RETIRED.format(retired)


def retired_since(settings: Settings, state: StateFile) -> str | None:
    """When this node was retired, None if it was not.

    Raises PciPlacementError where nobody can tell: a pass might bring back what was retired.
    """
    try:
        return state.retired_since()
    except NotADirectoryError:
        return None
    except OSError as error:
        raise PciPlacementError(UNKNOWN.format(settings.state_dir, error.strerror)) from error
