"""What of the lists has no effect on this host, and why: entries, aliases, and cards kept back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TypeVar

from pci_placement.discovery.selection import chooser, rooms, shadows
from pci_placement.model import (
    Match,
    Matching,
    PciAddress,
    PciAlias,
    PciDevice,
    Problem,
    Refusal,
    Severity,
    Snapshot,
    Verdict,
    WhitelistEntry,
)
from pci_placement.model.config import Tags

from .alias import kind_of, kinds_of
from .lint_devices import missing_name
from .match import NOT_LISTED

K = TypeVar("K", bound=Hashable)

NOTHING_LISTED = "this host offers nothing: no file that was read has a device_spec"
LIST_DEVICES = "write [pci] device_spec, or name the file that has it with --config-file"
NO_DEVICE = "it matches no device of this host"
ALL_TAKEN = "it decides about no device of this host: {} takes all that it selects, and comes first"
WORDS_LOST = "; what it says is lost: {}"
REMOVE_OR_MOVE = "remove one of them, or put the narrower one first"
UNSATISFIED = "no device of this host satisfies alias {!r}"
OTHER_TYPE = "{} has the ids of alias {!r} but is {}, and the alias means {}"
WRITE_TYPE = 'write "device_type": "{}" into the alias, if it is meant'
REFUSED = "no device of alias {!r} is offered here; {}: {}"
MOST_GUESSED = 100
"""So many names that are not there are compared with those that are."""


def nothing_listed(
    whitelist: Sequence[WhitelistEntry], severity: Severity = Severity.WARNING
) -> Iterator[Problem]:
    """Say that no device is listed: else such a node looks like one that is in order."""
    if not whitelist:
        yield Problem(NOTHING_LISTED, LIST_DEVICES, None, severity)


def entries_without_effect(
    snapshot: Snapshot, whitelist: Sequence[WhitelistEntry]
) -> Iterator[Problem]:
    """Say which entries decide about nothing here, and why if that can be said."""
    deciding, taken = _deciders(snapshot, whitelist)
    shadowed = {id(entry) for entry, _ in shadows(whitelist)}  # which is told without a host
    names = {name for device in snapshot.devices for name in device.devnames}
    missing = 0
    for entry in whitelist:
        if entry.devname and entry.devname not in names:
            missing += 1
            yield missing_name(entry, names if missing <= MOST_GUESSED else ())
        elif id(entry) in taken and id(entry) not in deciding | shadowed:
            yield _all_taken(entry, taken[id(entry)])
        elif id(entry) not in deciding and id(entry) not in taken:
            yield Problem(NO_DEVICE, "", entry.source, Severity.NOTE)


def _deciders(
    snapshot: Snapshot, whitelist: Sequence[WhitelistEntry]
) -> tuple[set[int], dict[int, list[WhitelistEntry]]]:
    """Which entries decide about some device, and who takes from each entry what it selects."""
    choose, deciding = chooser(snapshot, whitelist), set[int]()
    taken: dict[int, dict[int, WhitelistEntry]] = {}
    for device in snapshot.devices:
        chosen = choose(device)
        if first := next(chosen, None):
            deciding.add(id(first))
            for entry in chosen:
                taken.setdefault(id(entry), {})[id(first)] = first
    return deciding, {key: list(by.values()) for key, by in taken.items()}


def _all_taken(entry: WhitelistEntry, takers: Sequence[WhitelistEntry]) -> Problem:
    """A warning where it says what is then not so: mostly a network that nobody can ask for."""
    told = ALL_TAKEN.format(takers[0].source)
    lost = ", ".join(_lost(entry.tags, takers))
    if not lost:
        return Problem(told, REMOVE_OR_MOVE, entry.source, Severity.NOTE)
    return Problem(told + WORDS_LOST.format(lost), REMOVE_OR_MOVE, entry.source, Severity.WARNING)


def _lost(tags: Tags, takers: Sequence[WhitelistEntry]) -> Iterator[str]:
    """What an entry says beyond selecting devices, and not all who take its devices say too."""
    for tag in fields(Tags):
        said = getattr(tags, tag.name)
        same = all(getattr(taker.tags, tag.name) == said for taker in takers)
        if tag.name != "device_type" and said != tag.default and not same:
            yield tag.name


def aliases_without_devices(
    snapshot: Snapshot,
    whitelist: Sequence[WhitelistEntry],
    aliases: Sequence[PciAlias],
    matching: Matching,
) -> Iterator[Problem]:
    """Say for which aliases this host offers nothing, and what became of their devices."""
    served = {name for match in matching.matches for name in match.aliases}
    classes = {match.entry.tags.resource_class for match in matching.matches}
    by_kind, by_ids = _by(snapshot, kind_of), _by(snapshot, lambda d: (d.vendor_id, d.product_id))
    may_select = rooms(whitelist)
    for alias in aliases:
        if not (alias.vendor_id and alias.product_id):
            if alias.resource_class not in classes:
                yield _unsatisfied(alias)
            continue
        own = [device for kind in kinds_of(alias) for device in by_kind.get(kind, ())]
        if not own:
            others = by_ids.get((alias.vendor_id, alias.product_id), ())
            yield _of_another_type(alias, others, matching)
        elif alias.name not in served:
            yield from _refused(alias, matching.verdicts[own[0].address], may_select(alias))


def _by(snapshot: Snapshot, key: Callable[[PciDevice], K]) -> dict[K, list[PciDevice]]:
    found: dict[K, list[PciDevice]] = {}
    for device in snapshot.devices:
        found.setdefault(key(device), []).append(device)
    return found


def _unsatisfied(alias: PciAlias) -> Problem:
    return Problem(UNSATISFIED.format(alias.name), "", alias.source, Severity.NOTE)


def _of_another_type(alias: PciAlias, others: Collection[PciDevice], matching: Matching) -> Problem:
    """A warning where such a device is offered, and nobody can ask for it by a name."""
    verdicts = [matching.verdicts[device.address] for device in others]
    nameless = [v for v in verdicts if isinstance(v, Match) and not v.aliases]
    for verdict in [*nameless, *verdicts][:1]:
        device, meant = verdict.device, " or ".join(alias.device_types)
        told = OTHER_TYPE.format(device.address, alias.name, device.dev_type, meant)
        severity = Severity.WARNING if nameless else Severity.NOTE
        return Problem(told, WRITE_TYPE.format(device.dev_type), alias.source, severity)
    return _unsatisfied(alias)


def _refused(alias: PciAlias, verdict: Verdict, may_be_listed: bool) -> Iterator[Problem]:
    """What became of a device of an alias; that no entry can list it is told without a host."""
    if isinstance(verdict, Refusal) and (may_be_listed or verdict.reason != NOT_LISTED):
        told = REFUSED.format(alias.name, verdict.device.address, verdict.reason)
        yield Problem(told, "", alias.source, Severity.NOTE)


def cards_kept_back(
    snapshot: Snapshot, whitelist: Sequence[WhitelistEntry], kept: Mapping[PciAddress, str]
) -> Iterator[Problem]:
    """Say which cards are listed and not offered all the same, each by the entry that lists it."""
    choose = chooser(snapshot, whitelist)
    listing: dict[PciAddress, WhitelistEntry] = {}
    for device in snapshot.devices:
        if device.card_addr in kept and (entry := next(choose(device), None)):
            listing.setdefault(device.card_addr, entry)
    for card, why in sorted(kept.items()):
        source = listing[card].source if card in listing else None
        yield Problem(f"{card} is not offered: {why}", "", source, Severity.WARNING)
