"""A card that is offered whole and through its VFs: its slots let only one kind be claimed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pci_placement import names
from pci_placement.mapping.exclusive import SLOTS
from pci_placement.model import ObservedProvider, ProviderUuid, ResourceClass

from .breach import Promise
from .evidence import Evidence, device_classes
from .moment import capacity
from .rule import Found


def free(evidence: Evidence, have: ObservedProvider, name: ResourceClass) -> int:
    """How many devices of a class can be claimed now; slots count, where there are any."""
    room = _unused(evidence, have, name)
    if room > 0 and names.SLOT in have.inventories:
        each = SLOTS if is_whole(evidence, have.uuid, name) else 1
        room = min(room, _unused(evidence, have, names.SLOT) // each)
    return max(0, room)


def _unused(evidence: Evidence, have: ObservedProvider, name: ResourceClass) -> int:
    return capacity(have.inventories.get(name)) - evidence.used(have).get(name, 0)


def is_whole(evidence: Evidence, uuid: ProviderUuid, name: ResourceClass) -> bool:
    """Whether a class counts the whole card and not its VFs."""
    card = evidence.card(uuid)
    return card is not None and card in evidence.listed(uuid, name).get(card, ())


class Kinds(NamedTuple):
    """The class of the whole card and those of its VFs, where one provider has both."""

    whole: ResourceClass
    parts: list[ResourceClass]


class Exclusive:
    """Judges cards of which one provider has both kinds."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        several = (uuid for uuid, want in evidence.wanted.items() if len(want.inventories) > 1)
        kinds = {uuid: _kinds(evidence, uuid) for uuid in several}
        self._kinds = {uuid: found for uuid, found in kinds.items() if found}

    def after(self, before: ObservedProvider, after: ObservedProvider) -> list[Found]:
        """What a write offers though the other kind is in use, or can be claimed too."""
        kinds = self._kinds.get(after.uuid)
        if not kinds:
            return []
        was = set(_wrong(self._evidence, before, kinds))
        now = [found for found in _wrong(self._evidence, after, kinds) if found not in was]
        return [*now, *_unasked(self._evidence, after, kinds)]


def _kinds(evidence: Evidence, uuid: ProviderUuid) -> Kinds | None:
    classes = device_classes(evidence.wanted[uuid].inventories)
    whole = [n for n in classes if is_whole(evidence, uuid, n)] if len(classes) > 1 else []
    return Kinds(whole[0], [name for name in classes if name not in whole]) if whole else None


def _wrong(evidence: Evidence, have: ObservedProvider, kinds: Kinds) -> Iterator[Found]:
    whole = free(evidence, have, kinds.whole) > 0
    parts = any(free(evidence, have, name) for name in kinds.parts)
    if parts and have.used.get(kinds.whole):
        what = "VFs of it can be claimed, and the whole card is in use"
        yield Found(Promise.CLAIMED, have.uuid, what)
    if whole and any(have.used.get(name) for name in kinds.parts):
        what = "the whole card can be claimed, and VFs of it are in use"
        yield Found(Promise.CLAIMED, have.uuid, what)
    if whole and any(_reserved(have, name) for name in kinds.parts):
        what = "the whole card can be claimed, and VFs of it are reserved"
        yield Found(Promise.STICKY, have.uuid, what)
    if whole and parts and not _keeps_apart(evidence, have):
        what = "the whole card and VFs of it can be claimed at once"
        yield Found(Promise.ONCE, have.uuid, what)


def _reserved(have: ObservedProvider, name: ResourceClass) -> int:
    return have.inventories[name].reserved if name in have.inventories else 0


def _keeps_apart(evidence: Evidence, have: ObservedProvider) -> bool:
    """Whether its slots are too few for both kinds."""
    return names.SLOT in have.inventories and _unused(evidence, have, names.SLOT) <= SLOTS


def _unasked(evidence: Evidence, after: ObservedProvider, kinds: Kinds) -> Iterator[Found]:
    """Whether claims hold slots is a question to the claims, wherever a second kind is added."""
    start = evidence.ours.get(after.uuid)
    has = start.inventories if start else {}
    both = kinds.whole in has and names.SLOT in has and any(name in has for name in kinds.parts)
    if after.consumers is None and not both:
        what = "it gets its second kind, and nobody asked whether its claims hold slots"
        yield Found(Promise.ASKED, after.uuid, what)
