"""What is reserved, by whom, and what of it stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pci_placement import identity, names
from pci_placement.model import Inventories, Inventory, ObservedProvider, Provider, ResourceClass

from .by_hand import by_hand, stays_by_hand, was_fresh

NO_MORE: Mapping[ResourceClass, int] = {}


def reserved(inventories: Inventories) -> Inventories:
    """The same inventories with nothing left to claim."""
    return {name: with_reserved(i, i.total) for name, i in inventories.items()}


def with_reserved(inventory: Inventory, number: int) -> Inventory:
    """The same inventory with so much of it reserved, and no room for claims that move."""
    if inventory.makes_room:
        return replace(inventory, reserved=number, max_unit=inventory.total)
    return inventory if number == inventory.reserved else replace(inventory, reserved=number)


def free(inventory: Inventory | None) -> int:
    """How many devices of a class can be claimed when nobody has any."""
    return inventory.total - inventory.reserved if inventory else 0


def set_aside(have: ObservedProvider, whole_card: ResourceClass | None) -> Inventories:
    """Its inventories as an operator's drain leaves them."""
    return _held_back(
        have.inventories, {n: i.total for n, i in have.inventories.items()}, whole_card
    )


def taken_back(have: ObservedProvider) -> Inventories:
    """Its inventories without the reservations that leave nothing to claim."""
    partly = {n: i.reserved * (not i.is_all_reserved) for n, i in have.inventories.items()}
    return _held_back(have.inventories, partly, None)


def is_all_reserved(inventories: Inventories) -> bool:
    """Whether nothing of any class is to be claimed; slots follow the classes and do not count."""
    return all(i.is_all_reserved for name, i in inventories.items() if name != names.SLOT)


def nothing_is_free(inventories: Inventories) -> bool:
    """Whether nothing of any class can be claimed, also when those end that there are."""
    return not any(free(i) for name, i in inventories.items() if name != names.SLOT)


def is_out_of_service(have: ObservedProvider) -> bool:
    """Whether an operator took it out of service, and has not lifted the reservation by hand."""
    return names.DRAINED in have.traits and is_all_reserved(have.inventories)


def stays(have: ObservedProvider) -> bool:
    """Whether it stays, whatever becomes of its devices, until an operator says otherwise.

    Deleted, it would come back as if nothing had been: an operator's drain would be forgotten, and
    so would the use of a device for one-time use.
    """
    return is_out_of_service(have) or is_spent(have)


def is_spent(have: ObservedProvider) -> bool:
    """Whether it is for one-time use, was used, and no operator has said that it is clean."""
    once = names.ONE_TIME_USE in have.traits and bool(have.inventories)
    return once and is_all_reserved(have.inventories) and not was_fresh(have)


def holds_slots(resources: Mapping[ResourceClass, int]) -> bool:
    """Whether a claim holds a slot for each of its devices, as pf_vf_exclusive asks for them.

    Only the claims tell: an inventory may have got its slots after them.
    """
    devices = sum(amount for name, amount in resources.items() if name != names.SLOT)
    return resources.get(names.SLOT, 0) >= devices


def has_slotless_claims(have: ObservedProvider, want: Provider) -> bool:
    """Whether somebody holds devices of it without the slots that they take as what is wanted.

    Who holds a plain card has one slot of it; of a whole PF it would be all.
    """
    whole, all_slots = whole_card(want), want.inventories[names.SLOT].total
    claims = (have.consumers or {}).values()
    return not all(
        holds_slots(claimed) and (claimed.get(names.SLOT, 0) >= all_slots or whole not in claimed)
        for claimed in claims
    )


def whole_card(provider: Provider) -> ResourceClass | None:
    """The class of the function that a provider is named after: the PF beside its VFs."""
    card = identity.card_of_key(provider.key)
    return provider.addresses.get(card) if card and not identity.is_vf_key(provider.key) else None


def with_reservations(
    provider: Provider,
    have: ObservedProvider,
    draining: bool,
    used_up: bool,
    more: Mapping[ResourceClass, int] = NO_MORE,
) -> Inventories:
    """The wanted inventories with the operator's reservations, but not with our own drains.

    draining tells that a class is being drained beside them, used_up that the device is for
    one-time use and somebody has had it. more is what is reserved of devices that come to it.
    """
    wanted = provider.inventories
    if used_up or stays(have):
        return out_of_reach(provider)
    # while another class is being drained, what is reserved here may be an operator's; and
    # what is for one-time use is reserved until an operator says that it is clean
    keeps = draining or (provider.one_time_use and not was_fresh(have))
    before = {n: i.meant_reserved for n, i in have.inventories.items()} if keeps else {}
    stay = stays_by_hand(have, wanted)
    held_back = {
        n: min(max(before.get(n, 0), number) + more.get(n, 0), wanted[n].total)
        for n, number in stay.items()
    }
    return _held_back(wanted, held_back, whole_card(provider))


def out_of_reach(provider: Provider) -> Inventories:
    """The wanted inventories with nothing to claim."""
    wanted = provider.inventories
    return _held_back(wanted, {n: i.total for n, i in wanted.items()}, whole_card(provider))


def _held_back(
    inventories: Inventories, reserved: Mapping[ResourceClass, int], whole: ResourceClass | None
) -> Inventories:
    """Inventories with these reservations.

    As many slots are reserved as VFs are, so that they keep the whole card from being claimed.
    """
    slots = sum(n for name, n in reserved.items() if name not in (names.SLOT, whole))
    return {
        name: with_reserved(i, min(i.total, slots if name == names.SLOT else reserved[name]))
        for name, i in inventories.items()
    }


def still_used(have: ObservedProvider, wanted: Collection[ResourceClass]) -> Inventories:
    """The classes that are no longer wanted and still used, with nothing left to claim."""
    return reserved(
        {
            name: inventory
            for name, inventory in have.inventories.items()
            if name not in wanted and have.used.get(name)
        }
    )


def reserved_by_hand(provider: Provider, have: ObservedProvider) -> dict[ResourceClass, int]:
    """How much of each wanted class stays reserved by hand; a drain is another word.

    As long as a class of before is in use, a mark tells what was reserved of it.
    """
    wanted = provider.inventories
    if stays(have):
        return {}
    if still_used(have, wanted):
        return {name: number for name, number in by_hand(have).items() if name in wanted}
    return stays_by_hand(have, wanted)


def slots_left(have: ObservedProvider, wanted: Inventories) -> Inventories:
    """The slots that claims hold which were made under pf_vf_exclusive: until those end they stay.

    Source: placement/objects/resource_provider.py, _delete_inventory_from_provider.
    """
    if not drops_slots(have, wanted) or not have.used.get(names.SLOT):
        return {}
    slots = have.inventories[names.SLOT]
    return {names.SLOT: with_reserved(slots, slots.meant_reserved)}


def drops_slots(have: ObservedProvider, wanted: Inventories) -> bool:
    """Whether there are slots that are not wanted any more."""
    return names.SLOT in have.inventories and names.SLOT not in wanted


OUT_OF_SERVICE = "out of service: an operator drained it"
NO_LONGER_OFFERED = "draining: no longer offered"
RESERVED_BY_HAND = "reserved by hand"
USED_ONCE = "used once: reserved until an operator takes it back into service"


def state_of(have: ObservedProvider) -> str:
    """Why nothing of a provider can be claimed, for a person; nothing where that is not so."""
    if not have.inventories or not is_all_reserved(have.inventories):
        return ""
    if is_out_of_service(have):
        return OUT_OF_SERVICE
    if is_spent(have):
        return USED_ONCE
    return NO_LONGER_OFFERED if names.DRAINING in have.traits else RESERVED_BY_HAND
