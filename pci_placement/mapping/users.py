"""Who uses what is ours: from the claims of a provider to the consumers, and their devices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pci_placement import names
from pci_placement.model import (
    ConsumerUuid,
    InventoryKey,
    ObservedProvider,
    PciAddress,
    ProviderKey,
    ResourceClass,
)

from .claims import Counts

GivenDevices = Mapping[ConsumerUuid, frozenset[PciAddress]]
NOBODY_ASKED: GivenDevices = {}


@dataclass(frozen=True, slots=True)
class User:
    """What one consumer holds of one class of a provider.

    type is what Placement calls the kind of consumer, None where nobody told; address is the device
    that it holds, None where it may be one of several. Of devices that are known there is one each.
    """

    uuid: ConsumerUuid
    type: str | None
    resource_class: ResourceClass
    amount: int
    address: PciAddress | None


def users(
    have: ObservedProvider,
    key: ProviderKey,
    counts: Counts,
    types: Mapping[ConsumerUuid, str | None],
    given: GivenDevices = NOBODY_ASKED,
) -> Iterator[User]:
    """Who uses a provider, by uuid; the slots of a card are no devices.

    given is which devices consumers were given, of those that asked.
    """
    for consumer, held in sorted((have.consumers or {}).items()):
        for name, amount in sorted(held.items()):
            if name != names.SLOT:
                devices = counts.get(InventoryKey(key, name), ())
                known = _known(amount, devices, given.get(consumer, frozenset()))
                for address, of_it in known:
                    yield User(consumer, types.get(consumer), name, of_it, address)


def _known(
    amount: int, devices: Sequence[PciAddress], given: frozenset[PciAddress]
) -> Iterator[tuple[PciAddress | None, int]]:
    """The devices that a claim holds, one by one, and how many more nobody knows."""
    sure = sorted(given & {*devices})
    if len(devices) == 1 or len(sure) > amount:
        yield (devices[0] if len(devices) == 1 else None), amount
        return
    yield from ((address, 1) for address in sure)
    if amount > len(sure):
        yield None, amount - len(sure)


def of_device(found: Iterable[User], address: PciAddress) -> list[User]:
    """Those who hold a device; where nobody surely does, those who may."""
    near = [user for user in found if user.address in (None, address)]
    return [user for user in near if user.address] or near
