"""The choice of devices: from what a consumer has claimed to the devices that it is given.

Placement counts devices and does not tell them apart. Whoever has claimed some of an inventory, and
was given none, gets of what the inventory counts those that nobody else has or may have. Whoever
came after the record was begun and has not asked yet holds nothing so far: enough is left for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pci_placement.model import ConsumerUuid, Given, InventoryKey, PciAddress

from .facts import Facts
from .matching import Wish, most_served
from .nearness import Fit, in_order
from .rivals import Holders, obstacles

HELD_BEFORE = (
    "{} has had its claim since before anybody wrote down who has what, and may hold any of the {} "
    "devices that {} of {} counts"
)
TOO_FEW = "{} has claimed {} of {} of {}, and {} can be given: {}"
NOTHING_COUNTED = "this host counts no device there"
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a consumer is given, by inventory and in the order of the choice."""

    devices: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a consumer is given nothing, in a sentence for an operator."""

    reason: str


def choose(facts: Facts, consumer: ConsumerUuid) -> Chosen | Refused:
    """Choose all devices of a consumer that was given none, or say why that is impossible."""
    return _held_before(facts, consumer) or _choose(facts, consumer)


def _held_before(facts: Facts, consumer: ConsumerUuid) -> Refused | None:
    """Whoever came before the record has the devices that it has; not even we may guess which."""
    if consumer in facts.record.of_before:
        for key, amount in facts.wanted(consumer).items():
            counted = len(facts.possible(consumer, key))
            if counted > amount or key in facts.unsure:
                place = (counted, key.resource_class, key.provider)
                return Refused(HELD_BEFORE.format(consumer, *place))
    return None


def _choose(facts: Facts, consumer: ConsumerUuid) -> Chosen | Refused:
    wanted, why_not = facts.wanted(consumer), obstacles(facts, consumer)
    fit = {k: [a for a in facts.possible(consumer, k) if a not in why_not] for k in wanted}
    ordered = in_order(facts, consumer, fit)
    found = _picked(facts, consumer, ordered)
    for key, amount in wanted.items():
        if len(found[key]) < amount:
            return Refused(_too_few(facts, consumer, key, len(fit[key]), why_not))
    return Chosen(tuple(give(facts, key, a) for key in wanted for a in found[key]))


def _picked(
    facts: Facts, consumer: ConsumerUuid, fit: Fit
) -> Mapping[InventoryKey, list[PciAddress]]:
    """The devices for each inventory; too few where there are no more."""
    wanted, taken = facts.wanted(consumer), Holders()
    found: dict[InventoryKey, list[PciAddress]] = {key: [] for key in wanted}
    left = [key for key, amount in wanted.items() for _ in range(amount)]
    others = list(_wishes_of_others(facts, consumer, fit))
    while left:
        key = left.pop(0)
        own = [fit[each] for each in left]
        free = [a for a in fit[key] if not taken.of(a, facts.card(a))]
        address = _best(free, own, others, taken) if others or own else next(iter(free), None)
        if address is None:
            break
        taken.add(consumer, address, facts.card(address))
        found[key].append(address)
    return found


def _best(free: Wish, own: list[Wish], others: list[Wish], taken: Holders) -> PciAddress | None:
    """The first device that leaves most for what else is wanted: first here, then by others."""

    def left(address: PciAddress) -> tuple[int, int]:
        gone = {*taken.functions, address}
        return most_served(own, gone), most_served([*own, *others], gone)

    return max(free, key=left, default=None)


def _wishes_of_others(facts: Facts, consumer: ConsumerUuid, fit: Fit) -> Iterator[Wish]:
    """What others want who hold nothing yet and of whose inventories one counts the same devices.

    Where the same devices of one inventory do for both, only the number counts.
    """
    mine = {address for devices in fit.values() for address in devices}
    for who in facts.without_device(consumer):
        for key, amount in facts.wanted(who).items():
            devices = facts.possible(who, key)
            same = key in fit and devices == facts.possible(consumer, key)
            if not same and mine & {*devices}:
                yield from [devices] * amount


def give(facts: Facts, key: InventoryKey, address: PciAddress) -> Given:
    """A device, as it is written down; it must be there."""
    device = facts.devices[address]
    return Given(address, device.card_addr, key, device.vendor_id, device.product_id)


def _too_few(
    facts: Facts,
    consumer: ConsumerUuid,
    key: InventoryKey,
    fit: int,
    why_not: Mapping[PciAddress, str],
) -> str:
    counted = [address for address in facts.possible(consumer, key) if address in why_not]
    told = [f"{address}: {why_not[address]}" for address in counted[:SHOWN]]
    more = [f"and {len(counted) - SHOWN} more"] if len(counted) > SHOWN else []
    reasons = "; ".join([*told, *more]) or NOTHING_COUNTED
    amount = facts.wanted(consumer)[key]
    return TOO_FEW.format(consumer, amount, key.resource_class, key.provider, fit, reasons)
