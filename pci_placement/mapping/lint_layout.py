"""What of the providers of this host costs Placement dearly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pci_placement import names
from pci_placement.model import Problem, ProviderTree, ResourceClass, Severity

MANY_CANDIDATES = 5_000
MOST_ASKED_FOR = 8


def lint_layout(tree: ProviderTree) -> Iterator[Problem]:
    """Warn where a request for several devices has very many possible candidates in Placement.

    It enumerates which provider serves which numbered group: n!/(n-k)! candidates for k of n single
    devices (out of n**k that it tries), and P**k for P providers with several.

    Source: placement/objects/allocation_candidate.py, _get_areq_list_generators; bug 2070257.
    """
    by_class: dict[ResourceClass, list[int]] = {}
    for provider in tree.providers:
        for name, inventory in provider.inventories.items():
            if name != names.SLOT:
                by_class.setdefault(name, []).append(inventory.total)
    for name, totals in sorted(by_class.items()):
        yield from _too_many_ways(name, totals)


def _too_many_ways(name: ResourceClass, totals: Sequence[int]) -> Iterator[Problem]:
    single = max(totals) == 1
    for asked in range(1, min(MOST_ASKED_FOR, sum(totals)) + 1):
        ways = math.perm(len(totals), asked) if single else len(totals) ** asked
        if ways > MANY_CANDIDATES:
            yield Problem(
                f"a request for {asked} of the {sum(totals)} {name} of this host gives Placement "
                f"{ways:,} possible candidates, which can take it minutes",
                POOL_THEM if single else ASK_IN_ORDER,
                severity=Severity.WARNING,
                key=f"candidates of {name}",
            )
            return


POOL_THEM = (
    "set [pci_placement] pooling = numa, or [placement] max_allocation_candidates in placement.conf"
)
ASK_IN_ORDER = (
    "ask for several of one card or pool first (`request show` lists the queries in order), or "
    "[placement] max_allocation_candidates in placement.conf"
)
