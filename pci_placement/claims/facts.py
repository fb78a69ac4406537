"""What a choice of devices rests on, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pci_placement.mapping.claims import Counts
from pci_placement.model import ClaimRecord, ConsumerUuid, InventoryKey, PciAddress, PciDevice

Wanted = Mapping[InventoryKey, int]
"""How many devices of each inventory somebody has claimed, slots left out."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What this host counts and Placement says, at one moment.

    counts tells which devices each inventory counts, devices what they are, unfit why one of them
    cannot be given to anybody now. unsure are inventories that may have counted more. claims are
    those of all consumers on inventories that have to do with each other; record has nobody whose
    claims have ended. once are devices for one-time use.
    """

    counts: Counts
    devices: Mapping[PciAddress, PciDevice]
    claims: Mapping[ConsumerUuid, Wanted]
    record: ClaimRecord = field(default_factory=ClaimRecord)
    unfit: Mapping[PciAddress, str] = field(default_factory=dict)
    once: frozenset[PciAddress] = frozenset()
    unsure: frozenset[InventoryKey] = frozenset()

    def wanted(self, consumer: ConsumerUuid) -> Wanted:
        """What a consumer has claimed."""
        return self.claims.get(consumer, {})

    def card(self, address: PciAddress) -> PciAddress:
        """The card of a device; of one that is gone nobody knows more than itself."""
        device = self.devices.get(address)
        return device.card_addr if device else address

    def given(self) -> Iterator[tuple[ConsumerUuid, PciAddress, PciAddress]]:
        """Every device that somebody was given, and its card; who asks has none yet."""
        for who, devices in self.record.given.items():
            yield from ((who, each.address, each.card) for each in devices)

    def without_device(self, consumer: ConsumerUuid) -> list[ConsumerUuid]:
        """The others who have claims, and of whom nobody wrote down what they hold."""
        return sorted(self.claims.keys() - self.record.given.keys() - {consumer})
