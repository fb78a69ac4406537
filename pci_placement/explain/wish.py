"""One part of a request, and where it could be served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pci_placement.mapping.request import RequestGroup
from pci_placement.model import PciAliasUsage, ResourceClass
from pci_placement.placement import CandidateProvider


@dataclass(frozen=True, slots=True)
class Finding:
    """What was asked for with less, how many devices that finds free, and why.

    fits: nothing is in the way, and the devices are on nodes that can serve all of it.
    """

    wish: str
    relaxed: str
    free: int
    meaning: str
    fits: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A usage, its group for one device, and the providers that can serve that now."""

    usage: PciAliasUsage
    group: RequestGroup
    together: bool
    offers: tuple[CandidateProvider, ...]

    def __str__(self) -> str:
        return str(self.usage)

    @property
    def free(self) -> int:
        """How many such devices are free in the cloud."""
        return sum(self.by_root.values())

    @property
    def by_root(self) -> dict[str, int]:
        """How many such devices are free on each node."""
        return _by_root((p.root, self.on(p)) for p in self.offers)

    @property
    def largest(self) -> CandidateProvider:
        """The provider with most such devices."""
        return max(self.offers, key=self.on)

    def on(self, provider: CandidateProvider) -> int:
        """How many such devices a provider can give."""
        return times(provider.free, self.group.resources)

    @property
    def roots(self) -> set[str]:
        """The nodes that have enough."""
        return self.enough((p.root, self.on(p)) for p in self.offers)

    def enough(self, amounts: Iterable[tuple[str, int]]) -> set[str]:
        """The nodes that have enough, where these amounts are on providers of these nodes."""
        if self.together:
            return {root for root, amount in amounts if amount >= self.usage.count}
        return {root for root, n in _by_root(amounts).items() if n >= self.usage.count}

    @property
    def is_constrained(self) -> bool:
        """Whether more is asked of a provider than free devices of the class."""
        return bool(self.group.required or self.group.forbidden or self.group.slots)


def _by_root(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for root, amount in amounts:
        total[root] = total.get(root, 0) + amount
    return total


def times(free: Mapping[ResourceClass, int], resources: Mapping[ResourceClass, int]) -> int:
    """How often resources can be claimed of what is free."""
    return max(0, min(free.get(name, 0) // amount for name, amount in resources.items()))
