"""What one provider needs to become what this host wants it to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pci_placement import identity, names
from pci_placement.model import (
    CreateProvider,
    Drain,
    Inventories,
    Inventory,
    MoveProvider,
    ObservedProvider,
    Provider,
    ProviderAction,
    ProviderUuid,
    Reason,
    ReasonCode,
    RenameProvider,
    ResourceClass,
    Root,
    SetInventories,
    SetTraits,
    Trait,
    Undrain,
)

from .by_hand import as_fresh, is_other_hardware, marks_of_a_drain, was_fresh, with_marks
from .reservations import (
    NO_MORE,
    is_all_reserved,
    is_out_of_service,
    is_spent,
    reserved,
    slots_left,
    stays,
    still_used,
    with_reservations,
)

NEW = Reason(ReasonCode.NEW, "its devices are offered, and Placement does not have it")
NOT_OFFERED = Reason(ReasonCode.NOT_OFFERED, "it is no longer offered, and used")
BACK = Reason(
    ReasonCode.BACK,
    "its devices are offered again, but for what was reserved by hand before the drain",
)
ANOTHER = Reason(
    ReasonCode.REPLACED, "another card is at its address, and what was there is in use"
)
FREE = Reason(ReasonCode.FREE, "nobody uses what it no longer offers any more")
KNOWN_OF_DEVICES = Reason(
    ReasonCode.TRAITS, "what is known of its devices, or said of them in the whitelist"
)
OFFERED_HERE = Reason(
    ReasonCode.INVENTORY, "what this host offers of it, with the reservations that operators made"
)
OUT_OF_PLACE = Reason(ReasonCode.PLACE, "it is below another provider")


def newborn(provider: Provider, root: Root) -> ObservedProvider:
    """The provider as it is in the moment after its creation."""
    return ObservedProvider(
        uuid=identity.provider_uuid(root.uuid, provider.key),
        name=identity.provider_name(root.name, provider.key),
        parent=_above(provider, root).uuid,
        generation=0,
        inventories={},
        traits=frozenset(),
    )


def _above(provider: Provider, root: Root) -> Root:
    """The uuid and the name of what a provider stands below, its parent or the root itself."""
    key = provider.parent_key
    if key is None:
        return root
    uuid = identity.provider_uuid(root.uuid, key)
    return Root(uuid, identity.provider_name(root.name, key))


def with_no_more_than(provider: Provider, limits: Mapping[ResourceClass, int]) -> Provider:
    """The same provider with only the classes of `limits`, and as much of each as they say."""
    inventories = {
        name: resized(inventory, min(inventory.total, limits[name]))
        for name, inventory in provider.inventories.items()
        if limits.get(name)
    }
    left = inventories if inventories.keys() - {names.SLOT} else {}
    return provider if left == provider.inventories else replace(provider, inventories=left)


def resized(inventory: Inventory, total: int) -> Inventory:
    """The same inventory for another number of devices."""
    same = (total, total) == (inventory.total, inventory.max_unit)
    return inventory if same else replace(inventory, total=total, max_unit=total)


def actions_for(
    provider: Provider,
    have: ObservedProvider | None,
    root: Root,
    rests_on: tuple[ProviderUuid, ...] = (),
    entry_traits: Collection[Trait] = (),
    used_since: bool = False,
    counts: frozenset[Trait] | None = None,
    more: Mapping[ResourceClass, int] = NO_MORE,
) -> list[ProviderAction]:
    """List the actions for one provider, in their safe order.

    rests_on are providers that must have given up what this one gets, entry_traits those that
    whitelist entries gave at the last pass; used_since tells that somebody may have had it since.
    counts is the hardware that it counts now, where its traits do not say that; more is what is
    reserved by hand of devices that come to it.
    """
    new = newborn(provider, root)
    if have is None:
        made = with_reservations(provider, new, False, used_since, more)
        return _create(replace(provider, inventories=made), new, root, rests_on)
    counts = names.ids_among(have.traits) if counts is None else counts
    another = is_another_card(provider, counts)
    # claims that move here are of the card that is here now
    if another and any(have.used.get(name) for name in have.inventories):
        return drains(have, have.traits, reserved(have.inventories), ANOTHER, counts=counts)
    had = bool(have.used) or used_since or (is_spent(have) and not another)
    used_up = provider.one_time_use and had
    kept = _kept(provider, have)
    before = replace(have, inventories={}) if another else have
    left = slots_left(have, provider.inventories)
    inventories = {**with_reservations(provider, before, bool(kept), used_up, more), **left, **kept}
    traits = provider.traits | _others(have.traits, entry_traits) | _drained_by_hand(have)
    placing = _place(new, have, _above(provider, root))
    called = have if have.name == new.name else replace(have, name=new.name)
    if kept:
        offered = provider.inventories
        return placing + drains(called, traits, inventories, NOT_OFFERED, offered)
    return placing + _traits(called, traits) + _offer(called, traits, inventories, rests_on)


def _create(
    provider: Provider, new: ObservedProvider, root: Root, rests_on: tuple[ProviderUuid, ...]
) -> list[ProviderAction]:
    above = _above(provider, root)
    return [
        CreateProvider(new.uuid, new.name, above.uuid, above.name, NEW),
        *_traits(new, provider.traits),
        *_offer(new, provider.traits, provider.inventories, rests_on),
    ]


def _kept(provider: Provider, have: ObservedProvider) -> Inventories:
    """What is no longer wanted and stays, with nothing left to claim."""
    if stays(have) and not provider.inventories:
        return reserved(have.inventories)
    found = still_used(have, provider.inventories)
    return found if found.keys() - {names.SLOT} else {}


def _place(new: ObservedProvider, have: ObservedProvider, above: Root) -> list[ProviderAction]:
    """Bring a provider that was renamed or moved back to its place."""
    actions: list[ProviderAction] = []
    if have.parent != above.uuid:
        actions.append(MoveProvider(have.uuid, have.name, above.uuid, above.name, OUT_OF_PLACE))
    if have.name != new.name:
        reason = Reason(ReasonCode.PLACE, f"it is called {have.name}")
        actions.append(RenameProvider(have.uuid, new.name, have.name, above.uuid, reason))
    return actions


def _others(traits: frozenset[Trait], entry_traits: Collection[Trait]) -> frozenset[Trait]:
    """The traits that somebody else put on our provider: they stay."""
    return frozenset(t for t in traits if not names.is_our_trait(t) and t not in entry_traits)


def _traits(have: ObservedProvider, traits: frozenset[Trait]) -> list[ProviderAction]:
    """Set the traits, but leave the marks of a drain until the inventories are back."""
    traits |= marks_of_a_drain(have)
    if traits == have.traits:
        return []
    added, removed = traits - have.traits, have.traits - traits
    return [SetTraits(have.uuid, have.name, traits, added, removed, KNOWN_OF_DEVICES)]


def _offer(
    have: ObservedProvider,
    traits: frozenset[Trait],
    inventories: Inventories,
    rests_on: tuple[ProviderUuid, ...],
) -> list[ProviderAction]:
    before = have.inventories
    if names.DRAINING in have.traits:
        reason = BACK if inventories else FREE
        return [Undrain(have.uuid, have.name, traits, inventories, before, reason, rests_on)]
    if inventories == before:
        return []
    return [SetInventories(have.uuid, have.name, inventories, before, OFFERED_HERE, rests_on)]


def is_another_card(provider: Provider, before: frozenset[Trait]) -> bool:
    """Whether the hardware at its address is not what it was before, by its ids."""
    return is_other_hardware(names.ids_among(provider.traits), before)


def _drained_by_hand(have: ObservedProvider) -> frozenset[Trait]:
    return frozenset({names.DRAINED}) if is_out_of_service(have) else frozenset()


def drains(
    have: ObservedProvider,
    traits: frozenset[Trait],
    inventories: Inventories,
    reason: Reason,
    offered: Collection[ResourceClass] = (),
    *,
    fresh: bool = False,
    counts: frozenset[Trait] = frozenset(),
) -> list[ProviderAction]:
    """Drain all classes but those that are offered, unless that has been done.

    What was reserved by hand is remembered in a mark; what is out of service tells that itself, and
    so does what is for one-time use once it is reserved, unless it is known to be fresh. counts is
    the hardware that it counts, which may not be what the traits tell.
    """
    # what was used once tells that as long as it is kept, whatever its entry says of it now
    traits |= {names.DRAINING} | (have.traits & {names.ONE_TIME_USE} if is_spent(have) else set())
    if names.ONE_TIME_USE in traits:
        still = was_fresh(have) and not have.used and not _is_used_up(inventories, offered)
        made = as_fresh(inventories) if fresh or still else frozenset()
        traits = traits - as_fresh(have.inventories) | made
    elif not stays(have):
        traits = with_marks(traits, have, inventories, offered, counts)
    if (traits, inventories) == (have.traits, have.inventories):
        return []
    consumers = have.consumers or {}
    before = have.inventories
    return [Drain(have.uuid, have.name, traits, inventories, before, reason, consumers)]


def _is_used_up(inventories: Inventories, offered: Collection[ResourceClass]) -> bool:
    """Whether nothing is left to claim of what is offered beside a drain."""
    left = {name: i for name, i in inventories.items() if name in offered}
    return bool(left) and is_all_reserved(left)
