"""A compute service as a model: it gives each claim devices of its own, any that are free.

Placement only counts. What can be claimed of a provider must be there: devices that it counts now,
and that no claim holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pci_placement import names
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.model import (
    DevType,
    Inventories,
    ObservedProvider,
    PciAddress,
    Provider,
    ResourceClass,
    Snapshot,
)


def card_of(address: PciAddress) -> PciAddress:
    """By the bus, which in the hosts of these tests is the card's own."""
    return address._replace(slot=0, function=0)


def device_classes(inventories: Mapping) -> list[ResourceClass]:
    """The classes of devices, in an order of their own; slots are none."""
    return sorted(name for name in inventories if name != names.SLOT)


def slots_of(provider: Provider, name: ResourceClass, snapshot: Snapshot) -> int:
    """How many slots a device of a class takes: a whole card all of them."""
    devices = snapshot.by_address()
    counted = [address for address, n in provider.addresses.items() if n == name]
    whole = any(devices[address].dev_type is DevType.PF for address in counted)
    return SLOTS if whole else 1


def resources(
    provider: Provider, have: Inventories, name: ResourceClass, amount: int, snapshot: Snapshot
) -> dict[ResourceClass, int]:
    """What a scheduler claims for so many devices."""
    slots = amount * slots_of(provider, name, snapshot)
    return {name: amount} | ({names.SLOT: slots} if names.SLOT in have else {})


def claimable(
    provider: Provider, have: ObservedProvider, name: ResourceClass, snapshot: Snapshot
) -> int:
    """How many devices of a class Placement would give away now."""
    free = _free(have, name)
    if names.SLOT in have.inventories:
        free = min(free, _free(have, names.SLOT) // slots_of(provider, name, snapshot))
    return max(0, free)


def _free(have: ObservedProvider, name: ResourceClass) -> int:
    inventory = have.inventories[name]
    return inventory.total - inventory.reserved - have.used.get(name, 0)


@dataclass
class Compute:
    """Who has which devices."""

    given: dict[str, set[PciAddress]] = field(default_factory=dict)

    def there(self, provider: Provider, name: ResourceClass) -> list[PciAddress]:
        """The devices of a class that a provider counts and nobody has.

        Who has a whole card has its VFs, and who has a VF keeps the card from being given whole.
        """
        taken = set().union(*self.given.values())
        split = {card_of(address) for address in taken} - taken
        return [
            address
            for address, counted in provider.addresses.items()
            if counted == name and address not in taken | split and card_of(address) not in taken
        ]
