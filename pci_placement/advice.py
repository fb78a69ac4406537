"""What an operator should hear about lists that are valid: entries and aliases without effect.

Part of it holds for any host; the rest needs a scan, and is about this one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from . import names
from .discovery.whitelist import covers, may_select, selector
from .mapping.alias import satisfies
from .model import (
    AddressGlob,
    Match,
    Matching,
    PciAlias,
    PciDevice,
    Problem,
    ProviderTree,
    Refusal,
    ResourceClass,
    Severity,
    Snapshot,
    State,
    WhitelistEntry,
)

ANY_DEVICE = "it has neither ids nor an address: it selects every device (of its device_type)"
NARROW_IT = "say which: vendor_id and product_id, address or devname"
SHADOWED = "it never counts: {} selects all that it selects, and comes first"
REMOVE_OR_MOVE = "remove one of them, or put the narrower one first"


def advise_lists(
    whitelist: Sequence[WhitelistEntry], aliases: Sequence[PciAlias]
) -> Iterator[Problem]:
    """Say what can be seen without a host."""
    for position, entry in enumerate(whitelist):
        if selects_everything(entry):
            yield Problem(ANY_DEVICE, NARROW_IT, entry.source, Severity.WARNING)
        rival = next((e for e in whitelist[:position] if covers(e, entry)), None)
        if rival:
            problem = SHADOWED.format(rival.source)
            yield Problem(problem, REMOVE_OR_MOVE, entry.source, Severity.WARNING)
    for alias in aliases:
        if not any(may_select(entry, alias) for entry in whitelist):
            yield Problem(
                f"no whitelist entry can match a device of alias {alias.name!r}",
                "list its devices in [pci] device_spec, if this host is to offer them",
                alias.source,
                Severity.NOTE,
            )


def selects_everything(entry: WhitelistEntry) -> bool:
    """Whether nothing but tags stands in an entry."""
    anywhere = entry.address is None or entry.address == AddressGlob()
    return anywhere and not (entry.vendor_id or entry.product_id or entry.devname)


def advise_host(
    snapshot: Snapshot,
    whitelist: Sequence[WhitelistEntry],
    aliases: Sequence[PciAlias],
    matching: Matching,
) -> Iterator[Problem]:
    """Say what a scan of this host adds."""
    selects = selector(snapshot)
    names = {name for device in snapshot.devices for name in device.devnames}
    for entry in whitelist:
        if entry.devname and entry.devname not in names:
            problem = f"this host has no PCI device called {entry.devname!r}"
            yield Problem(problem, "", entry.source, Severity.WARNING)
        elif not any(selects(entry, device) for device in snapshot.devices):
            yield Problem("it matches no device of this host", "", entry.source, Severity.NOTE)
    for address in snapshot.in_use:
        verdict = matching.verdicts.get(address)
        if isinstance(verdict, Refusal) and verdict.state is State.HELD:
            yield Problem(f"{address}: {verdict.reason}", "", None, Severity.WARNING)
    for alias in aliases:
        if not any(_is_of(device, alias, matching) for device in snapshot.devices):
            problem = f"no device of this host satisfies alias {alias.name!r}"
            yield Problem(problem, "", alias.source, Severity.NOTE)


def _is_of(device: PciDevice, alias: PciAlias, matching: Matching) -> bool:
    if alias.vendor_id and alias.product_id:
        return satisfies(device, alias)
    verdict = matching.verdicts[device.address]
    return isinstance(verdict, Match) and verdict.entry.tags.resource_class == alias.resource_class


MANY_CANDIDATES = 5_000
MOST_ASKED_FOR = 8


def advise_layout(tree: ProviderTree) -> Iterator[Problem]:
    """Warn where a request for several devices makes Placement weigh very many candidates.

    It enumerates which provider serves which numbered group: n!/(n-k)! ways for k of n single
    devices, and P**k for P providers with several.
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
                f"{ways:,} candidates to weigh, which can take it minutes",
                POOL_THEM if single else ASK_TOGETHER,
                severity=Severity.WARNING,
            )
            return


POOL_THEM = "set [pci_placement] pooling = numa"
ASK_TOGETHER = "ask for those of one card or pool (--together)"
