"""From matches to the provider tree that this host wants in Placement.

A plain device and a whole PF are a provider each. A PF whose VFs are offered is a provider
without inventory, and its VFs are one provider below it; VFs that differ in traits get one
provider for each set, because traits belong to a provider.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pci_placement import names
from pci_placement.model import (
    DevType,
    Inventory,
    Match,
    Matching,
    PciAddress,
    Provider,
    ProviderTree,
    ResourceClass,
    Snapshot,
    Trait,
)

from .family import Catalogue, DeviceRequest


def build_tree(matching: Matching, catalogue: Catalogue, snapshot: Snapshot) -> ProviderTree:
    """Build the desired tree; cards that are held or unreadable are not in it."""
    held = {**snapshot.unsure, **matching.held}
    matches = [m for m in matching.matches if m.device.card_addr not in held]
    classes = {m.device.address: resource_class(m, catalogue) for m in matches}
    whole = [m for m in matches if m.device.dev_type is not DevType.VF]
    providers = [_single(m, classes, catalogue) for m in whole]
    for pf, vfs in _by_pf(matches).items():
        providers += _card(pf, vfs, classes, catalogue)
    return ProviderTree(tuple(providers), held)


def resource_class(match: Match, catalogue: Catalogue) -> ResourceClass:
    """The class of a device: its entry's, else that of its aliases, else one made of its ids."""
    if match.entry.tags.resource_class:
        return match.entry.tags.resource_class
    # an alias that names a class itself comes before the family, which only has a default
    asked = sorted((catalogue[name] for name in match.aliases), key=lambda r: r.in_family)
    if asked:
        return asked[0].resource_class
    return names.id_resource_class(match.device.vendor_id, match.device.product_id)


def traits_of(match: Match, catalogue: Catalogue) -> frozenset[Trait]:
    """What is true of a device and can be asked for, our marker included."""
    device, tags = match.device, match.entry.tags
    wanted = {
        names.MANAGED: True,
        names.NIC_SRIOV: device.dev_type is DevType.VF and device.is_network,
        names.NIC_SRIOV_TRUSTED: tags.trusted,
        names.LIVE_MIGRATABLE: bool(tags.live_migratable),
        names.ONE_TIME_USE: tags.one_time_use,
        names.id_trait(device.vendor_id, device.product_id): True,
    }
    traits = {trait for trait, holds in wanted.items() if holds} | tags.traits
    if tags.physical_network:
        traits.add(names.physnet_trait(tags.physical_network))
    if device.numa_node is not None:
        traits.add(names.numa_trait(device.numa_node))
    return frozenset(traits.union(*(catalogue[name].telling for name in match.aliases)))


Classes = Mapping[PciAddress, ResourceClass]


def _single(match: Match, classes: Classes, catalogue: Catalogue) -> Provider:
    address = match.device.address
    return Provider(
        key=str(address),
        inventories={classes[address]: Inventory(total=1)},
        traits=traits_of(match, catalogue),
        addresses={address: classes[address]},
    )


def _by_pf(matches: Iterable[Match]) -> dict[PciAddress, list[Match]]:
    groups: dict[PciAddress, list[Match]] = {}
    for match in matches:
        if match.device.dev_type is DevType.VF:
            groups.setdefault(match.device.card_addr, []).append(match)
    return groups


def _card(
    pf: PciAddress, vfs: Sequence[Match], classes: Classes, catalogue: Catalogue
) -> list[Provider]:
    sets: dict[frozenset[Trait], list[Match]] = {}
    for match in vfs:
        sets.setdefault(traits_of(match, catalogue), []).append(match)
    card = Provider(key=str(pf), traits=frozenset({names.MANAGED}))
    return [card] + [
        _vf_provider(pf, traits, group, classes, several=len(sets) > 1)
        for traits, group in sets.items()
    ]


def _vf_provider(
    pf: PciAddress,
    traits: frozenset[Trait],
    group: Sequence[Match],
    classes: Classes,
    several: bool,
) -> Provider:
    addresses = {match.device.address: classes[match.device.address] for match in group}
    counts = {c: list(addresses.values()).count(c) for c in sorted(set(addresses.values()))}
    return Provider(
        key=names.vf_key(pf, traits if several else None),
        parent_key=str(pf),
        inventories={c: Inventory(total=n, max_unit=n) for c, n in counts.items()},
        traits=traits,
        addresses=addresses,
    )


def serving(request: DeviceRequest, tree: ProviderTree) -> list[PciAddress]:
    """The devices of a tree that could serve a request, as Placement would choose them."""
    return [
        address
        for provider in tree.providers
        if request.required <= provider.traits and not request.forbidden & provider.traits
        for address, resource_class in provider.addresses.items()
        if resource_class == request.resource_class
    ]
