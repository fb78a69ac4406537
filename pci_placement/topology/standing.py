"""What Placement says of each device: it counts devices and does not tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat

from pci_placement import names
from pci_placement.identity import is_ours
from pci_placement.mapping.claims import Counts
from pci_placement.model import (
    ConsumerUuid,
    Inventory,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    ProviderKey,
    ProviderTree,
    ResourceClass,
)
from pci_placement.plan.reservations import state_of, whole_card

from .nouns import CellState

PARTLY_RESERVED = "{} reserved by hand"
_RANK = list(CellState)


@dataclass(frozen=True, slots=True)
class Standing:
    """State and class of one device, and why it is so."""

    state: CellState
    resource_class: ResourceClass
    note: str


@dataclass(frozen=True, slots=True)
class Use:
    """What Placement said, and who surely has which device, as far as that was ever asked."""

    tree: ObservedTree
    counts: Counts
    given: Mapping[ConsumerUuid, frozenset[PciAddress]] = field(default_factory=dict)


def standings(use: Use, wanted: ProviderTree) -> dict[PciAddress, Standing]:
    """What is true of each device that an inventory counts; of several, what weighs most."""
    found: dict[PciAddress, Standing] = {}
    ours, cards = _by_key(use.tree), {p.key: whole_card(p) for p in wanted.providers}
    for (key, name), devices in use.counts.items():
        have = ours.get(key)
        if have and name in have.inventories:
            states = _states(have, name, is_card=cards.get(key) == name)
            for address, standing in _of_inventory(
                have, name, _ordered(have, name, devices, use), states
            ):
                known = found.get(address, standing)
                found[address] = max(known, standing, key=lambda s: _RANK.index(s.state))
    return found


def _by_key(tree: ObservedTree) -> dict[ProviderKey, ObservedProvider]:
    return {tree.keys[uuid]: have for uuid, have in tree.providers.items() if is_ours(have)}


def _of_inventory(
    have: ObservedProvider,
    name: ResourceClass,
    devices: Iterable[PciAddress],
    states: Iterable[CellState],
) -> Iterator[tuple[PciAddress, Standing]]:
    note = _note(have, name)
    for address, state in zip(devices, states, strict=False):
        yield address, Standing(state, name, note)


def _ordered(
    have: ObservedProvider, name: ResourceClass, devices: Iterable[PciAddress], use: Use
) -> list[PciAddress]:
    """Those first that are surely used."""
    holders = [who for who, held in (have.consumers or {}).items() if name in held]
    sure = {address for who in holders for address in use.given.get(who, ())}
    return sorted(devices, key=lambda address: (address not in sure, address))


def _states(have: ObservedProvider, name: ResourceClass, is_card: bool) -> Iterator[CellState]:
    """The states of its devices, used ones first; an inventory may count fewer than there are."""
    inventory, used = have.inventories[name], have.used.get(name, 0)
    left = max(inventory.total - used, 0)
    free = max(min(left - inventory.reserved, _room(have, inventory, is_card)), 0)
    return chain(
        repeat(CellState.USED, used),
        repeat(CellState.DRAINED, left - free),
        repeat(CellState.FREE, free),
        repeat(CellState.OFFERED),
    )


def _room(have: ObservedProvider, inventory: Inventory, is_card: bool) -> int:
    """For how many devices the slots of a card suffice: a whole card takes all of them."""
    slots = have.inventories.get(names.SLOT)
    if slots is None:
        return inventory.total
    left = slots.total - slots.reserved - have.used.get(names.SLOT, 0)
    return left // slots.total if is_card else left


def _note(have: ObservedProvider, name: ResourceClass) -> str:
    reserved = have.inventories[name].reserved
    return state_of(have) or (PARTLY_RESERVED.format(reserved) if reserved else "")
