"""From aliases to what a scheduler asks for.

An alias is a set of atoms (vendor, product, device type). Aliases whose sets meet form a family
with one resource class, because a device has one class only; traits tell its members apart. The
result depends on the aliases alone and not on their order, so that a scheduler's host, which has
no devices, comes to the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pci_placement import names
from pci_placement.model import DevType, PciAlias, ResourceClass, Trait

from .alias import by_name

Atom = tuple[str, str, DevType]
Family = Mapping[str, frozenset[Atom]]


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """What one device of an alias means to Placement.

    in_family is False for an alias with a class of its own; whole_card is True for PFs.
    """

    resource_class: ResourceClass
    telling: frozenset[Trait] = frozenset()
    required: frozenset[Trait] = frozenset()
    forbidden: frozenset[Trait] = frozenset()
    in_family: bool = True
    whole_card: bool = False


Catalogue = Mapping[str, DeviceRequest]
"""What each alias name asks for; `telling` is also what its devices must carry."""


def catalogue(aliases: Iterable[PciAlias]) -> Catalogue:
    """Work out the request of every alias name."""
    groups = by_name(aliases)
    plain = {name: _atoms(group) for name, group in groups.items() if not _own_class(group)}
    family_of = {name: family for family in _families(plain) for name in family}
    return {name: _request(name, group, family_of) for name, group in groups.items()}


def _own_class(group: list[PciAlias]) -> ResourceClass | None:
    return next((alias.resource_class for alias in group if alias.resource_class), None)


def _atoms(group: Iterable[PciAlias]) -> frozenset[Atom]:
    return frozenset(
        (alias.vendor_id or "", alias.product_id or "", dev_type)
        for alias in group
        for dev_type in alias.device_types
    )


def _families(atoms: Family) -> list[Family]:
    """Join the names whose atoms meet, directly or through others."""
    families: list[dict[str, frozenset[Atom]]] = []
    for name, own in atoms.items():
        meeting = [f for f in families if any(own & other for other in f.values())]
        union = {name: own} | {n: a for family in meeting for n, a in family.items()}
        families = [family for family in families if family not in meeting] + [union]
    return list(families)


def _request(name: str, group: list[PciAlias], family_of: Mapping[str, Family]) -> DeviceRequest:
    own_class = _own_class(group)
    live = {alias.live_migratable for alias in group}
    telling = frozenset[Trait]() if own_class else _telling(name, family_of[name])
    return DeviceRequest(
        resource_class=own_class or _family_class(family_of[name]),
        telling=telling,
        # one query cannot ask for different things of different alternatives: it asks for all
        required=telling.union(*(alias.traits for alias in group), _live(True in live)),
        forbidden=_live(False in live),
        in_family=own_class is None,
        whole_card=group[0].device_type is DevType.PF,
    )


def _live(wanted: bool) -> frozenset[Trait]:
    return frozenset({names.LIVE_MIGRATABLE}) if wanted else frozenset()


def _family_class(family: Family) -> ResourceClass:
    """The alias with most atoms names the class; among equals the first by name."""
    widest = min(family, key=lambda name: (-len(family[name]), name))
    return names.alias_resource_class(widest)


def _telling(name: str, family: Family) -> frozenset[Trait]:
    """What tells an alias from the others of its family; nothing where all sets are equal."""
    if len(set(family.values())) == 1:
        return frozenset()
    first = min(other for other, atoms in family.items() if atoms == family[name])
    return frozenset({names.alias_trait(first)})
