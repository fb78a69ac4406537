"""What an operator should hear about lists that are valid: entries and aliases without effect.

Part of it holds for any host; the rest needs a scan, and is about this one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from pci_placement.discovery.selection import may_select_kind, rooms, shadows
from pci_placement.model import (
    AddressGlob,
    Match,
    Matching,
    PciAlias,
    Problem,
    ResourceClass,
    Severity,
    Snapshot,
    WhitelistEntry,
)

from .alias import by_name
from .family import Catalogue, DeviceRequest, catalogue
from .lint_devices import shared_groups
from .lint_effect import REMOVE_OR_MOVE, aliases_without_devices, entries_without_effect
from .offers import Offer, make_offers

ANY_DEVICE = "it has neither ids nor an address: it selects every device (of its device_type)"
NARROW_IT = "say which: vendor_id and product_id, address or devname"
SHADOWED = "it never counts: {} selects all that it selects, and comes first"
STRAYS = "a request for alias {!r} may get {} of another kind: {} gives the class {}"
UNSERVED = "no request for alias {!r} finds a device here: it asks for {}, and its devices are {}"
OTHER_KIND_OF_DEVICE = "give the alias the same resource_class as they have, or take theirs away"
JOINED = "physical_network {!r} is taken for the name of one network"
ONE_NETWORK = "a device is wired to one: write an entry for each, by address or devname"
MOST_GIVERS = 3
"""So many are told of those from whom an alias may get what it does not mean."""
MOST_NAMED = 10
OWN_CLASS = "name another resource_class there, or give the alias an alternative with these ids"


def lint_lists(
    whitelist: Sequence[WhitelistEntry], aliases: Sequence[PciAlias]
) -> Iterator[Problem]:
    """Say what can be seen without a host."""
    rivals = {id(entry): rival for entry, rival in shadows(whitelist)}
    for entry in whitelist:
        yield from _of_entry(entry, rivals.get(id(entry)))
    may_select = rooms(whitelist)
    for alias in aliases:
        if not may_select(alias):
            yield Problem(
                f"no whitelist entry can match a device of alias {alias.name!r}",
                "list its devices in [pci] device_spec, if this host is to offer them",
                alias.source,
                Severity.NOTE,
            )
    yield from _lenders(whitelist, aliases)


def _of_entry(entry: WhitelistEntry, rival: WhitelistEntry | None) -> Iterator[Problem]:
    if selects_everything(entry):
        yield Problem(ANY_DEVICE, NARROW_IT, entry.source, Severity.WARNING)
    if rival:
        problem = SHADOWED.format(rival.source)
        yield Problem(problem, REMOVE_OR_MOVE, entry.source, Severity.WARNING)
    if "," in (entry.physical_network or ""):
        problem = JOINED.format(entry.physical_network)
        yield Problem(problem, ONE_NETWORK, entry.source, Severity.WARNING)


def _lenders(whitelist: Sequence[WhitelistEntry], aliases: Sequence[PciAlias]) -> Iterator[Problem]:
    """Say which entry lets an alias have devices of another kind on any host."""
    by_class: dict[ResourceClass | None, list[WhitelistEntry]] = {}
    for entry in whitelist:
        by_class.setdefault(entry.tags.resource_class, []).append(entry)
    for name, group, request in _requests(aliases, catalogue(aliases)):
        lenders = (e for e in by_class.get(request.resource_class, ()) if _lends(e, group, request))
        for entry in itertools.islice(lenders, MOST_GIVERS):
            yield _stray(name, group, "devices", request, str(entry.source))


def _requests(
    aliases: Sequence[PciAlias], known: Catalogue
) -> Iterator[tuple[str, Sequence[PciAlias], DeviceRequest]]:
    """What is asked for by each name that means devices of certain ids."""
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
    yield from entries_without_effect(snapshot, whitelist)
    yield from aliases_without_devices(snapshot, whitelist, aliases, matching)
    yield from shared_groups(matching)
    known = catalogue(aliases)
    offers, _ = make_offers(matching.matches, known)
    yield from _strays(aliases, known, matching, offers)
    yield from _never_served(aliases, known, matching, offers)


def _never_served(
    aliases: Sequence[PciAlias], known: Catalogue, matching: Matching, offers: Sequence[Offer]
) -> Iterator[Problem]:
    """Say which alias asks for another class than the one under which its devices are offered."""
    by_address = {match.device.address: match.aliases for match in matching.matches}
    classes: dict[str, set[ResourceClass]] = {}
    for names_of, name_class in {(by_address[o.device.address], o.resource_class) for o in offers}:
        for name in names_of:
            classes.setdefault(name, set()).add(name_class)
    for name, group, request in _requests(aliases, known):
        own = classes.get(name)
        if own and request.resource_class not in own:
            problem = UNSERVED.format(name, request.resource_class, " and ".join(sorted(own)))
            yield Problem(problem, OTHER_KIND_OF_DEVICE, group[0].source, Severity.WARNING)


def _strays(
    aliases: Sequence[PciAlias], known: Catalogue, matching: Matching, offers: Sequence[Offer]
) -> Iterator[Problem]:
    """Say which entry lets an alias have devices of another kind here, unless it would anywhere."""
    kinds = _kinds_of_offers(matching, offers)
    for name, group, request in _requests(aliases, known):
        told: set[str] = set()
        for offer, entry, of_it, giver in kinds.get(request.resource_class, ()):
            if name in of_it or giver in told or not _serves(offer, request):
                continue
            told.add(giver)
            if not _lends(entry, group, request):
                yield _stray(name, group, f"device {offer.device.address}", request, giver)
            if len(told) == MOST_GIVERS:
                break


_KindOfOffer = tuple[Offer, WhitelistEntry, frozenset[str], str]


def _kinds_of_offers(
    matching: Matching, offers: Sequence[Offer]
) -> dict[ResourceClass, list[_KindOfOffer]]:
    """One offer of each kind, by class: who listed it, whose it is, and who says of which class."""
    by_address = {match.device.address: match for match in matching.matches}
    first: dict[object, tuple[Offer, Match]] = {}
    for offer in offers:
        match = by_address[offer.device.address]
        kind = (offer.resource_class, match.aliases, offer.traits, match.entry.source)
        first.setdefault(kind, (offer, match))
    kinds: dict[ResourceClass, list[_KindOfOffer]] = {}
    for offer, match in first.values():
        kind_of_offer = (offer, match.entry, frozenset(match.aliases), _giver_of_class(match))
        kinds.setdefault(offer.resource_class, []).append(kind_of_offer)
    return kinds


def _giver_of_class(match: Match) -> str:
    """Who says of which class a device is; of very many aliases the first."""
    if match.entry.tags.resource_class:
        return str(match.entry.source)
    return " or ".join(f"alias {name!r}" for name in match.aliases[:MOST_NAMED])


def _serves(offer: Offer, request: DeviceRequest) -> bool:
    """Whether Placement may choose a device for a request."""
    return (
        offer.resource_class == request.resource_class
        and request.required <= offer.traits
        and not request.forbidden & offer.traits
    )
