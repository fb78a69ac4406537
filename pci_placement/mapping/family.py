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
    asked = {
        name: (own, frozenset[Trait]()) for name, g in groups.items() if (own := _own_class(g))
    }
    for family in _families(plain):
        asked |= _asked(family)
    return {name: _request(group, asked[name]) for name, group in groups.items()}


def _own_class(group: list[PciAlias]) -> ResourceClass | None:
    return next((alias.resource_class for alias in group if alias.resource_class), None)


def _atoms(group: Iterable[PciAlias]) -> frozenset[Atom]:
    return frozenset(
        (alias.vendor_id or "", alias.product_id or "", dev_type)
        for alias in group
        for dev_type in alias.device_types
    )


def _families(atoms: Family) -> Iterable[Family]:
    """Join the names whose atoms meet, directly or through others."""
    owner: dict[Atom, str] = {}
    above = {name: name for name in atoms}
    for name, own in atoms.items():
        for atom in own:
            above[_top(above, owner.setdefault(atom, name))] = _top(above, name)
    families: dict[str, dict[str, frozenset[Atom]]] = {}
    for name, own in atoms.items():
        families.setdefault(_top(above, name), {})[name] = own
    return families.values()


def _top(above: dict[str, str], name: str) -> str:
    """Who stands for all that were joined with a name so far; the way there gets shorter."""
    while above[name] != name:
        above[name] = name = above[above[name]]
    return name


_Asked = tuple[ResourceClass, frozenset[Trait]]


def _asked(family: Family) -> dict[str, _Asked]:
    """The class that all of a family ask for, and what tells each from the others."""
    name_class = _family_class(family)
    first: dict[frozenset[Atom], str] = {}
    for name in sorted(family):
        first.setdefault(family[name], name)
    alike = len(first) == 1
    return {
        name: (name_class, frozenset() if alike else frozenset({names.alias_trait(first[atoms])}))
        for name, atoms in family.items()
    }


def _request(group: list[PciAlias], asked: _Asked) -> DeviceRequest:
    live = {alias.live_migratable for alias in group}
    resource_class, telling = asked
    return DeviceRequest(
        resource_class=resource_class,
        telling=telling,
        # one query cannot ask for different things of different alternatives: it asks for all
        required=telling.union(*(alias.traits for alias in group), _live(True in live)),
        forbidden=_live(False in live),
        in_family=not _own_class(group),
        whole_card=group[0].device_type is DevType.PF,
    )


def _live(wanted: bool) -> frozenset[Trait]:
    return frozenset({names.LIVE_MIGRATABLE}) if wanted else frozenset()


def _family_class(family: Family) -> ResourceClass:
    """The alias with most atoms names the class; among equals the first by name."""
    widest = min(family, key=lambda name: (-len(family[name]), name))
    return names.alias_resource_class(widest)
