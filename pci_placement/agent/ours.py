"""What is ours of this host in Placement: providers, the devices they count, and who uses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pci_placement.desired import Desired
from pci_placement.identity import is_ours
from pci_placement.mapping.claims import Counts, counted
from pci_placement.mapping.users import User, of_device, users
from pci_placement.model import ConsumerUuid, ObservedProvider, ObservedTree, PciAddress
from pci_placement.placement.consumers import consumer_types

from .one_pass import Agent


@dataclass(frozen=True, slots=True)
class Ours:
    """Providers of ours, in the order of their names, and what is known of each."""

    tree: ObservedTree
    providers: tuple[ObservedProvider, ...]
    counts: Counts
    types: Mapping[ConsumerUuid, str | None]

    def users_of(self, have: ObservedProvider) -> list[User]:
        """Who uses a provider."""
        return list(users(have, self.tree.keys[have.uuid], self.counts, self.types))

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
        tree = client.with_consumers(tree, ours)
        providers = [tree.providers[uuid] for uuid in ours]
        asked = [consumer for have in providers for consumer in have.consumers or ()]
        types = consumer_types(client, asked)
    return Ours(tree, tuple(sorted(providers, key=lambda have: have.name)), counts, types)
