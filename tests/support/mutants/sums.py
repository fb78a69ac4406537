"""What rows of Placement come to: what is free of them, who has what, and which devices meet."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pci_placement import identity
from pci_placement.model import PciAddress, Provider

from ..database import Row
from ..memory import State
from ..placements import ROOT
from .recorded import Recorded

SLOT, SLOTS = "CUSTOM_PCI_SLOT", 65536

Place = tuple[str, str]
"""A class of a provider, by uuid."""


def by_uuid(providers) -> dict[str, Provider]:
    return {identity.provider_uuid(ROOT.uuid, p.key): p for p in providers}


def name_of(want: Provider) -> str:
    return identity.provider_name(ROOT.name, want.key)


def parent_of(want: Provider) -> str:
    above = want.parent_key
    return identity.provider_uuid(ROOT.uuid, above) if above else ROOT.uuid


def is_bare(row: Row) -> bool:
    return not (row.traits or row.stocks or row.aggregates)


def without_claims(row: Row) -> Row:
    return replace(row, generation=0, claims={})


def devices_of(row: Row) -> list[str]:
    return [name for name in row.stocks if name != SLOT]


def free(row: Row, name: str, want: Provider | None) -> int:
    """How many of a class can be claimed; a whole card takes all slots of it, a VF one."""
    if SLOT not in row.stocks:
        return row.free(name)
    whole = want and want.addresses.get(identity.card_of_key(want.key)) == name
    return min(row.free(name), row.free(SLOT) // (SLOTS if whole else 1))


def capacity(row: Row, name: str) -> int:
    stock = row.stocks[name]
    return int((stock.total - stock.reserved) * stock.allocation_ratio)


def held(state: State) -> Mapping[str, dict[Place, int]]:
    found: dict[str, dict[Place, int]] = {}
    for uuid, row in state.providers.items():
        for who, claimed in row.claims.items():
            for name, amount in claimed.items():
                if name != SLOT:
                    found.setdefault(who, {})[uuid, name] = amount
    return found


def counted_before(recorded: Recorded) -> dict[Place, set[PciAddress]]:
    """Which devices each inventory counted before this pass: those of the last tree that had it."""
    found: dict[Place, set[PciAddress]] = {}
    for tree in recorded.trees[:-1]:
        for uuid, provider in by_uuid(tree.providers).items():
            mine: dict[Place, set[PciAddress]] = {}
            for address, name in provider.addresses.items():
                mine.setdefault((uuid, name), set()).add(address)
            found |= mine
    return found


def overlapping(
    recorded: Recorded,
) -> Iterator[tuple[set[str], set[PciAddress]]]:
    """The providers that count the same devices at one time or another, and those devices."""
    groups: list[tuple[set[str], set[PciAddress]]] = []
    for tree in recorded.trees:
        for uuid, provider in by_uuid(tree.providers).items():
            own = set(provider.addresses)
            meeting = [g for g in groups if uuid in g[0] or g[1] & own]
            uuids = {uuid}.union(*(g[0] for g in meeting))
            groups = [g for g in groups if g not in meeting]
            groups.append((uuids, own.union(*(g[1] for g in meeting))))
    return iter(groups)


def excess(
    state: State, uuids: set[str], addresses: set[PciAddress], ever: Mapping[str, Provider]
) -> int:
    """How many devices more can be claimed than there are beside those in use.

    A whole PF is none while VFs of it can be claimed or are in use.
    """
    rows = {uuid: state.providers[uuid] for uuid in uuids if uuid in state.providers}
    left = {u: sum(free(row, n, ever[u]) for n in devices_of(row)) for u, row in rows.items()}
    used = {uuid: sum(map(row.used, devices_of(row))) for uuid, row in rows.items()}
    busy = {uuid for uuid in rows if ":vf" in ever[uuid].key and (left[uuid] or used[uuid])}
    split = {identity.card_of_key(ever[uuid].key) for uuid in busy}
    room = len(addresses - split) - sum(used.values())
    return sum(left.values()) - max(0, room)
