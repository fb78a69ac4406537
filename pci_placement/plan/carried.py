"""What an operator reserved of devices that another provider is to count from now on.

A provider keeps as much reserved as it keeps devices; the rest goes with those that leave, in
number, because nobody knows which of them were meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pci_placement import identity, names
from pci_placement.model import (
    InventoryKey,
    LastPass,
    ObservedProvider,
    PciAddress,
    ProviderKey,
    ResourceClass,
    Trait,
)

from .by_hand import by_hand, stays_by_hand
from .compare import Comparison
from .devices import functions_of
from .inventories import ObservedInventory, WantedInventory
from .provider import is_another_card
from .reservations import is_out_of_service, stays

Carried = Mapping[ProviderKey, Mapping[ResourceClass, int]]
NOTHING_CARRIED: Carried = {}


@dataclass(frozen=True, slots=True)
class _Left:
    """How many of which devices, of what hardware, a provider no longer keeps reserved."""

    provider: ProviderKey
    amount: int
    devices: frozenset[PciAddress]
    ids: frozenset[Trait]


def carried(compared: Comparison, last_pass: LastPass) -> Carried:
    """How much more is to be reserved of each wanted class: of the devices that it gains."""
    leaving = {left.provider: left for left in _all_left(compared, last_pass)}
    found: dict[ProviderKey, dict[ResourceClass, int]] = {}
    gained = list(_all_gained(compared)) if leaving else []
    taken: list[_Left] = []
    for left in leaving.values():
        rest = left.amount - _elsewhere(left, leaving, compared) - _taken(left, taken)
        for target, number in _shares(replace(left, amount=rest), gained):
            of = found.setdefault(target.key.provider, {})
            name = target.key.resource_class
            of[name] = of.get(name, 0) + number
            taken.append(replace(left, amount=number))
    return found


def _all_gained(
    compared: Comparison,
) -> Iterator[tuple[WantedInventory, frozenset[PciAddress]]]:
    """What each target gains; of what is out of service everything is reserved anyway."""
    now = {each.key: each for each in compared.present}
    for target in compared.targets:
        if _is_in_service(target.key.provider, compared):
            yield target, _gained(target, now.get(target.key))


def _is_in_service(key: ProviderKey, compared: Comparison) -> bool:
    have = compared.ours.get(key)
    return have is None or not is_out_of_service(have)


def _gained(target: WantedInventory, now: ObservedInventory | None) -> frozenset[PciAddress]:
    """The devices that a target does not count yet; where nobody remembers, its number tells.

    Those of which we left nothing to claim were counted elsewhere meanwhile, and come back.
    """
    devices = functions_of(target.devices)
    if now is None or now.draining or (not now.is_sure and target.total > now.total):
        return devices
    return devices - now.functions


def _shares(
    left: _Left, gained: Iterable[tuple[WantedInventory, frozenset[PciAddress]]]
) -> Iterator[tuple[WantedInventory, int]]:
    amount = max(0, left.amount)
    for target, devices in gained:
        number = min(amount, len(devices & left.devices))
        same = not left.ids or bool(left.ids & target.ids)
        if number and same and target.key.provider != left.provider:
            amount -= number
            yield target, number


def _all_left(compared: Comparison, last_pass: LastPass) -> Iterator[_Left]:
    """What each provider leaves; where a pass was cut off also by what was there before it."""
    before = _before(compared, last_pass) if last_pass.begun else {}
    for key in sorted(
        {k for k, have in (*compared.changeable.items(), *before.items()) if have.reserves}
    ):
        several = (
            *_left(key, compared.changeable.get(key), _counted(key, compared.present), compared),
            *_left(key, before.get(key), _remembered(key, last_pass), compared),
        )
        if several:
            yield max(several, key=lambda each: each.amount)


def _elsewhere(left: _Left, leaving: Mapping[ProviderKey, _Left], compared: Comparison) -> int:
    """How many of the devices are reserved beside, where they are counted, and stay so."""
    out = sum(
        len(functions_of(target.devices) & left.devices)
        for target in compared.targets
        if target.key.provider != left.provider
        if not _is_in_service(target.key.provider, compared)
    )
    return out + sum(
        min(len(now.functions & left.devices), _kept(now.key, leaving, compared))
        for now in compared.present
        if now.key.provider != left.provider and not now.functions.isdisjoint(left.devices)
        if _is_in_service(now.key.provider, compared)
    )


def _kept(key: InventoryKey, leaving: Mapping[ProviderKey, _Left], compared: Comparison) -> int:
    """How many stay reserved of an inventory, whatever leaves its provider."""
    have, name = compared.ours[key.provider], key.resource_class
    if key.provider not in leaving:
        return by_hand(have).get(name, 0)
    return _stays(key.provider, have, compared).get(name, 0)


def _taken(left: _Left, taken: Iterable[_Left]) -> int:
    """How many of the devices others bring along reserved: two may tell of the same ones."""
    return sum(min(each.amount, len(each.devices & left.devices)) for each in taken)


def _before(compared: Comparison, last_pass: LastPass) -> dict[ProviderKey, ObservedProvider]:
    remembered = {place.provider for place in last_pass.ledger}
    uuids = {key: identity.provider_uuid(compared.root.uuid, key) for key in remembered}
    aside = compared.ours.keys() - compared.changeable.keys()
    there = last_pass.providers
    return {k: there[u] for k, u in uuids.items() if u in there and k not in aside}


def _left(
    key: ProviderKey,
    have: ObservedProvider | None,
    devices: Mapping[ResourceClass, frozenset[PciAddress]],
    compared: Comparison,
) -> Iterator[_Left]:
    if have is None or stays(have):
        return
    said, ids = by_hand(have), _ids(key, have, compared)
    amount = sum(said.values()) - sum(_stays(key, have, compared).values())
    if amount > 0:
        of = (devices.get(name, frozenset()) for name, number in said.items() if number)
        yield _Left(key, amount, frozenset().union(*of), ids)


def _stays(
    key: ProviderKey, have: ObservedProvider, compared: Comparison
) -> Mapping[ResourceClass, int]:
    """What stays reserved where it is, unless another card came there."""
    want = compared.wanted.get(key)
    keeps = want and not is_another_card(want, _ids(key, have, compared))
    return stays_by_hand(have, want.inventories) if want and keeps else {}


def _ids(key: ProviderKey, have: ObservedProvider, compared: Comparison) -> frozenset[Trait]:
    """Which hardware a provider counts: as it is there, or as it was before a pass that ended."""
    there = compared.ours.get(key) is have
    return compared.hardware[key] if there else names.ids_among(have.traits)


def _counted(
    key: ProviderKey, present: Iterable[ObservedInventory]
) -> dict[ResourceClass, frozenset[PciAddress]]:
    return {now.key.resource_class: now.functions for now in present if now.key.provider == key}


def _remembered(
    key: ProviderKey, last_pass: LastPass
) -> dict[ResourceClass, frozenset[PciAddress]]:
    return {
        place.resource_class: counted.devices
        for place, counted in last_pass.ledger.items()
        if place.provider == key
    }
