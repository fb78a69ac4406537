"""What a choice of devices rests on, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pci_placement.mapping.claims import Counts
from pci_placement.model import (
    ClaimRecord,
    ConsumerUuid,
    InventoryKey,
    Ledger,
    PciAddress,
    PciDevice,
)

Wanted = Mapping[InventoryKey, int]
"""How many devices of each inventory somebody has claimed, slots left out."""


class Before(NamedTuple):
    """What an inventory counted that it no longer counts, and who had claimed of it then."""

    devices: tuple[PciAddress, ...]
    consumers: frozenset[ConsumerUuid]


def counted_before(ledger: Ledger) -> dict[InventoryKey, Before]:
    """Which other devices inventories counted when some claims on them were made."""
    return {
        key: Before(tuple(sorted(left.old_devices - left.devices)), frozenset(left.old_claims))
        for key, left in ledger.items()
        if left.old_claims
    }


@dataclass(frozen=True, slots=True)
class Facts:
    """What this host counts and Placement says, at one moment.

    counts tells which devices each inventory counts, before which others it counted when some
    consumers made their claims, who may have those instead. devices are what they all are, unfit
    why one of them cannot be given to anybody now. unsure are inventories that may have counted
    more. claims are those of all consumers on inventories that have to do with each other; record
    has nobody whose claims have ended. once are devices for one-time use.
    """

    counts: Counts
    devices: Mapping[PciAddress, PciDevice]
    claims: Mapping[ConsumerUuid, Wanted]
    record: ClaimRecord = field(default_factory=ClaimRecord)
    unfit: Mapping[PciAddress, str] = field(default_factory=dict)
    once: frozenset[PciAddress] = frozenset()
    before: Mapping[InventoryKey, Before] = field(default_factory=dict)
    unsure: frozenset[InventoryKey] = frozenset()

    def wanted(self, consumer: ConsumerUuid) -> Wanted:
        """What a consumer has claimed."""
        return self.claims.get(consumer, {})

    def possible(self, consumer: ConsumerUuid, key: InventoryKey) -> tuple[PciAddress, ...]:
        """What a claim may be of: what is counted now, then what was when it was made."""
        before = self.before.get(key)
        older = before.devices if before and consumer in before.consumers else ()
        return *self.counts.get(key, ()), *older

    @property
    def every(self) -> frozenset[PciAddress]:
        """All devices that anybody's claim may be of."""
        several = (*self.counts.values(), *(before.devices for before in self.before.values()))
        return frozenset(address for devices in several for address in devices)

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
