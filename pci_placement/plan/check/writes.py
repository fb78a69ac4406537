"""Names are known before they are used, and every write rests on what was read."""

from __future__ import annotations

from collections.abc import Iterator

from pci_placement import names
from pci_placement.model import (
    CreateProvider,
    DeleteProvider,
    DeleteResourceClass,
    DeleteTrait,
    MoveProvider,
    ProviderUuid,
    RenameProvider,
)

from .breach import Promise
from .evidence import Evidence
from .moment import Moment, Step
from .rule import Found

WITHOUT_GENERATION = (CreateProvider, MoveProvider, RenameProvider)
"""The kinds of action that Placement takes without a generation."""


def known_names(moment: Moment, step: Step) -> Iterator[Found]:
    """Which names an action needs and Placement has not."""
    classes, traits = step.action.used_names()
    if not (classes <= moment.classes and traits <= moment.traits):
        for name in sorted((*(classes - moment.classes), *(traits - moment.traits))):
            if name.startswith("CUSTOM_"):
                yield Found(Promise.NAMES, step.action.uuid, f"{name} is used before it is known")


def forgotten_names(step: Step) -> Iterator[Found]:
    """Which names an action that is about no provider forgets, and we did not make."""
    match step.action:
        case DeleteResourceClass(name) | DeleteTrait(name) if not names.is_of_our_making(name):
            yield Found(Promise.NAMES, ProviderUuid(""), f"{name} is not ours to forget")
        case _:
            pass


def generations(evidence: Evidence, moment: Moment, step: Step) -> Iterator[Found]:
    """Which writes would not notice that somebody else was there since all was read."""
    for uuid in step.uuids:
        have = evidence.ours.get(uuid)
        if have and evidence.plan.generations.get(uuid) != have.generation:
            yield Found(Promise.GENERATION, uuid, "it is written without the generation it has")
    if isinstance(step.action, DeleteProvider) and not step.action.empty_first:
        have = moment.providers.get(step.action.uuid)
        if have and have.inventories:
            # Placement deletes without regard to the generation; to empty it first has regard
            what = "it is deleted without being emptied first: a claim may just have come"
            yield Found(Promise.GENERATION, have.uuid, what)
