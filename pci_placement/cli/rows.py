"""From values to the rows of the contract; keys are the columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pci_placement import identity
from pci_placement.desired import Desired
from pci_placement.mapping.alias import alias_names
from pci_placement.mapping.family import DeviceRequest
from pci_placement.mapping.users import User
from pci_placement.model import (
    Inventories,
    LastPass,
    Match,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    PciAlias,
    PciDevice,
    Provider,
    ProviderKey,
    ProviderUuid,
    Source,
    State,
)
from pci_placement.plan.reservations import state_of

from .columns import InventoriesCell, KindsCell, ListCell, MappingCell, UsersCell

if TYPE_CHECKING:
    from pci_placement.placement import Candidate

Row = dict[str, Any]

DEVICE = (
    "address vendor_id product_id class_code dev_type parent_addr numa_node driver devname "
    "physical_network alias resource_class provider state reason"
).split()
DEVICE_BRIEF = "address dev_type devname alias resource_class state reason".split()
DEVICE_NARROW = "address devname alias state reason".split()
PROVIDER_BRIEF = "name inventories traits".split()
OBSERVED_BRIEF = "name inventories consumers state".split()
PROVIDER = "uuid name parent inventories traits addresses".split()
OBSERVED_PROVIDER = [*PROVIDER, "generation", "used", "state", "consumers", "root"]
SHOWN_DEVICE = [*DEVICE, "consumers", "hint"]
ALIAS = "name resource_class traits matches devices problem".split()
FINDING = "wish relaxed free meaning".split()
CANDIDATE_BRIEF = "node providers".split()
CANDIDATE = [*"root provider_uuids resources number wishes".split(), *CANDIDATE_BRIEF]


def device_rows(host: Desired, root_name: str, aliases: tuple[PciAlias, ...]) -> Iterator[Row]:
    """Every device of the host, readable or not, in address order."""
    placed = {
        address: (resource_class, identity.provider_name(root_name, provider.key))
        for provider in host.tree.providers
        for address, resource_class in provider.addresses.items()
    }
    devices, named = host.snapshot.by_address(), alias_names(aliases)
    for address in sorted({*devices, *host.snapshot.unreadable}):
        if address in devices:
            yield _device_row(devices[address], host, placed.get(address), named(devices[address]))
        else:
            yield _unreadable_row(address, host.snapshot.unreadable[address].reason)


def _unreadable_row(address: PciAddress, reason: str) -> Row:
    row: Row = dict.fromkeys(DEVICE)
    return row | {
        "address": str(address),
        "alias": ListCell([]),
        "state": State.UNREADABLE.value,
        "reason": reason,
    }


def _device_row(
    device: PciDevice,
    host: Desired,
    placed: tuple[str, str] | None,
    aliases: tuple[str, ...],
) -> Row:
    state, reason, network = _state(host, device)
    return {
        "address": str(device.address),
        "vendor_id": device.vendor_id,
        "product_id": device.product_id,
        "class_code": device.class_code,
        "dev_type": device.dev_type.value,
        "parent_addr": str(device.parent_addr) if device.parent_addr else None,
        "numa_node": device.numa_node,
        "driver": device.driver,
        "devname": ",".join(device.devnames) or None,
        "physical_network": network,
        "alias": ListCell(list(aliases)),
        "resource_class": placed[0] if placed else None,
        "provider": placed[1] if placed else None,
        "state": state.value,
        "reason": reason,
    }


def _state(host: Desired, device: PciDevice) -> tuple[State, str, str | None]:
    verdict, state = host.matching.verdicts[device.address], host.state_of(device)
    if not isinstance(verdict, Match):
        return state, verdict.reason, None
    reason = host.kept.get(device.card_addr) or _by_entry(verdict.entry.source)
    return state, reason, verdict.entry.physical_network


def _by_entry(source: Source) -> str:
    # section and path would fill the line; config validate has them
    return f"by {source.option.split()[-1]} {source.entry} in {PurePath(source.file).name}"


def with_drain(row: Row, last_pass: LastPass) -> Row:
    """A device's row that also says why it is not in service, as the last pass left it."""
    states = {have.name: state_of(have) for have in last_pass.providers.values()}
    place = _kept_at(row["address"], last_pass, states) or (row["resource_class"], row["provider"])
    state = states.get(place[1], "")
    if not state:
        return row
    reason = "; ".join(filter(None, (row["reason"], state)))
    return row | {"resource_class": place[0], "provider": place[1], "reason": reason}


def _kept_at(
    address: str, last_pass: LastPass, states: Mapping[str, str]
) -> tuple[str, str] | None:
    """Class and provider of a device that is counted where nothing can be claimed."""
    root = last_pass.root
    for (key, resource_class), left in last_pass.ledger.items():
        if root and left.sure and address in map(str, left.devices):
            have = last_pass.providers.get(identity.provider_uuid(root.uuid, key))
            if have and states[have.name]:
                return resource_class, have.name
    return None


def desired_row(provider: Provider, root_name: str, root_uuid: ProviderUuid | None) -> Row:
    """A provider as this host would have it."""
    parent = provider.parent_key
    return _provider_row(
        uuid=identity.provider_uuid(root_uuid, provider.key) if root_uuid else None,
        name=identity.provider_name(root_name, provider.key),
        parent=identity.provider_name(root_name, parent) if parent else root_name,
        inventories=provider.inventories,
        traits=provider.traits,
        addresses=provider.addresses,
    )


def observed_row(
    provider: ObservedProvider,
    tree: ObservedTree,
    counted: Mapping[ProviderKey, Collection[PciAddress]],
    users: Iterable[User],
) -> Row:
    """A provider of ours as Placement has it, with the devices that it counts."""
    listed = {line.uuid: line.name for line in tree.listed}
    row = _provider_row(
        uuid=provider.uuid,
        name=provider.name,
        parent=listed.get(provider.parent) if provider.parent else None,
        inventories=provider.inventories,
        traits=provider.traits,
        addresses=counted.get(tree.keys[provider.uuid], ()),
    )
    return row | {
        "generation": provider.generation,
        "used": MappingCell(dict(provider.used)),
        "state": state_of(provider),
        "consumers": users_cell(users),
        "root": tree.root.uuid,
    }


def users_cell(users: Iterable[User]) -> UsersCell:
    """Who uses something, as JSON has it."""
    return UsersCell(
        [asdict(user) | {"address": str(user.address) if user.address else None} for user in users]
    )


def _provider_row(
    *,
    uuid: ProviderUuid | None,
    name: str,
    parent: str | None,
    inventories: Inventories,
    traits: frozenset[Any],
    addresses: Collection[PciAddress],
) -> Row:
    return {
        "uuid": uuid,
        "name": name,
        "parent": parent,
        "inventories": InventoriesCell({n: asdict(i) for n, i in sorted(inventories.items())}),
        "traits": ListCell(sorted(traits)),
        "addresses": ListCell([str(address) for address in sorted(addresses)]),
    }


def alias_row(
    name: str,
    group: Sequence[PciAlias],
    request: DeviceRequest,
    devices: int,
    problems: Mapping[Source | None, Sequence[str]],
) -> Row:
    """An alias: what it asks for, whom it means, and what to know of it."""
    told = [problem for alias in group for problem in problems.get(alias.source, ())]
    return {
        "name": name,
        "resource_class": request.resource_class,
        "traits": ListCell([*sorted(request.required), *(f"!{t}" for t in request.forbidden)]),
        "matches": KindsCell([_kind(alias) for alias in group]),
        "devices": devices,
        "problem": "; ".join(told) or None,
    }


def _kind(alias: PciAlias) -> Row:
    return {
        "vendor_id": alias.vendor_id,
        "product_id": alias.product_id,
        "device_type": alias.device_type.value if alias.device_type else None,
    }


def candidate_row(candidate: Candidate, found_by: Row, names: Mapping[ProviderUuid, str]) -> Row:
    """One way to satisfy a request, which of its queries found it, and how it is called."""
    claimed = {uuid: dict(r) for uuid, r in sorted(candidate.allocations.items())}
    return {
        "node": names.get(candidate.root),
        "providers": MappingCell({names.get(uuid, uuid): r for uuid, r in claimed.items()}),
        "root": candidate.root,
        "provider_uuids": ListCell(sorted(candidate.allocations)),
        "resources": MappingCell(claimed),
        "number": found_by["number"],
        "wishes": ListCell(found_by["wishes"]),
    }
