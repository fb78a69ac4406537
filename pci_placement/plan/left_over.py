"""What a retirement leaves in Placement for now, and on whose account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pci_placement.identity import is_ours
from pci_placement.model import (
    ConsumerUuid,
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


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A provider of ours that cannot go yet: somebody uses it, or has put something below it.

    below are the names of what is not ours there, empty where it stays for its consumers.
    """

    name: str
    consumers: tuple[ConsumerUuid, ...] = ()
    below: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.below:
            return NOT_EMPTY.format(self.name, ", ".join(self.below))
        return IN_USE.format(self.name, ", ".join(self.consumers))


def left_over(observed: ObservedTree, there: Providers) -> tuple[LeftOver, ...]:
    """Say of each provider of ours that is still there why it cannot go, if that is known."""
    return tuple(
        left
        for have in sorted(there.values(), key=lambda have: have.name)
        if is_ours(have)
        for left in _reasons(have, observed)
    )


def left_by(plan: Plan, observed: ObservedTree) -> tuple[LeftOver, ...]:
    """What a plan would leave if all of it were done."""
    deleted = {action.uuid for action in plan.actions if isinstance(action, DeleteProvider)}
    there = {uuid: have for uuid, have in observed.providers.items() if uuid not in deleted}
    return left_over(observed, there)


def _reasons(have: ObservedProvider, observed: ObservedTree) -> Iterator[LeftOver]:
    if have.used:
        yield LeftOver(have.name, consumers=tuple(sorted(have.consumers or ())))
    below = tuple(sorted(_foreign_below(have.uuid, observed)))
    if below:
        yield LeftOver(have.name, below=below)


def _foreign_below(uuid: ProviderUuid, observed: ObservedTree) -> Iterator[str]:
    for line in observed.listed:
        found = observed.providers.get(line.uuid)
        if line.parent == uuid and not (found and is_ours(found)):
            yield line.name
