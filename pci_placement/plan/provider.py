"""What one provider needs to become what this host wants it to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

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
    RenameProvider,
    ResourceClass,
    Root,
    SetInventories,
    SetTraits,
    Trait,
    Undrain,
)

from .reservations import is_out_of_service, reserved, stays, still_used, with_reservations


@dataclass(frozen=True, slots=True)
class Wanted:
    """A desired provider under its identity in one root's tree.

    rests_on are providers that must have given up what this one gets.
    """

    uuid: str
    name: str
    parent: str
    parent_name: str
    provider: Provider
    rests_on: tuple[str, ...] = ()

    @classmethod
    def bind(cls, provider: Provider, root: Root) -> Wanted:
        """Give a provider its uuid, its name and its parent's uuid."""
        parent = provider.parent_key
        return cls(
            uuid=identity.provider_uuid(root.uuid, provider.key),
            name=identity.provider_name(root.name, provider.key),
            parent=identity.provider_uuid(root.uuid, parent) if parent else root.uuid,
            parent_name=identity.provider_name(root.name, parent) if parent else root.name,
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
    entry_traits: Collection[Trait] = (),
    used_since: Collection[str] = (),
) -> list[ProviderAction]:
    """List the actions for one provider, in their safe order.

    entry_traits are those that whitelist entries gave at the last pass; used_since are the
    providers, by uuid, of devices for one-time use that somebody has had.
    """
    if have is None:
        return _create(want)
    if is_another_card(want, have) and have.used:
        return drained(have, have.traits | {names.DRAINING}, reserved(have.inventories), ANOTHER)
    provider = want.provider
    used_up = provider.one_time_use and (bool(have.used) or have.uuid in used_since)
    kept = _kept(want, have)
    inventories = {**with_reservations(provider, have, bool(kept), used_up), **kept}
    traits = provider.traits | _others(have.traits, entry_traits) | _drained_by_hand(have)
    place = _place(want, have)
    if kept:
        now = replace(have, name=want.name)
        return place + drained(now, traits | {names.DRAINING}, inventories, NOT_OFFERED)
    return place + _traits(want, have, traits) + _offer(want, have, traits, inventories)


def _kept(want: Wanted, have: ObservedProvider) -> Inventories:
    """What is no longer wanted and stays, with nothing left to claim."""
    if stays(have) and not want.provider.inventories:
        return reserved(have.inventories)
    return still_used(have, want.provider.inventories)


def resized(inventory: Inventory, total: int) -> Inventory:
    """The same inventory for another number of devices."""
    return replace(inventory, total=total, max_unit=total)


NEW = "its devices are offered, and Placement does not have it"
NOT_OFFERED = "it is no longer offered, and used"
BACK = "its devices are offered again; a reservation made by hand before the drain is not restored"
ANOTHER = "another card is at its address, and what was there is in use"
FREE = "nobody uses what it no longer offers any more"
KNOWN_OF_DEVICES = "what is known of its devices, or said of them in the whitelist"
OFFERED_HERE = "what this host offers of it, with the reservations that operators made"


def _create(want: Wanted) -> list[ProviderAction]:
    provider = want.provider
    return [
        CreateProvider(want.uuid, want.name, want.parent, want.parent_name, NEW),
        *_traits(want, newborn(want), provider.traits),
        *_offer(want, newborn(want), provider.traits, provider.inventories),
    ]


def newborn(want: Wanted) -> ObservedProvider:
    """The provider as it is in the moment after its creation."""
    return ObservedProvider(want.uuid, want.name, want.parent, 0, {}, frozenset())


def _place(want: Wanted, have: ObservedProvider) -> list[ProviderAction]:
    """Bring a provider that was renamed or moved back to its place."""
    actions: list[ProviderAction] = []
    if have.parent != want.parent:
        reason = "it is below another provider"
        actions.append(MoveProvider(want.uuid, have.name, want.parent, want.parent_name, reason))
    if have.name != want.name:
        reason = f"it is called {have.name}"
        actions.append(RenameProvider(want.uuid, want.name, have.name, want.parent, reason))
    return actions


def _others(traits: frozenset[Trait], entry_traits: Collection[Trait]) -> frozenset[Trait]:
    """The traits that somebody else put on our provider: they stay."""
    return frozenset(t for t in traits if not names.is_our_trait(t) and t not in entry_traits)


def _traits(want: Wanted, have: ObservedProvider, traits: frozenset[Trait]) -> list[ProviderAction]:
    """Set the traits, but leave the mark of a drain until the inventories are back."""
    traits |= have.traits & {names.DRAINING}
    if traits == have.traits:
        return []
    added, removed = traits - have.traits, have.traits - traits
    return [SetTraits(have.uuid, want.name, traits, added, removed, KNOWN_OF_DEVICES)]


def _offer(
    want: Wanted, have: ObservedProvider, traits: frozenset[Trait], inventories: Inventories
) -> list[ProviderAction]:
    before, after = have.inventories, want.rests_on
    if names.DRAINING in have.traits:
        reason = BACK if inventories else FREE
        return [Undrain(have.uuid, want.name, traits, inventories, before, reason, after)]
    if inventories == before:
        return []
    return [SetInventories(have.uuid, want.name, inventories, before, OFFERED_HERE, after)]


def is_another_card(want: Wanted, have: ObservedProvider) -> bool:
    """Whether the hardware at its address is not what it was, by its ids."""
    before = names.ids_among(have.traits)
    now = names.ids_among(want.provider.traits)
    return bool(before and now and not before & now)


def _drained_by_hand(have: ObservedProvider) -> frozenset[Trait]:
    return frozenset({names.DRAINED}) if is_out_of_service(have) else frozenset()


def drained(
    have: ObservedProvider, traits: frozenset[Trait], inventories: Inventories, reason: str
) -> list[ProviderAction]:
    """Drain, unless that has been done."""
    if (traits, inventories) == (have.traits, have.inventories):
        return []
    consumers = have.consumers or {}
    before = have.inventories
    return [Drain(have.uuid, have.name, traits, inventories, before, reason, consumers)]
