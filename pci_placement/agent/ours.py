"""What is ours of this host in Placement: providers, the devices they count, and who uses them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pci_placement.desired import Desired
from pci_placement.identity import card_of_key, is_ours, is_vf_key
from pci_placement.mapping.claims import Counts, counted
from pci_placement.mapping.users import GivenDevices, User, of_device, users
from pci_placement.model import (
    ConsumerUuid,
    InventoryKey,
    ObservedProvider,
    ObservedTree,
    PciAddress,
    ProviderKey,
    ProviderUuid,
)
from pci_placement.placement import RootWanted
from pci_placement.placement.consumers import consumer_types

from .one_pass import Agent

if TYPE_CHECKING:
    from pci_placement.placement import Client


@dataclass(frozen=True, slots=True)
class Ours:
    """Providers of ours, in the order of their names, and what is known of each."""

    tree: ObservedTree
    providers: tuple[ObservedProvider, ...]
    counts: Counts
    types: Mapping[ConsumerUuid, str | None]
    given: GivenDevices = field(default_factory=dict)

    def users_of(self, have: ObservedProvider) -> list[User]:
        """Who uses a provider."""
        key = self.tree.keys[have.uuid]
        return list(users(have, key, self.counts, self.types, self.given))

    def users_of_device(self, address: PciAddress) -> list[User]:
        """Who holds a device, or may."""
        return [u for have in self.providers for u in of_device(self.users_of(have), address)]


def look_at_ours(agent: Agent, host: Desired, only: PciAddress | None = None) -> Ours:
    """Read what is ours from Placement; where one device is meant, only who counts it.

    Sends a request for each such provider, and one for each of the first consumers.
    """
    last_pass, reconciler = agent.last_pass(), agent.reconciler()
    counts = counted(host.tree, last_pass.ledger)
    client = reconciler.client
    with client.within(agent.settings.pass_timeout):
        tree = client.observe(reconciler.root, host.keys | last_pass.keys)
        counting = {key for (key, _), devices in counts.items() if only in devices}
        ours = [
            uuid
            for uuid, have in tree.providers.items()
            if is_ours(have) and (only is None or tree.keys[uuid] in counting)
        ]
        return replace(_with_users(client, tree, ours, counts), given=last_pass.given)


def look_at_node(client: Client, name: str) -> Ours:
    """Read what is ours of some compute node, of whose devices only the names tell.

    Sends 2 requests for the tree, and for each provider as `look_at_ours` does. Raises
    RootNotFound, with near names.
    """
    tree = client.observe(RootWanted(name), ())
    ours = [uuid for uuid, have in tree.providers.items() if is_ours(have)]
    named = [_counted_by_name(tree.keys[uuid], tree.providers[uuid]) for uuid in ours]
    return _with_users(client, tree, ours, {key: only for each in named for key, only in each})


def _counted_by_name(
    key: ProviderKey, have: ObservedProvider
) -> Iterator[tuple[InventoryKey, tuple[PciAddress, ...]]]:
    """The one device that a provider is named after, where it can count no other."""
    card = card_of_key(key)
    if card and not is_vf_key(key) and len(have.inventories) == 1:
        for name in have.inventories:
            yield InventoryKey(key, name), (card,)


def _with_users(
    client: Client, tree: ObservedTree, ours: Collection[ProviderUuid], counts: Counts
) -> Ours:
    """Ask who uses providers of ours, and what these are."""
    tree = client.with_consumers(tree, ours)
    providers = sorted((tree.providers[uuid] for uuid in ours), key=lambda have: have.name)
    asked = [consumer for have in providers for consumer in have.consumers or ()]
    return Ours(tree, tuple(providers), counts, consumer_types(client, asked))
