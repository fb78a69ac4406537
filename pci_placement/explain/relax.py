"""Which constraint keeps devices that are free from serving a wish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pci_placement import names
from pci_placement.mapping.request import RequestGroup
from pci_placement.model import Trait
from pci_placement.placement import CandidateProvider

from .wish import Finding, Wish

_PHYSNET = "CUSTOM_PHYSNET_"


@dataclass(frozen=True, slots=True)
class _Required:
    trait: Trait

    def __str__(self) -> str:
        return f"required {self.trait}"

    def holds(self, provider: CandidateProvider) -> bool:
        return self.trait in provider.traits

    def broken(self, providers: Sequence[CandidateProvider]) -> str:
        return f"lack {self.trait}{self._instead(providers)}"

    def _instead(self, providers: Sequence[CandidateProvider]) -> str:
        if not self.trait.startswith(_PHYSNET):
            return ""
        others = {t for p in providers for t in p.traits if t.startswith(_PHYSNET)}
        return f" (they have {', '.join(sorted(others)) or 'no physical network'})"


@dataclass(frozen=True, slots=True)
class _Forbidden:
    trait: Trait

    def __str__(self) -> str:
        return f"forbidden {self.trait}"

    def holds(self, provider: CandidateProvider) -> bool:
        return self.trait not in provider.traits

    def broken(self, _: Sequence[CandidateProvider]) -> str:
        return f"have {self.trait}, which this wish excludes"


@dataclass(frozen=True, slots=True)
class _Slots:
    amount: int

    def __str__(self) -> str:
        return names.SLOT

    def holds(self, provider: CandidateProvider) -> bool:
        return provider.free.get(names.SLOT, 0) >= self.amount

    def broken(self, providers: Sequence[CandidateProvider]) -> str:
        return " or ".join(sorted({self._why(provider) for provider in providers}))

    def _why(self, provider: CandidateProvider) -> str:
        whole = self.amount > 1
        if names.SLOT not in provider.capacity:
            return "are on nodes whose agent does not have pf_vf_exclusive set"
        if not provider.used[names.SLOT]:
            return f"are on cards with reserved {'VFs' if whole else names.SLOT}"
        return f"are on cards that are in use {'through their VFs' if whole else 'as a whole'}"


_Constraint = _Required | _Forbidden | _Slots


def _constraints(group: RequestGroup) -> list[_Constraint]:
    slots = [_Slots(group.slots)] if group.slots else []
    return [*map(_Required, group.required), *map(_Forbidden, group.forbidden), *slots]


def relaxations(wish: Wish, offered: Sequence[CandidateProvider]) -> Iterator[Finding]:
    """The constraints without which a wish fits, or would at least find something.

    offered are the providers that have a free device of the class. One constraint if that helps;
    else the fewest that must go at once.
    """
    broken = {p.uuid: _broken(wish.group, p) for p in offered}
    fewest = 0
    for relaxed in sorted({b for b in broken.values() if b}, key=lambda b: (len(b), str(b))):
        found = [p for p in offered if set(broken[p.uuid]) <= set(relaxed)]
        if (fewest and len(relaxed) > fewest) or not _helps(wish, found):
            continue
        fewest = len(relaxed)
        yield _finding(wish, relaxed, found, [p for p in found if broken[p.uuid]])


def _broken(group: RequestGroup, provider: CandidateProvider) -> tuple[_Constraint, ...]:
    return tuple(c for c in _constraints(group) if not c.holds(provider))


def _helps(wish: Wish, found: Sequence[CandidateProvider]) -> bool:
    return not wish.offers or bool(wish.enough((p.root, _devices(wish, p)) for p in found))


def _devices(wish: Wish, provider: CandidateProvider) -> int:
    return provider.free[wish.group.resource_class]


def _finding(
    wish: Wish,
    relaxed: Sequence[_Constraint],
    found: Sequence[CandidateProvider],
    more: Sequence[CandidateProvider],
) -> Finding:
    free = sum(_devices(wish, provider) for provider in found)
    why = " and ".join(constraint.broken(more) for constraint in relaxed)
    return Finding(str(wish), " + ".join(map(str, relaxed)), free, f"free devices {why}")
