"""What a consumer has by an operator's word: one that had its claim before the record was begun.

Nobody else knows it, and until somebody says it nobody is given what it may have.
"""

from __future__ import annotations

from collections.abc import Collection

from pci_placement.model import ConsumerUuid, PciAddress

from .choice import Chosen, Refused, give
from .facts import Facts

NOT_OF_BEFORE = "{} did not have its claim before it was written down who has what: say claim show"
NOT_COUNTED = "{} has claimed {} of {} of {}, and of the devices that you name it counts {}"
NOT_CLAIMED = "{} has claimed nothing that counts {}"
HAS_THAT = "{} has {}"


def stated(
    facts: Facts, consumer: ConsumerUuid, addresses: Collection[PciAddress]
) -> Chosen | Refused:
    """What a consumer is written down to have, or why that cannot be.

    It is in use, so it may be a device that nobody would be given now.
    """
    if consumer not in facts.record.of_before:
        return Refused(NOT_OF_BEFORE.format(consumer))
    for who, address, card in facts.given():
        for named in addresses:
            if named in (address, card) or facts.card(named) == address:
                return Refused(HAS_THAT.format(who, address))
    return _placed(facts, consumer, addresses)


def _placed(
    facts: Facts, consumer: ConsumerUuid, addresses: Collection[PciAddress]
) -> Chosen | Refused:
    left, found = sorted({*addresses} & facts.devices.keys()), []
    for key, amount in facts.wanted(consumer).items():
        here = [address for address in left if address in facts.possible(consumer, key)]
        if len(here) != amount:
            told = (amount, key.resource_class, key.provider, len(here))
            return Refused(NOT_COUNTED.format(consumer, *told))
        found += [give(facts, key, address) for address in here]
        left = [address for address in left if address not in here]
    strange = sorted({*addresses} - {given.address for given in found})
    if strange:
        return Refused(NOT_CLAIMED.format(consumer, ", ".join(map(str, strange))))
    return Chosen(tuple(found))
