"""What a retirement leaves in Placement for now, and on whose account."""

from __future__ import annotations

from collections.abc import Iterator

from pci_placement.identity import is_ours
from pci_placement.model import (
    DeleteProvider,
    ObservedProvider,
    ObservedTree,
    Plan,
    Providers,
    ProviderUuid,
)

IN_USE = (
    "left for now: {} is in use by {}; nobody else gets it, and retire or sync deletes it once it "
    "is free"
)
NOT_EMPTY = "left for now: {}, because of what is not ours below it: {}"

CLEAN = "nothing to do: nothing of ours is left in Placement"
WAITING = "nothing else to do"


def left_over(observed: ObservedTree, there: Providers) -> list[str]:
    """Say of each provider of ours that is still there why it cannot go, if that is known."""
    return [
        line
        for have in sorted(there.values(), key=lambda have: have.name)
        if is_ours(have)
        for line in _reasons(have, observed)
    ]


def _reasons(have: ObservedProvider, observed: ObservedTree) -> Iterator[str]:
    if have.used:
        yield IN_USE.format(have.name, ", ".join(sorted(have.consumers or ())))
    below = sorted(_foreign_below(have.uuid, observed))
    if below:
        yield NOT_EMPTY.format(have.name, ", ".join(below))


def _foreign_below(uuid: ProviderUuid, observed: ObservedTree) -> Iterator[str]:
    for line in observed.listed:
        found = observed.providers.get(line.uuid)
        if line.parent == uuid and not (found and is_ours(found)):
            yield line.name


def there_after(plan: Plan, observed: ObservedTree) -> dict[ProviderUuid, ObservedProvider]:
    """The providers that a plan does not delete."""
    deleted = {action.uuid for action in plan.actions if isinstance(action, DeleteProvider)}
    return {uuid: have for uuid, have in observed.providers.items() if uuid not in deleted}
