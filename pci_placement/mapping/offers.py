"""What Placement is to know of each offered device: its resource class and its traits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pci_placement import names
from pci_placement.model import DevType, Match, PciAddress, PciDevice, ResourceClass, Trait

from .family import Catalogue, DeviceRequest

# Source: nova/compute/pci_placement_translator.py, PciResourceProvider.add_child.
VF_ONCE = "one_time_use is for plain devices and whole PFs, not for VFs: take it off the entry"
DISAGREE = (
    "its aliases {} want different resource classes, {}: write one of them as resource_class into "
    "its entry"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offered device as Placement is to know it; the traits include our marker."""

    device: PciDevice
    resource_class: ResourceClass
    traits: frozenset[Trait]
    one_time_use: bool = False


def make_offers(
    matches: Iterable[Match], catalogue: Catalogue
) -> tuple[list[Offer], dict[PciAddress, str]]:
    """Work out class and traits; cards of which that cannot be done are held, with the reason."""
    matches = list(matches)
    unfit = {m.device.card_addr: why for m in matches if (why := _unfit(m, catalogue))}
    return [_offer(m, catalogue) for m in matches if m.device.card_addr not in unfit], unfit


def _offer(match: Match, catalogue: Catalogue) -> Offer:
    return Offer(
        device=match.device,
        resource_class=_resource_class(match, catalogue),
        traits=_traits(match, catalogue),
        one_time_use=match.entry.tags.one_time_use,
    )


def _unfit(match: Match, catalogue: Catalogue) -> str:
    """Why what is said of a device cannot be carried out."""
    if match.entry.tags.one_time_use and match.device.dev_type is DevType.VF:
        return VF_ONCE
    own = sorted({r.resource_class for r in _asked(match, catalogue) if not r.in_family})
    if len(own) > 1 and not match.entry.tags.resource_class:
        return DISAGREE.format(", ".join(match.aliases), " and ".join(own))
    return ""


def _asked(match: Match, catalogue: Catalogue) -> list[DeviceRequest]:
    return [catalogue[name] for name in match.aliases]


def _resource_class(match: Match, catalogue: Catalogue) -> ResourceClass:
    """The class of a device: its entry's, else that of its aliases, else one made of its ids."""
    if match.entry.tags.resource_class:
        return match.entry.tags.resource_class
    # an alias that names a class itself comes before the family, which only has a default
    asked = sorted(_asked(match, catalogue), key=lambda request: request.in_family)
    if asked:
        return asked[0].resource_class
    return names.id_resource_class(match.device.vendor_id, match.device.product_id)


def _traits(match: Match, catalogue: Catalogue) -> frozenset[Trait]:
    """What is true of a device and can be asked for."""
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
    return frozenset(traits.union(*(r.telling for r in _asked(match, catalogue))))
