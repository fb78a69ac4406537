"""Names are known before they are used, and every write rests on what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from pci_placement import names
from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    DeleteResourceClass,
    DeleteTrait,
    EnsureResourceClass,
    EnsureTrait,
    MoveProvider,
    NameAction,
    ProviderUuid,
    RenameProvider,
)

from .breach import Promise
from .evidence import Evidence
from .moment import Moment, Step
from .rule import Found

_WITHOUT_GENERATION = (CreateProvider, MoveProvider, RenameProvider)
"""The kinds of action that Placement takes without a generation."""


def known_names(moment: Moment, step: Step) -> Iterable[Found]:
    """Which names an action needs and Placement has not."""
    if not (lacking := moment.lacks(step.action)):
        return ()
    what, uuid = "{} is used before it is known", step.action.uuid
    return [Found(Promise.NAMES, uuid, what.format(name)) for name in lacking]


def forgotten_names(action: NameAction) -> Iterable[Found]:
    """Which names an action that is about no provider forgets, and we did not make."""
    match action:
        case EnsureResourceClass() | EnsureTrait():
            return ()
        case DeleteResourceClass(name) | DeleteTrait(name):
            if names.is_of_our_making(name):
                return ()
            return [Found(Promise.NAMES, ProviderUuid(""), f"{name} is not ours to forget")]
        case _:
            assert_never(action)


def generations(evidence: Evidence, step: Step) -> Iterator[Found]:
    """Which writes would not notice that somebody else was there since all was read."""
    if isinstance(step.action, _WITHOUT_GENERATION):
        return
    for uuid in step.uuids & evidence.ours.keys():
        if evidence.plan.generations.get(uuid) != evidence.ours[uuid].generation:
            yield Found(Promise.GENERATION, uuid, "it is written without the generation it has")


def unemptied(moment: Moment, action: DeleteProvider) -> Iterator[Found]:
    """What is deleted at once: Placement does that without regard to the generation."""
    have = moment.providers.get(action.uuid)
    if have and have.inventories and not action.empty_first:
        what = "it is deleted without being emptied first: a claim may just have come"
        yield Found(Promise.GENERATION, have.uuid, what)
