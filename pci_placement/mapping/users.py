"""Who uses what is ours: from the claims of a provider to the consumers, and their devices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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


@dataclass(frozen=True, slots=True)
class User:
    """What one consumer holds of one class of a provider.

    type is what Placement calls the kind of consumer, None where nobody told; address is the device
    that it holds, None where it may be one of several.
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
) -> Iterator[User]:
    """Who uses a provider, by uuid; the slots of a card are no devices."""
    for consumer, held in sorted((have.consumers or {}).items()):
        for name, amount in sorted(held.items()):
            if name != names.SLOT:
                devices = counts.get(InventoryKey(key, name), ())
                only = devices[0] if len(devices) == 1 else None
                yield User(consumer, types.get(consumer), name, amount, only)


def of_device(found: Iterable[User], address: PciAddress) -> list[User]:
    """Those who hold a device, or may: of a provider with several nobody knows which."""
    return [user for user in found if user.address in (None, address)]
