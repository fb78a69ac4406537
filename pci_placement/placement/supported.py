"""What a Placement is too old to know of the standard classes and traits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pci_placement.mapping.tree import without_classes
from pci_placement.model import ObservedTree, Problem, ProviderTree, Severity, Trait
from pci_placement.names import NIC_SRIOV, NIC_SRIOV_TRUSTED, is_standard

if TYPE_CHECKING:
    from . import Client


OLD_TRAITS = frozenset({NIC_SRIOV, NIC_SRIOV_TRUSTED})
"""Every Placement that we talk to knows them.

Source: os_traits/hw/nic/sriov.py, since os-traits 0.1; Placement of Stein asked for 0.4.
"""


def supported(
    client: Client, tree: ProviderTree, observed: ObservedTree
) -> tuple[ProviderTree, tuple[Problem, ...]]:
    """Leave out what this Placement is too old for: standard traits, cards of such a class."""
    classes = {n for p in tree.providers for n in p.inventories if is_standard(n)}
    classes -= {n for p in observed.providers.values() for n in p.inventories}
    if classes:
        tree = without_classes(tree, client.unknown_classes(classes))
    wanted = {t for p in tree.providers for t in p.traits if is_standard(t) and t not in OLD_TRAITS}
    seen = {t for p in observed.providers.values() for t in p.traits}
    unknown = client.unknown_traits(wanted - seen) if wanted - seen else frozenset()
    providers = tuple(replace(p, traits=p.traits - unknown) for p in tree.providers)
    return replace(tree, providers=providers), tuple(map(_too_old, sorted(unknown)))


def _too_old(trait: Trait) -> Problem:
    return Problem(
        f"this Placement does not know the trait {trait}",
        "it is left out; upgrade Placement's os-traits to have it",
        severity=Severity.WARNING,
    )
