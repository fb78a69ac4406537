"""The compute service of this node: it gives each claim devices that are there and that nobody has.

It knows what `addresses()` says of a provider, and its own books.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from support.compute import Compute, card_of, device_classes
from support.database import Row, World

from pci_placement import identity, names
from pci_placement.mapping.claims import addresses
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.model import (
    Counted,
    DevType,
    InventoryKey,
    Ledger,
    PciAddress,
    ProviderTree,
    Snapshot,
)


@dataclass
class Service:
    """Which devices providers count, as this node's last pass left it, and who has which.

    looked is the host as that pass saw it, now what is plugged in at this moment. With by_class
    it looks into what the pass left by class, and asks `addresses()` only for the rest. Where the
    pass has forgotten something, another card in the place of one that somebody has is free.
    """

    root: str
    by_class: bool = False
    tree: ProviderTree = field(default_factory=lambda: ProviderTree((), {}))
    ledger: Ledger = field(default_factory=dict)
    looked: Snapshot = field(default_factory=lambda: Snapshot(()))
    now: Snapshot = field(default_factory=lambda: Snapshot(()))
    books: Compute = field(default_factory=Compute)
    kinds: dict[tuple[str, PciAddress], tuple] = field(default_factory=dict)
    forgot: bool = False

    def counted(self, uuid: str, name: str) -> tuple[PciAddress, ...]:
        """What may serve a claim of a class of a provider."""
        left = self.by_class and self._left(uuid, name)
        if left and left.sure:
            return tuple(sorted(left.devices))
        held = {uuid: {"resources": {name: 1}}}
        return addresses(held, self.tree, self.root, self.ledger).get(uuid, ())

    def _left(self, uuid: str, name: str) -> Counted | None:
        keys = {identity.provider_uuid(self.root, key): key for key, _ in self.ledger}
        return self.ledger.get(InventoryKey(keys.get(uuid), name))

    def free(self, uuid: str, name: str, beside: frozenset[PciAddress] = frozenset()) -> list:
        """Those that are plugged in, the hardware they were, and not taken, also not in part."""
        has = [self.in_use()] if self.forgot else self.books.given.values()
        taken = beside.union(*has)
        return [a for a in self.counted(uuid, name) if self.is_there(a) and is_free(a, taken)]

    def is_there(self, address: PciAddress) -> bool:
        """Whether it is plugged in, and the hardware that the last pass saw."""
        now, before = self.now.by_address(), self.looked.by_address()
        return address in now and _kind(now[address]) == _kind(before.get(address, now[address]))

    def slots(self, uuid: str, name: str) -> int:
        """How many slots a device takes; a scheduler knows that before a pass has seen one."""
        devices = {**self.now.by_address(), **self.looked.by_address()}
        kinds = {devices[a].dev_type for a in self.counted(uuid, name) if a in devices}
        return SLOTS if DevType.PF in kinds else 1

    def room(self, uuid: str, name: str, row: Row) -> int:
        """How many devices of a class Placement would give away now."""
        free = row.free(name)
        if names.SLOT in row.stocks:
            free = min(free, row.free(names.SLOT) // self.slots(uuid, name))
        return free

    def resources(self, uuid: str, name: str, row: Row, amount: int) -> dict[str, int]:
        """What a scheduler asks of a provider for so many devices."""
        slots = {names.SLOT: amount * self.slots(uuid, name)} if names.SLOT in row.stocks else {}
        return {name: amount} | slots

    def give(self, consumer: str, devices: set[PciAddress]) -> None:
        """Write down who gets what, and what hardware that is."""
        self.books.given[consumer] = devices
        now = self.now.by_address()
        self.kinds |= {(consumer, address): _kind(now[address]) for address in devices}

    def in_use(self) -> set[PciAddress]:
        """The devices that somebody has, not others that were plugged in their place."""
        now = self.now.by_address()
        return {
            address
            for consumer, devices in self.books.given.items()
            for address in devices & now.keys()
            if _kind(now[address]) == self.kinds[consumer, address]
        }

    def holders(self, address: PciAddress) -> list[str]:
        """Who has a device, the whole card that it is a part of, or a part of it."""
        return [c for c, devices in self.books.given.items() if not is_free(address, devices)]


def _kind(device) -> tuple:
    return device.product_id, device.dev_type


def is_free(address: PciAddress, taken: frozenset[PciAddress] | set[PciAddress]) -> bool:
    """Who has a whole card has its VFs, and who has a VF keeps the card from being given whole."""
    parts = {card_of(a) for a in taken if card_of(a) != a}
    return not {address, card_of(address)} & taken and address not in parts


def offers(world: World, mine: set[str]) -> Iterator[tuple[str, str, Row]]:
    """The classes of devices of our providers, in an order of their own."""
    for uuid in sorted(mine, key=lambda each: world[each].name):
        for name in device_classes(world[uuid].stocks):
            yield uuid, name, world[uuid]


def greedy(service: Service, found: list, draw: random.Random) -> Iterator[tuple]:
    """Claim all that can be claimed, in any order: provider, class, and the device or None."""
    taken: frozenset[PciAddress] = frozenset()
    for uuid, name, row in draw.sample(found, len(found)):
        for _ in range(service.room(uuid, name, row)):
            free = service.free(uuid, name, taken)
            if not free and _shares(service, uuid, name, row, taken):
                break
            device = draw.choice(free) if free else None
            yield uuid, name, device
            taken |= {device} if device else set()


def _shares(service: Service, uuid: str, name: str, row: Row, taken: frozenset) -> bool:
    """Whether the slots that the other kind of this card took already refuse this one."""
    own = {a for other in device_classes(row.stocks) for a in service.counted(uuid, other)}
    whole = service.slots(uuid, name) > 1
    others = (own & taken) - (set() if whole else set(service.counted(uuid, name)))
    return names.SLOT in row.stocks and bool(others)
