"""Claims of which it is written down which devices they hold: those may hold no others.

Whoever asked which device it has was told one, and has that one until its claim ends. Who never
asked may hold any that its inventory counted, and as long as there is one of those among the claims
of an inventory, all of them are taken to be so: what is offered beside claims of before must not
become less when one of them ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pci_placement.model import ConsumerUuid, PciAddress, ProviderKey

from .devices import DevicesByCard, by_card, functions_of
from .inventories import Claims, ObservedInventory

GivenTo = Mapping[ConsumerUuid, frozenset[PciAddress]]
"""Which devices each consumer was given, of whatever inventories."""


def surely_has(
    key: ProviderKey, claims: Claims, may_hold: DevicesByCard, given: GivenTo
) -> DevicesByCard | None:
    """What some claims hold, if each consumer was given as many devices as it has claimed."""
    if not claims or not claims.keys() <= given.keys():
        return None
    there = functions_of(may_hold)
    has = {who: given[who] & there for who in claims}
    if any(len(has[who]) != amount for who, amount in claims.items()):
        return None
    return by_card(key, frozenset[PciAddress]().union(*has.values()))


def emptied(now: ObservedInventory) -> ObservedInventory:
    """The same once its claims have followed their devices: it still has to give up all others."""
    return replace(now, claims={}, old={}, may_hold={})
