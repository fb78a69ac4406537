"""What is used of our inventories, as far as passes are told: they ask no question for it.

A pass that finds nothing new learns of a provider only whether nobody has claimed it since it was
free, which its generation tells. What is claimed of the others is told when all is read anew, and
where it matters who has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pci_placement.agent import Pass
from pci_placement.model import ObservedProvider, ProviderUuid, ResourceClass

from .catalogue import Numbers, Sample
from .findings import counted_classes, ours


class Use(NamedTuple):
    """How much of each class of a provider was claimed, and when that was told."""

    amounts: Mapping[ResourceClass, int]
    at: float


Uses = Mapping[ProviderUuid, Use]


def uses_after(before: Uses, made: Pass, now: float) -> Uses:
    """What is known of the providers that are there: the newest that any pass was told."""
    there = ours(made)
    told = {
        **made.report.planned.observed.used,
        **{uuid: have.used for uuid, have in there.items() if _is_known(have)},
    }
    known = {**before, **{uuid: Use(amounts, now) for uuid, amounts in told.items()}}
    return {uuid: known[uuid] for uuid in there if uuid in known}


def _is_known(have: ObservedProvider) -> bool:
    return have.unused or have.consumers is not None


def of_uses(uses: Uses, made: Pass, before: Numbers) -> Numbers:
    """The classes of which all providers are known; of others what was said before stays."""
    found: dict[Sample, float] = {}
    for name, holders in _holders(made).items():
        used, told_at = _samples(name)
        known = [uses[uuid] for uuid in holders if uuid in uses]
        if len(known) == len(holders):
            found[used] = float(sum(use.amounts.get(name, 0) for use in known))
            found[told_at] = min(use.at for use in known)
        elif used in before and told_at in before:
            found |= {used: before[used], told_at: before[told_at]}
    return found


def _samples(name: ResourceClass) -> tuple[Sample, Sample]:
    return Sample("inventory_used", (name,)), Sample("inventory_used_timestamp_seconds", (name,))


def _holders(made: Pass) -> dict[ResourceClass, list[ProviderUuid]]:
    """The providers of each class."""
    holders: dict[ResourceClass, list[ProviderUuid]] = {}
    for uuid, have in ours(made).items():
        for name in counted_classes(have):
            holders.setdefault(name, []).append(uuid)
    return holders
