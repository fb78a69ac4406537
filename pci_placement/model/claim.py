"""Which device a consumer was given, where somebody asked: Placement counts and does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .host import PciAddress
from .provider import ConsumerUuid, InventoryKey


@dataclass(frozen=True, slots=True)
class Given:
    """A device that a consumer was given, and what it was and who counted it then.

    card is the PF of a VF, and of everything else the device itself.
    """

    address: PciAddress
    card: PciAddress
    place: InventoryKey
    vendor_id: str
    product_id: str


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """Who was given which devices, for as long as they have claims.

    of_before are those who had claims when the record was begun: nobody knows which devices they
    hold. spent are devices for one-time use, and who had them.
    """

    given: Mapping[ConsumerUuid, tuple[Given, ...]] = field(default_factory=dict)
    of_before: frozenset[ConsumerUuid] = frozenset()
    spent: Mapping[PciAddress, ConsumerUuid] = field(default_factory=dict)
