"""From what is known of providers to a line a node and class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pci_placement import names
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.model import Inventory, ObservedProvider, ProviderUuid, ResourceClass
from pci_placement.placement.summaries import Summary
from pci_placement.plan.reservations import NO_LONGER_OFFERED, state_of

from .nouns import Found, Line, Report

NOBODY_ASKED = "not asked"
SOME_RESERVED = "some reserved by hand"


def make_report(found: Iterable[Found]) -> Report:
    """Put providers together by node and class, in the order of their names."""
    everything = list(found)
    shares: dict[tuple[str, ResourceClass | None], list[_Share]] = {}
    for each in everything:
        for share in _shares(each):
            shares.setdefault((each.node, share.resource_class), []).append(share)
    order = sorted(shares, key=lambda key: (key[0], key[1] or ""))
    return Report(
        tuple(_line(*key, shares[key]) for key in order),
        len({each.node for each in everything}),
        len(everything),
        sum(not each.is_certain for each in everything),
    )


@dataclass(frozen=True, slots=True)
class _Share:
    """What one provider has of one class."""

    resource_class: ResourceClass | None
    total: int | None = None
    used: int | None = None
    reserved: int | None = None
    free: int | None = None
    mark: str = ""

    @property
    def draining(self) -> int | None:
        """How many devices we drain."""
        return self.total if self.mark == NO_LONGER_OFFERED else 0


def _shares(found: Found) -> Iterator[_Share]:
    if found.summary is None:
        yield _Share(None, mark=NOBODY_ASKED)
        return
    for name in found.summary.capacity:
        if name != names.SLOT:
            yield _share(found, found.summary, name)


def _share(found: Found, summary: Summary, name: ResourceClass) -> _Share:
    capacity, inventory = summary.capacity[name], _inventory(found, name)
    return _Share(
        name,
        inventory.total if inventory else capacity or None,
        summary.used.get(name, 0),
        inventory.reserved if inventory else None,
        _free(summary, name),
        _mark(summary, name, inventory),
    )


def _inventory(found: Found, name: ResourceClass) -> Inventory | None:
    """The inventory, as far as it is known."""
    if found.inventories is not None:
        return found.inventories.get(name)
    if found.counts_one and found.summary:
        return Inventory(1, reserved=1 - found.summary.capacity[name])
    return None


def _free(summary: Summary, name: ResourceClass) -> int:
    """How many can be claimed: also of a card whose slots are given in its other form."""
    free = summary.capacity[name] - summary.used.get(name, 0)
    slots = summary.capacity.get(names.SLOT)
    if slots is not None:
        left = slots - summary.used.get(names.SLOT, 0)
        is_whole = summary.capacity[name] == 1 and len(summary.capacity) > 2
        free = min(free, left // SLOTS if is_whole else left)
    return max(free, 0)


def _mark(summary: Summary, name: ResourceClass, inventory: Inventory | None) -> str:
    """Why what nobody has cannot be claimed, as `provider list` on the node says it."""
    if summary.capacity[name]:
        return SOME_RESERVED if inventory and inventory.reserved else ""
    nothing_left = {each: Inventory(1, reserved=1) for each in summary.capacity}
    seen = ObservedProvider(ProviderUuid(""), "", None, 0, nothing_left, summary.traits)
    return state_of(seen)


def _line(node: str, name: ResourceClass | None, shares: list[_Share]) -> Line:
    return Line(
        node,
        name,
        _sum(share.total for share in shares),
        _sum(share.used for share in shares),
        _sum(share.reserved for share in shares),
        _sum(share.free for share in shares),
        None,
        _sum(share.draining for share in shares) if name else None,
        tuple(sorted({share.mark for share in shares if share.mark})),
    )


def _sum(numbers: Iterable[int | None]) -> int | None:
    """All of them together, where each is known."""
    known = list(numbers)
    return None if None in known else sum(n for n in known if n is not None)
