"""How the record of who has what goes on: from one value to the next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pci_placement.model import ClaimRecord, ConsumerUuid, Given, PciAddress


def with_given(
    before: ClaimRecord,
    consumer: ConsumerUuid,
    devices: tuple[Given, ...],
    once: Collection[PciAddress] = (),
) -> ClaimRecord:
    """The record once a consumer has these devices; those for one-time use are spent by it."""
    spent = {each.address: consumer for each in devices if each.address in once}
    return replace(
        before,
        given={**before.given, consumer: devices},
        of_before=before.of_before - {consumer},
        spent={**before.spent, **spent},
    )


def without(before: ClaimRecord, gone: Collection[ConsumerUuid]) -> ClaimRecord:
    """The record once the claims of some have ended; what they have spent stays so."""
    return replace(
        before,
        given={who: devices for who, devices in before.given.items() if who not in gone},
        of_before=before.of_before - {*gone},
    )


def with_clean(before: ClaimRecord, card: PciAddress) -> ClaimRecord:
    """The record once an operator has said that a device is clean."""
    spent = {address: who for address, who in before.spent.items() if address != card}
    return replace(before, spent=spent)
