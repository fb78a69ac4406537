"""Taking a device out of service, and back, at an operator's word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pci_placement import identity, names
from pci_placement.errors import RequestError
from pci_placement.identity import is_ours
from pci_placement.model import (
    Drain,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    Plan,
    Provider,
    ProviderAction,
    ProviderTree,
    Reason,
    ReasonCode,
    SetTraits,
    Snapshot,
    Undrain,
)

from .order import ensure
from .provider import is_another_card, resized
from .reservations import is_all_reserved, set_aside, taken_back, whole_card

TAKEN_OUT = Reason(ReasonCode.OPERATOR, "an operator takes it out of service")
TAKEN_BACK = Reason(ReasonCode.OPERATOR, "an operator takes it back into service")
FOR_THE_NEXT_PASS = Reason(
    ReasonCode.OPERATOR,
    "an operator takes it back into service; the next pass offers what is listed of it now",
)

ONE_OF_A_POOL = (
    "{} belongs to the pool {}, and Placement cannot tell the devices of one apart: "
    "take it off [pci] device_spec, or set pooling = device"
)
ONE_OF_THE_VFS = (
    "{} is a VF, and Placement cannot tell the VFs of a card apart: drain all of them by the "
    "address of their PF, {}"
)
NOT_THERE = "Placement has nothing of {} that could be claimed: see device show {}, and sync first"


def drain_plan(
    desired: ProviderTree,
    observed: ObservedTree,
    snapshot: Snapshot,
    address: PciAddress,
    drained: bool,
) -> Plan:
    """What to write to drain a plain device, a whole PF or all VFs of a PF, or to end that.

    `observed` has the consumers of what is drained. Raises RequestError where the address is not
    one that can be drained by itself.
    """
    wanted = {identity.provider_uuid(observed.root.uuid, p.key): p for p in desired.providers}
    there = offering(observed, address)
    if not there:
        raise RequestError(_why_not(desired, snapshot, address))
    actions = [
        action
        for have in there
        for action in (_drained if drained else _undrained)(have, wanted.get(have.uuid))
    ]
    return Plan(
        actions=(*ensure(actions, observed.providers.values()), *actions),
        generations={have.uuid: have.generation for have in there},
    )


def offering(observed: ObservedTree, address: PciAddress) -> list[ObservedProvider]:
    """Our providers of a card that have something to claim."""
    found = [
        have
        for uuid, have in observed.providers.items()
        if identity.card_of_key(observed.keys[uuid]) == address
        and have.inventories
        and is_ours(have)
    ]
    return sorted(found, key=lambda have: have.name)


def _why_not(desired: ProviderTree, snapshot: Snapshot, address: PciAddress) -> str:
    device = snapshot.by_address().get(address)
    if device and device.parent_addr:
        return ONE_OF_THE_VFS.format(address, device.parent_addr)
    pool = _pool_of(address, desired.providers)
    if pool:
        return ONE_OF_A_POOL.format(address, pool.key)
    return NOT_THERE.format(address, address)


def _pool_of(address: PciAddress, providers: Iterable[Provider]) -> Provider | None:
    pools = (p for p in providers if identity.card_of_key(p.key) is None)
    return next((pool for pool in pools if address in pool.addresses), None)


def _drained(have: ObservedProvider, wanted: Provider | None) -> list[ProviderAction]:
    traits = have.traits | {names.DRAINED}
    inventories = set_aside(have, whole_card(wanted) if wanted else None)
    if (traits, inventories) == (have.traits, have.inventories):
        return []
    consumers = have.consumers or {}
    before = have.inventories
    return [Drain(have.uuid, have.name, traits, inventories, before, TAKEN_OUT, consumers)]


def _undrained(have: ObservedProvider, wanted: Provider | None) -> list[ProviderAction]:
    if names.DRAINING in have.traits or not (wanted and _is_listed(have, wanted)):
        return _left_to_the_next_pass(have)
    traits = have.traits - {names.DRAINED}
    listed = {
        name: resized(inventory, min(inventory.total, wanted.inventories[name].total))
        for name, inventory in have.inventories.items()
    }
    inventories = taken_back(replace(have, inventories=listed))
    if (traits, inventories) == (have.traits, have.inventories):
        return []
    return [Undrain(have.uuid, have.name, traits, inventories, have.inventories, TAKEN_BACK)]


def _is_listed(have: ObservedProvider, wanted: Provider) -> bool:
    """Whether all that it counts is to be offered still: the same classes, of the same hardware."""
    same = not is_another_card(wanted, names.ids_among(have.traits))
    return same and have.inventories.keys() <= wanted.inventories.keys()


def _left_to_the_next_pass(have: ObservedProvider) -> list[ProviderAction]:
    """End what operators said of it, and offer nothing: a pass knows what is listed, and of whom.

    What is gone, or used and no longer offered, stays drained by us; it may go when it is free,
    also if it was for one-time use.
    """
    left = have.traits - {names.DRAINED}
    if is_all_reserved(have.inventories):
        ended = {t for t in left if names.is_reserved_trait(t)} | {names.ONE_TIME_USE}
        left = left - ended | {names.DRAINING}
    added, removed = left - have.traits, have.traits - left
    if not added | removed:
        return []
    return [SetTraits(have.uuid, have.name, left, added, removed, FOR_THE_NEXT_PASS)]
