"""From "QuickAssist:2" to the query that finds a node with two of them free.

Every device is a numbered group of its own, so that two devices may come from two providers; the
query works at microversion 1.31, which is what zun's scheduler speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pci_placement import names
from pci_placement.errors import RequestError
from pci_placement.model import PciAlias, PciAliasUsage, ResourceClass, Trait

from .exclusive import SLOTS
from .family import Catalogue, catalogue
from .usage import MOST_DEVICES, parse_alternatives, parse_usage

__all__ = [
    "MICROVERSION",
    "MOST_DEVICES",
    "RequestGroup",
    "extra_specs",
    "parse_alternatives",
    "parse_usage",
    "query",
    "single_groups",
    "translate",
]

# Source: zun/scheduler/client/report.py, INTREE_AC_VERSION.
MICROVERSION = "1.31"


@dataclass(frozen=True, slots=True)
class RequestGroup:
    """One numbered group: what to claim of one provider, and which traits it must (not) have."""

    resource_class: ResourceClass
    required: tuple[Trait, ...] = ()
    forbidden: tuple[Trait, ...] = ()
    amount: int = 1
    slots: int = 0

    @property
    def resources(self) -> dict[ResourceClass, int]:
        """What is claimed, class by class."""
        devices = {self.resource_class: self.amount}
        return devices | ({names.SLOT: self.slots} if self.slots else {})

    def times(self, count: int) -> RequestGroup:
        """The group that wants as many of one provider as so many of this one do together."""
        return replace(self, amount=count * self.amount, slots=count * self.slots)


def translate(
    usages: Iterable[PciAliasUsage],
    aliases: Iterable[PciAlias],
    together: bool = False,
    exclusive: bool = False,
) -> tuple[RequestGroup, ...]:
    """Turn a request into groups of one device each.

    With `together` each wish is one group: all its devices from one provider, such as the VFs of
    one PF. `exclusive` is the option pf_vf_exclusive of the cloud. Raises RequestError for unknown
    aliases.
    """
    usages = tuple(usages)
    counted = list(zip(single_groups(usages, aliases, exclusive), usages, strict=True))
    if together:
        return tuple(group.times(usage.count) for group, usage in counted)
    return tuple(group for group, usage in counted for _ in range(usage.count))


def single_groups(
    usages: Iterable[PciAliasUsage], aliases: Iterable[PciAlias], exclusive: bool = False
) -> tuple[RequestGroup, ...]:
    """For each wish the group that asks for one such device.

    Raises RequestError for unknown aliases.
    """
    known = catalogue(aliases)
    return tuple(_group(usage, known, exclusive) for usage in usages)


def _group(usage: PciAliasUsage, known: Catalogue, exclusive: bool) -> RequestGroup:
    if usage.pci_alias_name not in known:
        have = ", ".join(sorted(known)) or "none is configured"
        raise RequestError(f"unknown alias {usage.pci_alias_name!r}; known: {have}")
    wanted = known[usage.pci_alias_name]
    network = usage.physical_network
    required = wanted.required | ({names.physnet_trait(network)} if network else set())
    slots = SLOTS if wanted.whole_card else 1
    return RequestGroup(
        resource_class=wanted.resource_class,
        required=tuple(sorted(required)),
        forbidden=tuple(sorted(wanted.forbidden)),
        slots=slots if exclusive else 0,
    )


def query(groups: Sequence[RequestGroup]) -> str:
    """The groups as the query string of GET /allocation_candidates.

    Source: placement/rest_api_version_history.rst, 1.25.
    """
    parts = []
    for number, group in enumerate(groups, 1):
        resources = ",".join(f"{name}:{amount}" for name, amount in group.resources.items())
        parts.append(f"resources{number}={resources}")
        traits = [*group.required, *(f"!{trait}" for trait in group.forbidden)]
        if traits:
            parts.append(f"required{number}={','.join(traits)}")
    return "&".join(parts + (["group_policy=none"] if len(groups) > 1 else []))


def extra_specs(groups: Sequence[RequestGroup], first: int = 1) -> Mapping[str, str]:
    """The groups as extra specs, as nova's and zun's parsers read them, numbered from `first` on.

    Source: nova/scheduler/utils.py and zun/scheduler/utils.py, ResourceRequest.
    """
    specs: dict[str, str] = {}
    for number, group in enumerate(groups, first):
        specs |= {f"resources{number}:{name}": str(n) for name, n in group.resources.items()}
        specs |= {f"trait{number}:{trait}": "required" for trait in group.required}
        specs |= {f"trait{number}:{trait}": "forbidden" for trait in group.forbidden}
    return specs | ({"group_policy": "none"} if len(groups) > 1 else {})
