"""What a host would get if Placement had nothing of it, or what a file says: nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pci_placement.desired import Desired
from pci_placement.identity import candidates
from pci_placement.model import (
    Consumers,
    ConsumerUuid,
    Inventory,
    ListedProvider,
    ObservedProvider,
    ObservedTree,
    ProviderUuid,
    Root,
)
from pci_placement.names import SLOT, read_resource_class, read_trait
from pci_placement.passes.values import PlannedPass
from pci_placement.plan.planner import make_plan
from pci_placement.settings import Settings

UNKNOWN_ROOT = ProviderUuid("00000000-0000-0000-0000-000000000000")
"""Where no uuid is configured: that of nobody, from which no uuid of a provider may be told."""

Row = Mapping[str, Any]


def plan_offline(settings: Settings, host: Desired, rows: Sequence[Row] = ()) -> PlannedPass:
    """The first pass of a host over a Placement that has its root, and below it these providers.

    rows are those of `provider list -f json`. What earlier passes remembered plays no part.
    """
    observed = observe_offline(settings, host, rows)
    return PlannedPass(host, observed, make_plan(host.tree, observed))


def observe_offline(settings: Settings, host: Desired, rows: Sequence[Row]) -> ObservedTree:
    """What Placement had of a host, by the rows of `provider list -f json`."""
    uuid = rows[0]["root"] if rows else settings.root_provider_uuid or UNKNOWN_ROOT
    root = Root(ProviderUuid(uuid), _root_name(rows) or settings.root_provider_name)
    return _observed(root, host, rows)


def _root_name(rows: Sequence[Row]) -> str:
    """The one name above the providers that is not theirs."""
    names = {row["name"] for row in rows}
    return next((row["parent"] for row in rows if row["parent"] not in names), "")


def _observed(root: Root, host: Desired, rows: Sequence[Row]) -> ObservedTree:
    uuids = {row["name"]: ProviderUuid(row["uuid"]) for row in rows}
    read = [_provider(row, uuids.get(row["parent"], root.uuid)) for row in rows]
    alone = ListedProvider(root.uuid, root.name, None, 0)
    listed = [ListedProvider(p.uuid, p.name, p.parent, p.generation) for p in read]
    ours = candidates(root, listed, host.keys)
    return ObservedTree(root, (alone, *listed), {p.uuid: p for p in read if p.uuid in ours}, ours)


def _provider(row: Row, parent: ProviderUuid) -> ObservedProvider:
    return ObservedProvider(
        ProviderUuid(row["uuid"]),
        row["name"],
        parent,
        row["generation"],
        {read_resource_class(n): Inventory(**fields) for n, fields in row["inventories"].items()},
        frozenset(map(read_trait, row["traits"])),
        consumers=_with_slots(_consumers(row["consumers"]), row.get("used", {}).get(SLOT, 0)),
    )


def _consumers(rows: Sequence[Row]) -> Consumers:
    found: dict[ConsumerUuid, dict[Any, int]] = {}
    for row in rows:
        claimed = found.setdefault(ConsumerUuid(row["uuid"]), {})
        claimed[read_resource_class(row["resource_class"])] = row["amount"]
    return found


def _with_slots(consumers: Consumers, used: int) -> Consumers:
    """The same with the slots of a card, which are no devices and so are not told of consumers.

    Who has it alone has them all; of several each has one a device, as VFs are claimed. Where that
    does not come to what is used, nobody can tell who has which.
    """
    devices = {who: sum(claimed.values()) for who, claimed in consumers.items()}
    slots = dict.fromkeys(devices, used) if len(devices) == 1 else devices
    if not used or sum(slots.values()) != used:
        return consumers
    return {who: {**claimed, SLOT: slots[who]} for who, claimed in consumers.items()}
