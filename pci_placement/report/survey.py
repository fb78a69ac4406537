"""Asking a whole cloud: three requests, and more where nodes are full or devices reserved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pci_placement import names
from pci_placement.model import ListedProvider, ProviderUuid
from pci_placement.placement import Client
from pci_placement.placement.census import Census
from pci_placement.placement.summaries import Summary

from .nouns import Found

_OF_NODES = names.read_resource_class("VCPU")
"""Asked for first: most nodes have it and some of it free, and then all of their tree is told."""

_Lines = Mapping[ProviderUuid, ListedProvider]
_Summaries = Mapping[ProviderUuid, Summary]
_All = dict[ProviderUuid, Found]


def survey(client: Client, most_read: int) -> list[Found]:
    """Say of every provider that carries our mark what Placement tells of it.

    Sends 3 requests (1 where there is none of ours). Where Placement says nothing of more providers
    than may be read: 1 more for the names of all classes, and 1 for each of these until it has. At
    most 3 × most_read for those of which then not all is known. (And 1 before the first, where no
    microversion is agreed.)
    """
    census = Census(client)
    marked = census.marked()
    if not marked:
        return []
    everybody = census.everybody()
    ours = {uuid: everybody[uuid] for uuid in sorted(marked & everybody.keys())}
    told = _told(census, ours, most_read)
    found = {uuid: _found(everybody, line, told.get(uuid)) for uuid, line in ours.items()}
    for uuid in _worth_reading(ours, found)[:most_read]:
        found[uuid] = _read(census, uuid, found[uuid])
    return list(found.values())


def _told(census: Census, ours: _Lines, most_read: int) -> _Summaries:
    """What can be said of many at once."""
    told = census.trees_with(_OF_NODES)
    classes = iter([] if _are_few(ours.keys() - told.keys(), most_read) else census.classes())
    for name in classes:
        told |= census.trees_with(name, names.MANAGED)
        if _are_few(ours.keys() - told.keys(), most_read):
            break
    return told


def _are_few(missing: set[ProviderUuid], most_read: int) -> bool:
    return len(missing) <= most_read


def _found(everybody: _Lines, line: ListedProvider, told: Summary | None) -> Found:
    return Found(_root_of(everybody, line).name, line.name, told)


def _root_of(everybody: _Lines, line: ListedProvider) -> ListedProvider:
    """The compute node, or the last that is known above a provider while trees change."""
    while line.parent and line.parent in everybody:
        line = everybody[line.parent]
    return line


def _worth_reading(ours: _Lines, found: _All) -> list[ProviderUuid]:
    """Those of which not all is known: first what Placement said least of.

    What stands above others of ours has nothing of its own as a rule, and comes after these.
    """
    above = {line.parent for line in ours.values()}
    unknown = [uuid for uuid, each in found.items() if not each.is_certain]
    return sorted(unknown, key=lambda uuid: (_is_told(found[uuid]), uuid in above, uuid))


def _is_told(found: Found) -> int:
    """Nothing at all, that nothing is to be had, or how much is."""
    if found.summary is None:
        return 0
    return 2 if all(found.summary.capacity.values()) else 1


def _read(census: Census, uuid: ProviderUuid, found: Found) -> Found:
    if found.summary:
        return replace(found, inventories=census.inventories(uuid))
    summary, inventories = census.read(uuid)
    return replace(found, summary=summary, inventories=inventories)
