"""Some devices are free, but not as many as are asked for in one place."""

from __future__ import annotations

from pci_placement.placement import Cloud
from pci_placement.text.counts import counted

from .wish import Finding, Wish


def too_many(cloud: Cloud, wish: Wish) -> Finding:
    """Say how many are free, and how many in one place: one request, for the name of a node."""
    nodes = [root for root, free in wish.by_root.items() if free >= wish.usage.count]
    if nodes:
        return _apart(cloud, wish, nodes)
    root, most = max(wish.by_root.items(), key=lambda pair: pair[1])
    name, total = cloud.name_of(root), wish.free
    where = f"{total} free, all on {name}"
    if len(wish.by_root) > 1:
        nodes_with = counted(len(wish.by_root), "node")
        where = f"{total} free on {nodes_with}, at most {most} on one ({name})"
    meaning = f"only {where}"
    if total >= wish.usage.count:
        meaning = f"enough in total, but on no single node: {where}"
    return Finding(str(wish), f"the count {wish.usage.count}", total, meaning)


def _apart(cloud: Cloud, wish: Wish, nodes: list[str]) -> Finding:
    """A node has enough, and no provider has."""
    largest, total = wish.largest, max(wish.by_root[root] for root in nodes)
    name = cloud.name_of(largest.root)
    meaning = (
        f"enough on {counted(len(nodes), 'node')}, but not on one provider: "
        f"the largest has {wish.on(largest)} free (on {name})"
    )
    return Finding(str(wish), "together", total, meaning)
