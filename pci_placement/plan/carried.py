"""What an operator reserved of devices that another provider is to count from now on.

A provider keeps as much reserved as it keeps devices; the rest goes with those that leave, in
number, because nobody knows which of them were meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pci_placement import identity, names
from pci_placement.model import (
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
    found: dict[ProviderKey, dict[ResourceClass, int]] = {}
    several = list(_all_left(compared, last_pass))
    now = {each.key: each for each in compared.present} if several else {}
    # of what is out of service everything is reserved anyway
    targets = [t for t in compared.targets if _is_in_service(t.key.provider, compared)]
    gained = [(t, _gained(t, now.get(t.key))) for t in targets] if several else []
    for left in several:
        for target, number in _shares(left, gained):
            of = found.setdefault(target.key.provider, {})
            name = target.key.resource_class
            of[name] = of.get(name, 0) + number
    return found


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
            left = max(several, key=lambda each: each.amount)
            yield replace(left, amount=left.amount - _elsewhere(left, compared))


def _elsewhere(left: _Left, compared: Comparison) -> int:
    """How many of the devices are reserved beside, where they are counted, and stay so."""
    wanted = {t.key: functions_of(t.devices) & left.devices for t in compared.targets}
    still = frozenset().union(*wanted.values())
    out = sum(
        len(devices)
        for (provider, _), devices in wanted.items()
        if provider != left.provider and not _is_in_service(provider, compared)
    )
    return out + sum(
        min(len(now.functions & still), by_hand(compared.ours[provider]).get(name, 0))
        for now in compared.present
        for provider, name in (now.key,)
        if provider != left.provider and not now.functions.isdisjoint(still)
        if _is_in_service(provider, compared) and not _is_replaced(provider, compared)
    )


def _is_replaced(key: ProviderKey, compared: Comparison) -> bool:
    """Whether another card came to where a provider is: what was reserved was not that one."""
    want = compared.wanted.get(key)
    return want is not None and is_another_card(want, names.ids_among(compared.ours[key].traits))


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
    said, ids = by_hand(have), names.ids_among(have.traits)
    want = compared.wanted.get(key)
    keeps = want and not is_another_card(want, ids)
    kept = stays_by_hand(have, want.inventories) if want and keeps else {}
    amount = sum(said.values()) - sum(kept.values())
    if amount > 0:
        of = (devices.get(name, frozenset()) for name, number in said.items() if number)
        yield _Left(key, amount, frozenset().union(*of), ids)


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
