"""What one provider needs to become what this host wants it to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from . import names
from .model import (
    Action,
    CreateProvider,
    Drain,
    Inventories,
    Inventory,
    MoveProvider,
    ObservedProvider,
    Provider,
    RenameProvider,
    ResourceClass,
    Root,
    SetInventories,
    SetTraits,
    Trait,
    Undrain,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A desired provider under its identity in one root's tree.

    only_after are providers that must have given up what this one gets.
    """

    uuid: str
    name: str
    parent: str
    parent_name: str
    provider: Provider
    only_after: tuple[str, ...] = ()

    @classmethod
    def bind(cls, provider: Provider, root: Root) -> Wanted:
        """Give a provider its uuid, its name and its parent's uuid."""
        parent = provider.parent_key
        return cls(
            uuid=names.provider_uuid(root.uuid, provider.key),
            name=names.provider_name(root.name, provider.key),
            parent=names.provider_uuid(root.uuid, parent) if parent else root.uuid,
            parent_name=names.provider_name(root.name, parent) if parent else root.name,
            provider=provider,
        )

    def with_no_more_than(self, limits: Mapping[ResourceClass, int]) -> Wanted:
        """The same provider with only the classes of `limits`, and as much of each as they say."""
        inventories = {
            name: resized(inventory, min(inventory.total, limits[name]))
            for name, inventory in self.provider.inventories.items()
            if limits.get(name)
        }
        left = inventories if inventories.keys() - {names.SLOT} else {}
        return replace(self, provider=replace(self.provider, inventories=left))


def shape(
    want: Wanted,
    have: ObservedProvider | None,
    remembered: Collection[Trait] = (),
    worn: Collection[str] = (),
) -> list[Action]:
    """List the actions for one provider, in their safe order.

    remembered are traits that whitelist entries gave at the last pass; worn are the providers, by
    uuid, of devices for one-time use that somebody has had.
    """
    if have is None:
        return _create(want)
    if is_another_card(want, have) and have.used:
        return drained(have, have.traits | {names.DRAINING}, reserved(have.inventories), ANOTHER)
    provider = want.provider
    used_up = provider.one_time_use and (bool(have.used) or have.uuid in worn)
    kept = _kept(want, have)
    inventories = {**_inventories(want, have, bool(kept), used_up), **kept}
    traits = provider.traits | _others(have.traits, remembered) | _drained_by_hand(have)
    place = _place(want, have)
    if kept:
        now = replace(have, name=want.name)
        return place + drained(now, traits | {names.DRAINING}, inventories, NOT_OFFERED)
    return place + _traits(want, have, traits) + _offer(want, have, traits, inventories)


def _kept(want: Wanted, have: ObservedProvider) -> Inventories:
    """What is no longer wanted and stays, with nothing left to claim."""
    if is_kept(have) and not want.provider.inventories:
        return reserved(have.inventories)
    return kept_drained(have, want.provider.inventories)


def resized(inventory: Inventory, total: int) -> Inventory:
    """The same inventory for another number of devices."""
    return replace(inventory, total=total, max_unit=total)


NEW = "its devices are offered, and Placement does not have it"
NOT_OFFERED = "it is no longer offered, and used"
BACK = "its devices are offered again; a reservation made by hand before the drain is not restored"
ANOTHER = "another card is at its address, and what was there is in use"
FREE = "nobody uses what it no longer offers any more"
TRAITS = "what is known of its devices, or said of them in the whitelist"
INVENTORIES = "what this host offers of it, with the reservations that operators made"


def _create(want: Wanted) -> list[Action]:
    provider = want.provider
    return [
        CreateProvider(want.uuid, want.name, want.parent, want.parent_name, NEW),
        *_traits(want, newborn(want), provider.traits),
        *_offer(want, newborn(want), provider.traits, provider.inventories),
    ]


def newborn(want: Wanted) -> ObservedProvider:
    """The provider as it is in the moment after its creation."""
    return ObservedProvider(want.uuid, want.name, want.parent, 0, {}, frozenset())


def _place(want: Wanted, have: ObservedProvider) -> list[Action]:
    """Bring a provider that was renamed or moved back to its place."""
    actions: list[Action] = []
    if have.parent != want.parent:
        reason = "it is below another provider"
        actions.append(MoveProvider(want.uuid, have.name, want.parent, want.parent_name, reason))
    if have.name != want.name:
        reason = f"it is called {have.name}"
        actions.append(RenameProvider(want.uuid, want.name, have.name, want.parent, reason))
    return actions


def _others(traits: frozenset[Trait], remembered: Collection[Trait]) -> frozenset[Trait]:
    """The traits that somebody else put on our provider: they stay."""
    return frozenset(t for t in traits if not names.is_our_trait(t) and t not in remembered)


def _traits(want: Wanted, have: ObservedProvider, traits: frozenset[Trait]) -> list[Action]:
    """Set the traits, but leave the mark of a drain until the inventories are back."""
    traits |= have.traits & {names.DRAINING}
    if traits == have.traits:
        return []
    added, removed = traits - have.traits, have.traits - traits
    return [SetTraits(have.uuid, want.name, traits, added, removed, TRAITS)]


def _offer(
    want: Wanted, have: ObservedProvider, traits: frozenset[Trait], inventories: Inventories
) -> list[Action]:
    before, after = have.inventories, want.only_after
    if names.DRAINING in have.traits:
        reason = BACK if inventories else FREE
        return [Undrain(have.uuid, want.name, traits, inventories, before, reason, after)]
    if inventories == before:
        return []
    return [SetInventories(have.uuid, want.name, inventories, before, INVENTORIES, after)]


def is_another_card(want: Wanted, have: ObservedProvider) -> bool:
    """Whether the hardware at its address is not what it was, by its ids."""
    before = names.ids_among(have.traits)
    now = names.ids_among(want.provider.traits)
    return bool(before and now and not before & now)


def reserved(inventories: Inventories) -> Inventories:
    """The same inventories with nothing left to claim."""
    return {name: replace(i, reserved=i.total) for name, i in inventories.items()}


def is_all_reserved(inventories: Inventories) -> bool:
    """Whether nothing of any class can be claimed; slots follow the classes and do not count."""
    return all(i.reserved == i.total for name, i in inventories.items() if name != names.SLOT)


def is_out_of_service(have: ObservedProvider) -> bool:
    """Whether an operator took it out of service, and has not lifted the reservation by hand."""
    return names.DRAINED in have.traits and is_all_reserved(have.inventories)


def is_kept(have: ObservedProvider) -> bool:
    """Whether it stays, whatever becomes of its devices, until an operator says otherwise.

    Deleted, it would come back as if nothing had been: an operator's drain would be forgotten, and
    so would the use of a device for one-time use.
    """
    spent = names.ONE_TIME_USE in have.traits and bool(have.inventories)
    return is_out_of_service(have) or (spent and is_all_reserved(have.inventories))


def _drained_by_hand(have: ObservedProvider) -> frozenset[Trait]:
    return frozenset({names.DRAINED}) if is_out_of_service(have) else frozenset()


def _whole_card(provider: Provider) -> ResourceClass | None:
    """The class of the function that a provider is named after: the PF beside its VFs."""
    classes = {str(address): name for address, name in provider.addresses.items()}
    return classes.get(provider.key)


def _inventories(
    want: Wanted, have: ObservedProvider, draining: bool, used_up: bool
) -> Inventories:
    """The wanted inventories with the operator's reservations, but not with our own drains."""
    wanted = want.provider.inventories
    if used_up or is_out_of_service(have):
        held_back = {name: i.total for name, i in wanted.items()}
    else:
        # while another class is being drained, what is reserved here may be an operator's; and
        # what is for one-time use is reserved until an operator says that it is clean
        keeps = draining or want.provider.one_time_use
        ours = names.DRAINING in have.traits and not keeps
        held_back = {n: _reserved(i, have.inventories.get(n), ours) for n, i in wanted.items()}
    if names.SLOT in wanted:
        held_back[names.SLOT] = _reserved_slots(held_back, _whole_card(want.provider))
    return {name: replace(i, reserved=held_back[name]) for name, i in wanted.items()}


def _reserved_slots(held_back: Mapping[ResourceClass, int], whole: ResourceClass | None) -> int:
    """As many slots as VFs are reserved, so that they keep the whole card from being claimed."""
    return sum(n for name, n in held_back.items() if name not in (names.SLOT, whole))


def _reserved(wanted: Inventory, before: Inventory | None, ours: bool) -> int:
    """What stays reserved: all that an operator set, nothing that we set to drain."""
    if before is None or (ours and before.reserved == before.total):
        return wanted.reserved
    return min(before.reserved, wanted.total)


def kept_drained(have: ObservedProvider, wanted: Collection[ResourceClass]) -> Inventories:
    """The classes that are no longer wanted and still used, with nothing left to claim."""
    return reserved(
        {
            name: inventory
            for name, inventory in have.inventories.items()
            if name not in wanted and have.used.get(name)
        }
    )


def drained(
    have: ObservedProvider, traits: frozenset[Trait], inventories: Inventories, reason: str
) -> list[Action]:
    """Drain, unless that has been done."""
    if (traits, inventories) == (have.traits, have.inventories):
        return []
    consumers = have.consumers or {}
    before = have.inventories
    return [Drain(have.uuid, have.name, traits, inventories, before, reason, consumers)]
