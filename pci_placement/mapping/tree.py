"""From matches to the provider tree that this host wants in Placement.

A plain device and a whole PF are a provider each, or share a pool. A PF whose VFs are offered is a
provider without inventory, and its VFs are one provider below it; VFs that differ in traits get
one provider for each set, because traits belong to a provider.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from pci_placement import identity, names
from pci_placement.model import (
    DevType,
    Inventory,
    Layout,
    Matching,
    PciAddress,
    PciDevice,
    Pooling,
    Provider,
    ProviderKey,
    ProviderTree,
    ResourceClass,
    Snapshot,
    Trait,
)

from .exclusive import SLOTS, cannot_share, cards_with_both
from .family import Catalogue, DeviceRequest
from .offers import Offer, make_offers

K = TypeVar("K", bound=Hashable)

UNKNOWN_CLASS = (
    "this Placement does not know the resource class {}: write a CUSTOM_ one into its entry or "
    "alias, or upgrade Placement's os-resource-classes"
)


def build_tree(
    matching: Matching, catalogue: Catalogue, snapshot: Snapshot, layout: Layout | None = None
) -> ProviderTree:
    """Build the desired tree; cards that are held, unreadable or not ours to give are not in it."""
    layout = layout or Layout()
    offers, unfit = make_offers(matching.matches, catalogue)
    held = {**snapshot.unsure, **matching.held, **unfit, **cannot_share(offers, catalogue)}
    not_ours = matching.not_ours
    held = {card: why for card, why in held.items() if card not in not_ours}
    offers = [o for o in offers if o.device.card_addr not in {*held, *not_ours}]
    providers = _providers(offers, layout)
    if layout.exclusive:
        providers = [_with_slots(provider) for provider in providers]
    devices = snapshot.by_address()
    return ProviderTree(tuple(_with_card_ids(p, devices) for p in providers), held, not_ours)


def _with_card_ids(provider: Provider, devices: Mapping[PciAddress, PciDevice]) -> Provider:
    """Say of the VFs of a card which hardware that is: somebody may hold it whole."""
    card = identity.card_of_key(provider.key)
    pf = devices.get(card) if card and identity.is_vf_key(provider.key) else None
    if pf is None:
        return provider
    return replace(provider, card_ids=frozenset({names.id_trait(pf.vendor_id, pf.product_id)}))


def _providers(offers: Sequence[Offer], layout: Layout) -> list[Provider]:
    both = cards_with_both(offers)
    offers = [offer for offer in offers if offer.device.card_addr not in both]
    vfs = [offer for offer in offers if offer.device.dev_type is DevType.VF]
    whole = [offer for offer in offers if offer.device.dev_type is not DevType.VF]
    pooled = [offer for offer in whole if _is_pooled(offer, layout)]
    single = [offer for offer in whole if not _is_pooled(offer, layout)]
    return [
        *(_provider(_own_key(pf), [pf, *vfs]) for pf, vfs in both.values()),
        *(_provider(_own_key(offer), [offer]) for offer in single),
        *(_provider(key, group) for key, group in _grouped(pooled, _pool_key).items()),
        *(p for card in _grouped(vfs, lambda o: o.device.card_addr).items() for p in _card(*card)),
    ]


def _is_pooled(offer: Offer, layout: Layout) -> bool:
    return layout.pooling is Pooling.NUMA and not offer.one_time_use


def _own_key(offer: Offer) -> ProviderKey:
    return identity.device_key(offer.device.address)


def _pool_key(offer: Offer) -> ProviderKey:
    return identity.pool_key(offer.resource_class, offer.device.numa_node, offer.traits)


def _with_slots(provider: Provider) -> Provider:
    """Add the slots that its devices share; a PF and its VFs have those of one card."""
    cards = 1 if identity.card_of_key(provider.key) else len(provider.addresses)
    slots = Inventory(SLOTS * cards, max_unit=SLOTS * cards)
    if not provider.inventories:
        return provider
    return replace(provider, inventories={**provider.inventories, names.SLOT: slots})


def _grouped(offers: Iterable[Offer], key: Callable[[Offer], K]) -> dict[K, list[Offer]]:
    groups: dict[K, list[Offer]] = {}
    for offer in offers:
        groups.setdefault(key(offer), []).append(offer)
    return groups


def _card(pf: PciAddress, vfs: Sequence[Offer]) -> list[Provider]:
    sets = _grouped(vfs, lambda offer: offer.traits)
    card = Provider(key=identity.device_key(pf), traits=frozenset({names.MANAGED}))
    return [card] + [_vf_provider(pf, group, len(sets) > 1) for group in sets.values()]


def _vf_provider(pf: PciAddress, group: Sequence[Offer], several: bool) -> Provider:
    traits: frozenset[Trait] | None = group[0].traits if several else None
    return _provider(identity.vf_key(pf, traits), group, parent_key=identity.device_key(pf))


def _provider(
    key: ProviderKey, group: Sequence[Offer], parent_key: ProviderKey | None = None
) -> Provider:
    """A provider that counts the devices of a group."""
    counts = Counter(offer.resource_class for offer in group)
    return Provider(
        key=key,
        parent_key=parent_key,
        inventories={name: Inventory(n, max_unit=n) for name, n in sorted(counts.items())},
        traits=frozenset[Trait]().union(*(offer.traits for offer in group)),
        addresses={offer.device.address: offer.resource_class for offer in group},
        one_time_use=any(offer.one_time_use for offer in group),
    )


def without_classes(tree: ProviderTree, unknown: frozenset[ResourceClass]) -> ProviderTree:
    """Hold the cards with devices of classes that a Placement is too old for.

    A standard class cannot be created there, and without its class a device cannot be offered.

    Source: placement/handlers/resource_class.py, update_resource_class.
    """
    held = {
        card: UNKNOWN_CLASS.format(name)
        for provider in tree.providers
        for name in sorted(unknown & provider.inventories.keys())
        for card in _cards(provider)
    }
    providers = tuple(p for p in tree.providers if held.keys().isdisjoint(_cards(p)))
    return replace(tree, providers=providers, held={**tree.held, **held})


def _cards(provider: Provider) -> Collection[PciAddress]:
    """The card of a provider, or the cards of a pool: those in it are plain or whole."""
    card = identity.card_of_key(provider.key)
    return [card] if card else provider.addresses.keys()


def serving(request: DeviceRequest, tree: ProviderTree) -> list[PciAddress]:
    """The devices of a tree that could serve a request, as Placement would choose them."""
    return [
        address
        for provider in tree.providers
        if request.required <= provider.traits and not request.forbidden & provider.traits
        for address, resource_class in provider.addresses.items()
        if resource_class == request.resource_class
    ]
