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

    def with_no_more_than(self, limit: Inventories) -> Wanted:
        """The same provider with only the classes, and as much of each, as `limit` has."""
        inventories = {
            name: resized(inventory, min(inventory.total, limit[name].total))
            for name, inventory in self.provider.inventories.items()
            if name in limit
        }
        return replace(self, provider=replace(self.provider, inventories=inventories))

    def with_fewer(self, devices: int) -> Wanted:
        """The same pool, its one class, without some of its devices."""
        inventories = {
            name: i if name == names.SLOT else resized(i, i.total - devices)
            for name, i in self.provider.inventories.items()
            if i.total > devices
        }
        left = inventories if set(inventories) - {names.SLOT} else {}
        return replace(self, provider=replace(self.provider, inventories=left))


def shape(
    want: Wanted, have: ObservedProvider | None, remembered: Collection[Trait]
) -> list[Action]:
    """List the actions for one provider, in their safe order."""
    if have is None:
        return _create(want)
    kept = kept_drained(have, want.provider.inventories)
    provider = want.provider
    offered = _inventories(provider.inventories, have, _whole_card(provider), bool(kept))
    inventories = {**offered, **kept}
    traits = want.provider.traits | _others(have.traits, remembered)
    place = _place(want, have)
    if kept:
        now = replace(have, name=want.name)
        return place + drained(now, traits | {names.DRAINING}, inventories, NOT_OFFERED)
    return place + _traits(want, have, traits) + _offer(want, have, traits, inventories)


def resized(inventory: Inventory, total: int) -> Inventory:
    """The same inventory for another number of devices."""
    return replace(inventory, total=total, max_unit=total)


NEW = "its devices are offered, and Placement does not have it"
NOT_OFFERED = "it is no longer offered, and used"
BACK = "its devices are offered again; a reservation made by hand before the drain is not restored"
FREE = "nobody uses what it no longer offers any more"
TRAITS = "what is known of its devices, or said of them in the whitelist"
INVENTORIES = "what this host offers of it, with the reservations that operators made"


def _create(want: Wanted) -> list[Action]:
    provider = want.provider
    return [
        CreateProvider(want.uuid, want.name, want.parent, want.parent_name, NEW),
        *_traits(want, _nothing(want), provider.traits),
        *_offer(want, _nothing(want), provider.traits, provider.inventories),
    ]


def _nothing(want: Wanted) -> ObservedProvider:
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


def _whole_card(provider: Provider) -> ResourceClass | None:
    """The class of the function that a provider is named after: the PF beside its VFs."""
    classes = {str(address): name for address, name in provider.addresses.items()}
    return classes.get(provider.key)


def _inventories(
    wanted: Inventories, have: ObservedProvider, whole_card: ResourceClass | None, draining: bool
) -> Inventories:
    """The wanted inventories with the operator's reservations, but not with our own drains."""
    # while another class is being drained, what is reserved here may be an operator's
    ours = names.DRAINING in have.traits and not draining
    reserved = {name: _reserved(i, have.inventories.get(name), ours) for name, i in wanted.items()}
    if names.SLOT in wanted:
        reserved[names.SLOT] = _reserved_slots(reserved, whole_card)
    return {name: replace(i, reserved=reserved[name]) for name, i in wanted.items()}


def _reserved_slots(reserved: Mapping[ResourceClass, int], whole: ResourceClass | None) -> int:
    """As many slots as VFs are reserved, so that they keep the whole card from being claimed."""
    return sum(n for name, n in reserved.items() if name not in (names.SLOT, whole))


def _reserved(wanted: Inventory, before: Inventory | None, ours: bool) -> int:
    """What stays reserved: all that an operator set, nothing that we set to drain."""
    if before is None or (ours and before.reserved == before.total):
        return wanted.reserved
    return min(before.reserved, wanted.total)


def kept_drained(have: ObservedProvider, wanted: Collection[ResourceClass]) -> Inventories:
    """The classes that are no longer wanted and still used, with nothing left to claim."""
    return {
        name: replace(inventory, reserved=inventory.total)
        for name, inventory in have.inventories.items()
        if name not in wanted and have.used.get(name)
    }


def drained(
    have: ObservedProvider, traits: frozenset[Trait], inventories: Inventories, reason: str
) -> list[Action]:
    """Drain, unless that has been done."""
    if (traits, inventories) == (have.traits, have.inventories):
        return []
    consumers = have.consumers or {}
    before = have.inventories
    return [Drain(have.uuid, have.name, traits, inventories, before, reason, consumers)]
