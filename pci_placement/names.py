"""Names that Placement accepts, and the identity of our providers.

Every function raises ValueError with a sentence for the operator where no name can be made.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable

import os_resource_classes
import os_traits

from .model import ResourceClass, Trait

# Source: placement/schemas/resource_class.py; placement/schemas/trait.py.
_MAX_NAME = 255

_REMEMBERED = 8192
"""Of how many sets of traits is remembered what every stage of a pass asks, again and again."""


@functools.cache
def _standard_traits() -> frozenset[str]:
    return frozenset(os_traits.get_traits())


@functools.cache
def _standard_classes() -> frozenset[str]:
    return frozenset(os_resource_classes.STANDARDS)


def _has_content(text: str) -> bool:
    return re.search(r"[0-9A-Za-z]", text, re.ASCII) is not None


def _checked(name: str, text: str) -> str:
    if not _has_content(text):
        raise ValueError(f"{text!r} has no letter or digit to make a name from")
    if len(name) > _MAX_NAME:
        raise ValueError(
            f"{name[:40]}… is {len(name)} characters long; Placement takes {_MAX_NAME}"
        )
    return name


def _custom(text: str, normalize: Callable[[str], str]) -> str:
    """Make a custom name; one that Placement takes as it is keeps its spelling, as in nova."""
    bare = re.sub(r"\ACUSTOM_", "", text, flags=re.ASCII | re.IGNORECASE)
    kept = bare != text and re.fullmatch("[0-9A-Z_]+", bare, re.ASCII | re.IGNORECASE)
    return _checked(f"CUSTOM_{bare.upper()}" if kept else normalize(bare), bare)


def resource_class(text: str) -> ResourceClass:
    """Normalise an operator's resource class: standard ones in any case, others as CUSTOM_…"""
    text = text.strip()
    if text.isascii() and text.upper() in _standard_classes():
        return ResourceClass(text.upper())
    made = ResourceClass(_custom(text, os_resource_classes.normalize_name))
    if made == SLOT:
        raise ValueError(f"{made} is what pf_vf_exclusive counts with; choose another class")
    return made


def trait(text: str) -> Trait:
    """Normalise an operator's trait: standard ones in any case, others as CUSTOM_…"""
    text = text.strip()
    if text.isascii() and text.upper() in _standard_traits():
        return Trait(text.upper())
    return Trait(_custom(text, os_traits.normalize_name))


def entry_trait(text: str) -> Trait:
    """Normalise a trait that an entry gives; those that services go by are not for operators.

    nova deletes providers with COMPUTE_MANAGED_PCI_DEVICE that it does not know.

    Source: nova/compute/pci_placement_translator.py, PlacementView; os_traits/owner/__init__.py.
    """
    made = trait(text)
    if made in _MARKS or made.startswith(("OWNER_", _RESERVED)):
        raise ValueError(f"{made} tells services whose a provider is; it cannot be given here")
    return made


def is_standard(name: Trait | ResourceClass) -> bool:
    """Whether a name is one that only an upgrade of Placement can bring."""
    return not name.startswith("CUSTOM_")


def is_of_our_making(name: Trait | ResourceClass) -> bool:
    """Whether a name is one that only this program makes up, and no operator or other service."""
    return name.startswith("CUSTOM_PCI_")


def read_resource_class(name: str) -> ResourceClass:
    """Take a name that Placement itself sent."""
    return ResourceClass(name)


def read_trait(name: str) -> Trait:
    """Take a name that Placement itself sent."""
    return Trait(name)


def alias_resource_class(alias: str) -> ResourceClass:
    """The class that an alias names: QuickAssist is CUSTOM_PCI_QUICKASSIST."""
    return ResourceClass(_checked(os_resource_classes.normalize_name(f"PCI_{alias}"), alias))


def alias_trait(alias: str) -> Trait:
    """The trait that tells the members of one alias of a family from the others."""
    return Trait(_checked(os_traits.normalize_name(f"PCI_ALIAS_{alias}"), alias))


def id_resource_class(vendor_id: str, product_id: str) -> ResourceClass:
    """nova's default class for a device that no alias names.

    Source: nova/compute/pci_placement_translator.py, get_resource_class.
    """
    return ResourceClass(f"CUSTOM_PCI_{vendor_id.upper()}_{product_id.upper()}")


def id_trait(vendor_id: str, product_id: str) -> Trait:
    """The trait that says which hardware it is, whatever the class is called."""
    return Trait(f"CUSTOM_PCI_ID_{vendor_id.upper()}_{product_id.upper()}")


def ids_among(traits: frozenset[Trait]) -> frozenset[Trait]:
    """Those of the traits that say which hardware a provider counts."""
    return _ids_among(traits)


@functools.lru_cache(_REMEMBERED)
def _ids_among(traits: frozenset[Trait]) -> frozenset[Trait]:
    return frozenset(name for name in traits if name.startswith("CUSTOM_PCI_ID_"))


def numa_trait(node: int) -> Trait:
    """The trait that says which NUMA node a device hangs on."""
    return Trait(f"CUSTOM_PCI_NUMA_{node}")


def physnet_trait(physical_network: str) -> Trait:
    """neutron's trait for a physical network.

    Source: neutron_lib/placement/utils.py, physnet_trait.
    """
    name = os_traits.normalize_name(f"PHYSNET_{physical_network}")
    return Trait(_checked(name, physical_network))


MANAGED = Trait("CUSTOM_PCI_PLACEMENT_MANAGED")
"""On every provider that we create, and the first condition for touching one."""

SLOT = ResourceClass("CUSTOM_PCI_SLOT")
"""The class that makes a PF and its VFs exclude each other; no alias may be called slot."""

COMPUTE_NODE = Trait(os_traits.COMPUTE_NODE)
"""nova marks the root of each of its compute nodes with it.

Source: nova/compute/resource_tracker.py, _get_traits.
"""

OWNER_NOVA = Trait(os_traits.OWNER_NOVA)
"""nova says by it that a provider is its own, and asks for it in its queries.

Source: nova/scheduler/request_filter.py, owner_nova_filter.
"""

DRAINING = Trait("CUSTOM_PCI_DRAINING")
"""We, not the operator, set reserved = total on this provider."""

DRAINED = Trait("CUSTOM_PCI_DRAINED")
"""An operator took this provider's devices out of service, until they say otherwise."""

_RESERVED = "CUSTOM_PCI_RESERVED_"


def reserved_trait(number: int, resource_class: ResourceClass) -> Trait:
    """The trait that says how many of a class an operator had reserved before we drained it.

    A class with a name that is too long for that is told by a digest.
    """
    made = f"{_RESERVED}{number}_OF_{resource_class}"
    if len(made) > _MAX_NAME:
        digest = hashlib.sha256(resource_class.encode()).hexdigest()[:32].upper()
        made = f"{_RESERVED}{number}_OF_{digest}"
    return Trait(made)


def tells_nothing_reserved(traits: frozenset[Trait], resource_class: ResourceClass) -> bool:
    """Whether the traits of a provider say that nothing of a class was reserved."""
    return reserved_trait(0, resource_class) in traits


def is_reserved_trait(name: Trait) -> bool:
    """Whether a trait says how many of a class were reserved."""
    return name.startswith(_RESERVED)


def reserved_of(traits: frozenset[Trait], resource_class: ResourceClass) -> int:
    """How many of a class the traits of a provider say were reserved by an operator."""
    told = (name.removeprefix(_RESERVED).partition("_")[0] for name in _reserved_among(traits))
    numbers = (int(number) for number in told if re.fullmatch("[0-9]{1,10}", number))
    return max((n for n in numbers if reserved_trait(n, resource_class) in traits), default=0)


def _reserved_among(traits: frozenset[Trait]) -> list[Trait]:
    return [name for name in traits if is_reserved_trait(name)]


_MARKS = frozenset({MANAGED, DRAINING, DRAINED, Trait(os_traits.COMPUTE_MANAGED_PCI_DEVICE)})

NIC_SRIOV = Trait(os_traits.HW_NIC_SRIOV)
"""On VFs of NICs; os-traits means a NIC that can have some (doc/model.md tells why).

Source: os_traits/hw/nic/__init__.py.
"""

# Source: os_traits/hw/nic/sriov.py; os_traits/hw/pci/__init__.py.
NIC_SRIOV_TRUSTED = Trait(os_traits.HW_NIC_SRIOV_TRUSTED)
LIVE_MIGRATABLE = Trait(os_traits.HW_PCI_LIVE_MIGRATABLE)
ONE_TIME_USE = Trait(os_traits.HW_PCI_ONE_TIME_USE)

_OUR_STANDARD_TRAITS = frozenset({NIC_SRIOV, NIC_SRIOV_TRUSTED, LIVE_MIGRATABLE, ONE_TIME_USE})


def tells_kind(name: Trait) -> bool:
    """Whether a trait says what kind of device it is, which differs between a PF and its VFs."""
    return name.startswith(("CUSTOM_PCI_ID_", "CUSTOM_PCI_ALIAS_")) or name == NIC_SRIOV


def is_our_trait(name: Trait) -> bool:
    """Whether we alone decide if our providers carry this trait."""
    return name.startswith(("CUSTOM_PCI_", "CUSTOM_PHYSNET_")) or name in _OUR_STANDARD_TRAITS
