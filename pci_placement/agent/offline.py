"""What a host would get where Placement has nothing of it yet: nobody is asked."""

from __future__ import annotations

from pci_placement.desired import Desired
from pci_placement.model import ListedProvider, ObservedTree, ProviderUuid, Root
from pci_placement.plan.planner import make_plan
from pci_placement.settings import Settings
from pci_placement.sync import PlannedPass

UNKNOWN_ROOT = ProviderUuid("00000000-0000-0000-0000-000000000000")
"""Where no uuid is configured: that of nobody, from which no uuid of a provider may be told."""


def plan_offline(settings: Settings, host: Desired) -> PlannedPass:
    """The first pass of a host over a Placement that has its root and nothing below it."""
    root = Root(settings.root_provider_uuid or UNKNOWN_ROOT, settings.root_provider_name)
    alone = ListedProvider(root.uuid, root.name, None, 0)
    observed = ObservedTree(root, (alone,), {}, {})
    return PlannedPass(host, observed, make_plan(host.tree, observed))
