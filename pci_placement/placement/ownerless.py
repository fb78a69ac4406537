"""Whether nova has deleted the compute service of a node, as far as Placement shows it.

Source: nova/compute/resource_tracker.py, _get_traits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pci_placement.model import LastPass, ObservedTree, ProviderTree
from pci_placement.names import COMPUTE_NODE
from pci_placement.plan.forsaken import forsaken_at, suspects

if TYPE_CHECKING:
    from .client import Client


def look_for_owner(
    client: Client, desired: ProviderTree, observed: ObservedTree, last_pass: LastPass
) -> tuple[ObservedTree, int | None]:
    """The tree with what had to be asked, and `forsaken_at`.

    Where no nova is, what somebody deleted by hand is made again.
    """
    asked = client.with_consumers(observed, suspects(desired, observed, last_pass))
    at = forsaken_at(desired, asked, last_pass)
    is_news = at is not None and last_pass.forsaken_at is None
    if is_news and not _is_novas(client, asked):
        return asked, None
    return asked, at


def _is_novas(client: Client, observed: ObservedTree) -> bool:
    url = f"/resource_providers/{observed.root.uuid}/traits"
    return COMPUTE_NODE in client.send("GET", url)["traits"]
