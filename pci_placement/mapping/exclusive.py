"""PF or VFs, atomically: a shared resource that makes Placement itself refuse the second kind.

Every provider with devices has slots. A whole PF takes all slots of a card and a VF takes one, so
that a claim of the one kind leaves too few for the other, even for a scheduler with a stale view.

Source: placement/objects/allocation.py, _check_capacity_exceeded.
"""

from __future__ import annotations

from collections.abc import Iterable

from pci_placement import names
from pci_placement.model import DevType, PciAddress, ResourceClass, Trait

from .family import Catalogue
from .offers import Offer

SLOTS = 65536
"""The slots of a card: one more than the VFs that SR-IOV allows it.

Source: Linux, drivers/pci/pci.h, struct pci_sriov.
"""

TRAITS_DIFFER = (
    "pf_vf_exclusive puts the whole card and its VFs on one provider, and their traits differ: {}"
)
ASKED_AS_PART = (
    "pf_vf_exclusive has to know who asks for the whole card, and alias {} asks for its class, {}: "
    'write "device_type": "type-PF" into the alias'
)
SAME_CLASS = (
    "pf_vf_exclusive needs different resource classes for the whole card and its VFs, not {}"
)


def cards_with_both(offers: Iterable[Offer]) -> dict[PciAddress, tuple[Offer, list[Offer]]]:
    """The PFs that are offered beside VFs of theirs."""
    offers = list(offers)
    pfs = {o.device.address: o for o in offers if o.device.dev_type is DevType.PF}
    both: dict[PciAddress, tuple[Offer, list[Offer]]] = {}
    for offer in offers:
        pf = pfs.get(offer.device.card_addr)
        if pf and offer.device.dev_type is DevType.VF:
            both.setdefault(offer.device.card_addr, (pf, []))[1].append(offer)
    return both


def cannot_share(offers: Iterable[Offer], catalogue: Catalogue) -> dict[PciAddress, str]:
    """The cards whose PF and VFs cannot be on one provider, and why."""
    found: dict[PciAddress, str] = {}
    for card, (pf, vfs) in cards_with_both(offers).items():
        parts = sorted(_asking_for_a_part(pf.resource_class, catalogue))
        classes = {vf.resource_class for vf in vfs} & {pf.resource_class}
        differing = {t for vf in vfs for t in (_said(vf) ^ _said(pf)) | (vf.traits ^ vfs[0].traits)}
        if classes:
            found[card] = SAME_CLASS.format(pf.resource_class)
        elif differing:
            found[card] = TRAITS_DIFFER.format(" ".join(sorted(differing)))
        elif parts:
            found[card] = ASKED_AS_PART.format(", ".join(parts), pf.resource_class)
    return found


def _asking_for_a_part(resource_class: ResourceClass, catalogue: Catalogue) -> Iterable[str]:
    """The aliases that ask for a class and take only the one slot of a VF for it."""
    return (
        name
        for name, request in catalogue.items()
        if request.resource_class == resource_class and not request.whole_card
    )


def _said(offer: Offer) -> frozenset[Trait]:
    """The traits that must hold for all of a provider; kinds of device are told by class."""
    return frozenset(t for t in offer.traits if not names.tells_kind(t))
