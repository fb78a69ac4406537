"""What this host left below roots that were its own before: looked at, told, and taken away."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pci_placement.errors import Locked, PciPlacementError, RequestError, RootNotFound
from pci_placement.mapping.left_behind import left_behind
from pci_placement.model import LeftBehind, Problem, ProviderUuid, Root, Severity
from pci_placement.placement.listing import RootWanted
from pci_placement.state.roots import Roots
from pci_placement.state.seen import Seen
from pci_placement.sync import Reconciler

from .turn import Turn

if TYPE_CHECKING:
    from pci_placement.placement import Client

LEFT_BELOW = (
    "this host left devices below {}, which was its root before, and they can be claimed there"
)
RETIRE_IT = (
    "say `pci-placement retire --root {}`: what is free there is offered here at the next pass"
)
GOING = "what this host left below {} goes once it is free, and is offered here then"
UNKNOWN = (
    "this host has left nothing below {} that it knows of; it knows of {}. If nobody else keeps "
    "that root, say --force as well"
)
NO_SUCH_ROOT = "there is no resource provider {} in Placement, and none was this host's root"


def look_back(
    client: Client, roots: Roots, root: ProviderUuid, afresh: bool = False
) -> dict[ProviderUuid, Seen]:
    """What is left below every other root; one is asked for only while there is something.

    That nothing is left is believed until a pass is made there, or all is read afresh.
    """
    try:
        others, known = roots.others(root), roots.seen(root)
    except OSError:
        return {}
    return {
        other: (
            known[other]
            if not afresh and _is_over(known.get(other), stamp)
            else Seen(stamp, _look(client, roots, other))
        )
        for other, stamp in others.items()
    }


def _is_over(seen: Seen | None, stamp: str) -> bool:
    return bool(seen and seen.left.is_nothing and seen.stamp == stamp)


def _look(client: Client, roots: Roots, root: ProviderUuid) -> LeftBehind:
    listed = client.tree(root)
    name = next((line.name for line in listed if line.uuid == root), None)
    found = Root(root, name or roots.name_of(root))
    left = left_behind(found, listed, roots.look(root).last_pass)
    return replace(left, retired=_is_retired(roots, root))


def _is_retired(roots: Roots, root: ProviderUuid) -> bool:
    try:
        return roots.of(root).retirement.since() is not None
    except OSError:
        return False


def go_on_elsewhere(turn: Turn, afresh: bool) -> dict[ProviderUuid, Seen]:
    """Look below other roots, and go on with those of them that are retired; what is left then."""
    seen = look_back(turn.reconciler.client, turn.roots, turn.root, afresh)
    seen = _go_on_below(turn, seen)
    with turn.keeper.trying():
        turn.roots.keep_seen(turn.root, seen)
    return seen


def _go_on_below(turn: Turn, seen: dict[ProviderUuid, Seen]) -> dict[ProviderUuid, Seen]:
    client, roots = turn.reconciler.client, turn.roots
    found = dict(seen)
    for other, one in seen.items():
        if one.left.retired and not one.left.is_nothing:
            with contextlib.suppress(Locked), turn.below(other) as there:
                there.make(Reconciler.retire, roots.look(other).last_pass)
                found[other] = Seen(roots.of(other).stamp, _look(client, roots, other))
    return found


def told(seen: dict[ProviderUuid, Seen]) -> Iterator[Problem]:
    """A line for each root below which something is left."""
    for left in lefts(seen):
        name = left.root.name
        if left.retired:
            yield Problem(GOING.format(name), severity=Severity.WARNING)
        else:
            yield Problem(
                LEFT_BELOW.format(name), RETIRE_IT.format(name), severity=Severity.WARNING
            )


def lefts(seen: dict[ProviderUuid, Seen]) -> tuple[LeftBehind, ...]:
    """Those of them where there is something."""
    return tuple(one.left for one in seen.values() if not one.left.is_nothing)


def find_other(client: Client, roots: Roots, wanted: str, force: bool) -> ProviderUuid:
    """The root that somebody names, by uuid or by name, of Placement or as it was called before.

    Raises RequestError where nothing of this host is known to be there, unless forced.
    """
    known = {roots.name_of(other): other for other in roots.others(ProviderUuid(""))}
    if wanted in known.values():
        return ProviderUuid(wanted)
    found = _find(client, wanted) or known.get(wanted)
    if not found:
        raise PciPlacementError(NO_SUCH_ROOT.format(wanted))
    if found not in known.values() and not force:
        raise RequestError(UNKNOWN.format(wanted, ", ".join(sorted(known)) or "no other root"))
    return found


def _find(client: Client, wanted: str) -> ProviderUuid | None:
    with contextlib.suppress(RootNotFound):
        return client.find_root(RootWanted(wanted))
    with contextlib.suppress(ValueError):
        found = ProviderUuid(str(uuid.UUID(wanted)))
        return found if client.tree(found) else None
    return None
