"""Compute nodes with many devices of a kind, in a real Placement that counts its CPU time."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keystoneauth1 import adapter, session, token_endpoint

from pci_placement.embedded import EmbeddedPlacement
from pci_placement.mapping.family import catalogue
from pci_placement.mapping.match import match_devices
from pci_placement.mapping.tree import build_tree
from pci_placement.model import (
    Layout,
    PciAddress,
    PciAlias,
    PciDevice,
    Pooling,
    ProviderTree,
    Snapshot,
    Source,
    WhitelistEntry,
)
from pci_placement.placement import Client, RootWanted
from pci_placement.plan.planner import make_plan

DEVICES = 8
SOURCE = Source("bench", "[pci]", 1)
ALIAS = PciAlias(SOURCE, "gpu", "10de", "20b0")


class CountedPlacement(EmbeddedPlacement):
    """A Placement that knows how many seconds of CPU its answers took, and those of its database.

    Both run in the thread that answers; what the client does with an answer does not count.
    """

    cpu = 0.0

    def _answer(self, *request):
        before = time.thread_time()
        try:
            return super()._answer(*request)
        finally:
            self.cpu += time.thread_time() - before


@contextmanager
def placement() -> Iterator[tuple[CountedPlacement, Client]]:
    with tempfile.TemporaryDirectory() as folder, CountedPlacement(Path(folder)) as server:
        auth = token_endpoint.Token(server.url, "admin")
        yield server, Client(adapter.Adapter(session.Session(auth), service_type="placement"))


def host(pooling: Pooling, numa_nodes: int = 2) -> ProviderTree:
    """The providers of a host whose devices are on so many NUMA nodes."""
    devices = (
        PciDevice(
            PciAddress(0, 0x10 + number, 0, 0),
            "10de",
            "20b0",
            numa_node=number * numa_nodes // DEVICES,
        )
        for number in range(DEVICES)
    )
    snapshot = Snapshot(tuple(devices))
    matching = match_devices(snapshot, [WhitelistEntry(SOURCE)], [ALIAS])
    return build_tree(matching, catalogue([ALIAS]), snapshot, Layout(pooling))


def report(server: EmbeddedPlacement, client: Client, name: str, tree: ProviderTree) -> None:
    """Let a new compute node have these providers."""
    server.create_compute_node(name)
    observed = client.observe(RootWanted(name), [provider.key for provider in tree.providers])
    client.apply(make_plan(tree, observed))
