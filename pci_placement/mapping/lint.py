"""What an operator should hear about lists that are valid: entries and aliases without effect.

Part of it holds for any host; the rest needs a scan, and is about this one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pci_placement import names
from pci_placement.discovery.selection import covers, may_select, may_select_kind, selector
from pci_placement.model import (
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

from .alias import by_name, satisfies
from .family import DeviceRequest, catalogue
from .lint_devices import missing_name, shared_groups
from .offers import Offer, make_offers

ANY_DEVICE = "it has neither ids nor an address: it selects every device (of its device_type)"
NARROW_IT = "say which: vendor_id and product_id, address or devname"
SHADOWED = "it never counts: {} selects all that it selects, and comes first"
REMOVE_OR_MOVE = "remove one of them, or put the narrower one first"
STRAYS = "a request for alias {!r} may get {} of another kind: {} gives the class {}"
UNSERVED = "no request for alias {!r} finds a device here: it asks for {}, and its devices are {}"
OTHER_KIND_OF_DEVICE = "give the alias the same resource_class as they have, or take theirs away"
JOINED = "physical_network {!r} is taken for the name of one network"
ONE_NETWORK = "a device is wired to one: write an entry for each, by address or devname"
OWN_CLASS = "name another resource_class there, or give the alias an alternative with these ids"


def lint_lists(
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
        if "," in (entry.physical_network or ""):
            problem = JOINED.format(entry.physical_network)
            yield Problem(problem, ONE_NETWORK, entry.source, Severity.WARNING)
    for alias in aliases:
        if not any(may_select(entry, alias) for entry in whitelist):
            yield Problem(
                f"no whitelist entry can match a device of alias {alias.name!r}",
                "list its devices in [pci] device_spec, if this host is to offer them",
                alias.source,
                Severity.NOTE,
            )
    for name, group, request in _requests(aliases):
        for entry in whitelist:
            if _lends(entry, group, request):
                yield _stray(name, group, "devices", request, str(entry.source))


def _requests(
    aliases: Sequence[PciAlias],
) -> Iterator[tuple[str, Sequence[PciAlias], DeviceRequest]]:
    """What is asked for by each name that means devices of certain ids."""
    known = catalogue(aliases)
    for name, group in by_name(aliases).items():
        if all(alias.vendor_id and alias.product_id for alias in group):
            yield name, group, known[name]


def _lends(entry: WhitelistEntry, group: Sequence[PciAlias], request: DeviceRequest) -> bool:
    """Whether an entry gives the class of an alias to devices that cannot be of that alias.

    A warning and no error: somebody may mean to let the alias have them.
    """
    return (
        entry.tags.resource_class == request.resource_class
        and request.required <= entry.tags.traits
        and not (request.forbidden and entry.tags.live_migratable)
        and not any(may_select_kind(entry, alias) for alias in group)
    )


def _stray(
    name: str, group: Sequence[PciAlias], what: str, request: DeviceRequest, giver: str
) -> Problem:
    problem = STRAYS.format(name, what, giver, request.resource_class)
    return Problem(problem, OWN_CLASS, group[0].source, Severity.WARNING)


def selects_everything(entry: WhitelistEntry) -> bool:
    """Whether nothing but tags stands in an entry."""
    anywhere = entry.address is None or entry.address == AddressGlob()
    return anywhere and not (entry.vendor_id or entry.product_id or entry.devname)


def lint_host(
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
            yield missing_name(entry, names)
        elif not any(selects(entry, device) for device in snapshot.devices):
            yield Problem("it matches no device of this host", "", entry.source, Severity.NOTE)
    for address in snapshot.in_use:
        verdict = matching.verdicts.get(address)
        if isinstance(verdict, Refusal) and verdict.state in (State.HELD, State.NOT_OURS):
            yield Problem(f"{address}: {verdict.reason}", "", None, Severity.WARNING)
    for alias in aliases:
        if not any(_is_of(device, alias, matching) for device in snapshot.devices):
            problem = f"no device of this host satisfies alias {alias.name!r}"
            yield Problem(problem, "", alias.source, Severity.NOTE)
    yield from shared_groups(matching)
    yield from _strays(aliases, matching)
    yield from _never_served(aliases, matching)


def _never_served(aliases: Sequence[PciAlias], matching: Matching) -> Iterator[Problem]:
    """Say which alias asks for another class than the one under which its devices are offered."""
    offers, _ = make_offers(matching.matches, catalogue(aliases))
    by_address = {match.device.address: match.aliases for match in matching.matches}
    for name, group, request in _requests(aliases):
        own = {o.resource_class for o in offers if name in by_address[o.device.address]}
        if own and request.resource_class not in own:
            problem = UNSERVED.format(name, request.resource_class, " and ".join(sorted(own)))
            yield Problem(problem, OTHER_KIND_OF_DEVICE, group[0].source, Severity.WARNING)


def _strays(aliases: Sequence[PciAlias], matching: Matching) -> Iterator[Problem]:
    """Say which entry lets an alias have devices of another kind here, unless it would anywhere."""
    offers, _ = make_offers(matching.matches, catalogue(aliases))
    by_address = {match.device.address: match for match in matching.matches}
    for name, group, request in _requests(aliases):
        told: set[str] = set()
        for offer in offers:
            match = by_address[offer.device.address]
            giver = _giver_of_class(match)
            if name in match.aliases or giver in told or not _serves(offer, request):
                continue
            told.add(giver)
            if not _lends(match.entry, group, request):
                yield _stray(name, group, f"device {offer.device.address}", request, giver)


def _giver_of_class(match: Match) -> str:
    """Who says of which class a device is."""
    if match.entry.tags.resource_class:
        return str(match.entry.source)
    return " or ".join(f"alias {name!r}" for name in match.aliases)


def _serves(offer: Offer, request: DeviceRequest) -> bool:
    """Whether Placement may choose a device for a request."""
    return (
        offer.resource_class == request.resource_class
        and request.required <= offer.traits
        and not request.forbidden & offer.traits
    )


def _is_of(device: PciDevice, alias: PciAlias, matching: Matching) -> bool:
    if alias.vendor_id and alias.product_id:
        return satisfies(device, alias)
    verdict = matching.verdicts[device.address]
    return isinstance(verdict, Match) and verdict.entry.tags.resource_class == alias.resource_class


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
                POOL_THEM if single else ASK_TOGETHER,
                severity=Severity.WARNING,
            )
            return


POOL_THEM = (
    "set [pci_placement] pooling = numa, or [placement] max_allocation_candidates in placement.conf"
)
ASK_TOGETHER = (
    "ask for those of one card or pool (--together), or [placement] max_allocation_candidates in "
    "placement.conf"
)
