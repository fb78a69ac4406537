"""Nothing is taken from those who have it, and their claims move whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pci_placement import names
from pci_placement.model import (
    Action,
    ConsumerUuid,
    Move,
    ObservedProvider,
    ProviderUuid,
    Reshape,
    ResourceClass,
)
from pci_placement.plan.devices import contains

from .breach import Promise
from .counts import Counts
from .evidence import Evidence, device_classes
from .moment import Step, capacity
from .rule import Found


def workload(
    evidence: Evidence, before: ObservedProvider, after: ObservedProvider | None, action: Action
) -> Iterator[Found]:
    """What an action takes from those who have it, but for the claims that it moves."""
    moving = isinstance(action, Reshape)
    yield from _removed(before, after, moving)
    if after and not moving:
        yield from _shrunk(evidence, before, after)


def _removed(
    before: ObservedProvider, after: ObservedProvider | None, moving: bool
) -> Iterator[Found]:
    kept = after.inventories if after else {}
    lost = [name for name in device_classes(before.inventories) if name not in kept]
    if lost and before.consumers is None:
        what = "something of it is removed, and nobody asked who uses it"
        yield Found(Promise.ASKED, before.uuid, what)
    for name in lost:
        if before.used.get(name) and not moving:
            what = f"{name} is taken from it, and {before.used[name]} are in use"
            yield Found(Promise.WORKLOAD, before.uuid, what)


def _shrunk(
    evidence: Evidence, before: ObservedProvider, after: ObservedProvider
) -> Iterator[Found]:
    """What is no longer listed stays as it was for those who have it: they may be resized."""
    for name in device_classes(before.used):
        if evidence.total(after.uuid, name) or name not in after.inventories:
            continue
        if name in before.inventories and _is_less(name, before, after):
            what = f"{name} is no longer listed and in use, and its total is lowered"
            yield Found(Promise.WORKLOAD, after.uuid, what)


def _is_less(name: ResourceClass, before: ObservedProvider, after: ObservedProvider) -> bool:
    return after.inventories[name].total < before.inventories[name].total


def moves(evidence: Evidence, counts: Counts, step: Step, action: Reshape) -> Iterator[Found]:
    """What a reshape does to the claims that it moves."""
    before = {uuid: have for uuid, have, _ in step.changes}
    for move in action.moves:
        yield from _whole(action, before.get(move.source), move)
        if move.source_class != names.SLOT:
            claims = _claims(before.get(move.source), move.source_class)
            yield from _certain(evidence, counts, move, claims)
    for after in filter(None, (now for _, _, now in step.changes)):
        yield from _roomy(after)
        yield from _slots(after)


def _whole(
    action: Reshape, source: ObservedProvider | None, move: Move[ProviderUuid]
) -> Iterator[Found]:
    if (move.source_class == names.SLOT) != (move.target_class == names.SLOT):
        yield Found(Promise.MOVES, move.source, "devices become slots, or slots devices")
    if source is None or source.consumers is None:
        yield Found(Promise.ASKED, move.source, "claims move from it, and nobody asked whose")
        return
    left = {who for who, held in source.consumers.items() if held.get(move.source_class)}
    if left - set(action.consumers):
        what = f"not all claims of its {move.source_class} move along"
        yield Found(Promise.MOVES, move.source, what)


def _claims(have: ObservedProvider | None, name: ResourceClass) -> Mapping[ConsumerUuid, int]:
    consumers = (have.consumers or {}) if have else {}
    return {who: held[name] for who, held in consumers.items() if held.get(name)}


def _certain(
    evidence: Evidence,
    counts: Counts,
    move: Move[ProviderUuid],
    claims: Mapping[ConsumerUuid, int],
) -> Iterator[Found]:
    """Claims may follow their devices where all that they may hold are counted there."""
    may_hold = counts.of(move.source, move.source_class).held_by(claims)
    if not contains(evidence.listed(move.target, move.target_class), may_hold):
        what = f"claims of its {move.source_class} move to where not all they may hold are counted"
        yield Found(Promise.MOVES, move.source, what)
    source, target = evidence.ours.get(move.source), evidence.wanted.get(move.target)
    if source and target and not evidence.hardware(source) & target.traits:
        what = f"claims of its {move.source_class} move to other hardware"
        yield Found(Promise.MOVES, move.source, what)


def _roomy(after: ObservedProvider) -> Iterator[Found]:
    for name, used in sorted(after.used.items()):
        if used > capacity(after.inventories.get(name)):
            what = f"{used} of {name} move to it, and there is no room for them"
            yield Found(Promise.MOVES, after.uuid, what)


def _slots(after: ObservedProvider) -> Iterator[Found]:
    """The slots of a claim go where its devices go."""
    held = (after.consumers or {}).values()
    if any(each.get(names.SLOT) and not device_classes(each) for each in held):
        yield Found(Promise.MOVES, after.uuid, "slots stay behind their devices")
